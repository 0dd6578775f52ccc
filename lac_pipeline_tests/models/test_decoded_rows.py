"""Rows decoded at once are the rows that validation gives record by record, or none: then validation decides."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lac_pipeline.errors import LacError
from lac_pipeline.linkedin.analytics.decoded_rows import DecodedRows
from lac_pipeline.linkedin.analytics.merge import Table
from lac_pipeline.linkedin.bodies import parse
from lac_pipeline.linkedin.metrics import BY_NAME, CORE, Kind
from lac_pipeline.linkedin.paging import ParsedResponse, elements_of
from lac_pipeline.models.row_decoder import Remembered
from lac_pipeline.models.validation import RecordValidator, validator_of
from lac_pipeline.streams.audiences import AUDIENCE_DEMOGRAPHICS
from lac_pipeline.streams.breakdowns import CAMPAIGN_BREAKDOWNS, DEVICE
from lac_pipeline.streams.conversions import CONVERSION_DAILY, CONVERSION_METRICS
from lac_pipeline.streams.daily_metrics import CREATIVE_DAILY
from lac_pipeline_tests.examples import examples
from lac_pipeline_tests.models.copied_rows import rows_of

ACCOUNT = 510000001
METRICS = tuple(
    BY_NAME[name] for name in ("impressions", "clicks", "approximateMemberReach", "costInUsd", "costPerQualifiedLead")
)
DAILY = validator_of(CREATIVE_DAILY, ACCOUNT, metrics=METRICS)
MONTHLY = validator_of(AUDIENCE_DEMOGRAPHICS, ACCOUNT, metrics=METRICS, pivot="MEMBER_INDUSTRY")
DEVICES = validator_of(CAMPAIGN_BREAKDOWNS, ACCOUNT, metrics=(*METRICS, BY_NAME["cardClicks"]), pivot=DEVICE)
CONVERSIONS = validator_of(CONVERSION_DAILY, ACCOUNT, metrics=CONVERSION_METRICS)

Element = list[tuple[str, str]]
"""The fields of an element and the JSON text of each, in order; a name may come twice."""


def day(number: int, *, end: int | None = None) -> str:
    """A range of days in November."""
    first, last = ({"year": 2026, "month": 11, "day": each} for each in (number, end or number))
    return json.dumps({"start": first, "end": last})


def element(number: int, **changes: str) -> Element:
    """A row as usual, of another creative or industry and day for each number; changes are JSON text."""
    fields = {
        "dateRange": day(1 + number % 28),
        "pivotValues": json.dumps([f"urn:li:sponsoredCreative:{number + 1}"]),
        "impressions": str(number),
        "clicks": "3",
        "costInUsd": '"12.50"',
        **changes,
    }
    return list(fields.items())


def written(elements: list[Element], *, paging: str = '{"start": 0, "count": 10}') -> bytes:
    """The response, half surrogates and all."""
    rows = ("{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in fields) + "}" for fields in elements)
    return f'{{"paging":{paging},"elements":[{",".join(rows)}]}}'.encode("utf-8", "surrogatepass")


def decoded(validator: RecordValidator, content: bytes) -> DecodedRows | None:
    """What the decoder takes of a response."""
    assert validator.decoder is not None
    return validator.decoder.decode(content)


def rows_in(validator: RecordValidator, rows: DecodedRows) -> list[tuple[object, ...]]:
    """Write COPY text, and read it back."""
    assert validator.decoder is not None
    return rows_of(validator.columns, validator.decoder.lines(rows).text)


def rows_one_by_one(validator: RecordValidator, content: bytes) -> list[tuple[object, ...]]:
    """The rows that parsing, joining and validating give; an error or a refused record is one too many."""
    body = parse(httpx.Response(200, content=content), subject="a test")
    response = ParsedResponse(body, "", "a test")
    table = Table(report="a test", calls=1)
    table.join(elements_of(response), response, window=None)
    page = validator.validate(table.elements)
    assert page.rejected == []
    assert not page.unknown_fields
    return page.rows


ODD = (
    "null", "true", "-1", "-0", "-0.0", "0", "3.0", "3.5", "1e2", "1e400", "1E5", "NaN", "Infinity", "-Infinity", "01",
    "9223372036854775807", "9223372036854775808", "9007199254740993", "9007199254740993.0", "9" * 5000,
    '"3"', '"3.0"', '""', '" 3"', '"3 "', '"3\\n"', '"1_000"', '"\\u0663"', '"NaN"', '"Infinity"', '"null"', '"007"',
    '"-12.5e-3"', '"1e999"', '"1e1000"',
    '"1.5E+2"', '".5"', '"5."', '"+5"', f'"{"9" * 1001}"', '"\\ud800"', '"\\udc00"',
    '"1,2"', '"1],[2"', '"1\\t2"', '"1\\n2"', '"1\\\\N"', '"1\\"2"', '"0\\",\\"1"', '"\\u0000"', "[]", "{}", '{"a":1}',
    '["urn:li:sponsoredCreative:7"]', '["urn:li:sponsoredCreative:007"]', '["urn:li:sponsoredCampaign:7"]',
    '["urn:li:sponsoredCreative:7","urn:li:sponsoredCreative:8"]', '["7"]', "[7]", '["urn:li:sponsoredCreative:0"]',
    '["urn:li:sponsoredCreative:9223372036854775808"]', '["urn:li:industry:\\ud83d\\ude00"]', '["\\ud83d"]', '["a,b"]',
    '["null"]', '["a\\\\b"]', '["a]"]', '[""]', '["\\u0000"]', '["x\\ty"]', f'["{"s" * 501}"]', '["Zürich"]',
    day(3), day(3, end=4), day(30), day(31), day(1, end=30),
    '{"start":{"year":2026,"month":11,"day":3.0},"end":{"year":2026,"month":11,"day":3}}',
    '{"start":{"year":2026,"month":11,"day":3},"end":{"year":2026,"month":11,"day":3.0}}',
    '{"start":{"year":2026,"month":11,"day":true},"end":{"year":2026,"month":11,"day":true}}',
    '{"start":{"year":2026,"month":11},"end":{"year":2026,"month":11}}', '{"start":{"year":2026,"month":11,"day":3}}',
)  # fmt: skip
"""What LinkedIn does not promise, or promises rarely, as JSON text."""

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
texts = st.sampled_from(ODD) | json_values.map(json.dumps) | st.decimals().map(lambda number: f'"{number}"')
names = st.sampled_from(["dateRange", "pivotValues", *(metric.name for metric in METRICS), "sparkle"])
changes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), names, texts), max_size=3)


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """A response of a few usual rows, with some fields put in anywhere, before or after those of the same name."""
    rows = [element(number) for number in range(draw(st.integers(1, 4)))]
    for row, place, name, text in draw(changes):
        fields = rows[row % len(rows)]
        if draw(st.booleans()):
            fields[:] = [(field, kept) for field, kept in fields if field != name]
        fields.insert(place, (name, text))
    return written(rows)


@pytest.mark.parametrize("validator", [DAILY, MONTHLY], ids=["daily", "monthly"])
@examples(400)
@given(responses())
@example(written([element(1), element(2, costInUsd='"0\\n1\\t2"')]))
def test_what_is_decoded_at_once_is_what_validation_gives(validator: RecordValidator, content: bytes) -> None:
    """Whatever stands in any field, the decoder gives the same rows as the slow way, or leaves the response to it."""
    rows = decoded(validator, content)
    if rows is not None:
        assert rows_in(validator, rows) == rows_one_by_one(validator, content)
        assert len(rows) == len(rows.periods)


@pytest.mark.parametrize("field", ["dateRange", "pivotValues", "impressions", "costInUsd", "costPerQualifiedLead"])
@pytest.mark.parametrize("validator", [DAILY, MONTHLY], ids=["daily", "monthly"])
def test_each_odd_value_in_each_kind_of_field(validator: RecordValidator, field: str) -> None:
    """No odd value in a field makes a row that validation would not make; some are as usual, most are not."""
    taken = 0
    for text in ODD:
        content = written([element(1), element(2, **{field: text}), element(3)])
        rows = decoded(validator, content)
        if rows is not None:
            taken += 1
            assert rows_in(validator, rows) == rows_one_by_one(validator, content), text
    assert 0 < taken < len(ODD) / 3


CALLS = (("impressions", "costInUsd"), ("clicks", "approximateMemberReach", "costPerQualifiedLead"))
"""The metrics of two calls for the same rows."""


@st.composite
def calls(draw: st.DrawFn) -> list[bytes]:
    """The responses of two calls: each leaves rows out, and may hold something odd."""
    contents = []
    for metrics in CALLS:
        rows = [element(number) for number in range(4) if draw(st.booleans())] or [element(0)]
        kept = {"dateRange", "pivotValues", *metrics}
        rows = [[(name, text) for name, text in fields if name in kept] for fields in rows]
        for row, place, name, text in draw(changes.map(lambda made: made[:1])):
            rows[row % len(rows)].insert(place, (name if name in kept else metrics[0], text))
        contents.append(written(rows))
    return contents


def joined(validator: RecordValidator, contents: list[bytes], *, decoding: bool) -> tuple[object, ...]:
    """The rows and the refusals that a tile's responses give, or the error."""
    table = Table(report="a test", calls=len(contents), decoder=validator.decoder if decoding else None)
    try:
        for content, metrics in zip(contents, CALLS, strict=True):
            rows = decoded(validator, content) if decoding else None
            body = {} if rows is not None else parse(httpx.Response(200, content=content), subject="a test")
            table.add(ParsedResponse(body, "", "a test", rows), window=None, metrics=metrics)
    except LacError as error:
        return (str(error),)
    if (lines := table.lines) is not None:
        assert table.elements == []
        return rows_of(validator.columns, lines.text), []
    page = validator.validate(table.elements)
    return page.rows, [
        (record.record_id, record.field, record.value, record.reason, record.key) for record in page.rejected
    ]


PAIRS = (
    "null", "{}", "[]", '["urn:li:sponsoredCampaign:7"]', '["urn:li:sponsoredCampaign:7",null]',
    '["urn:li:sponsoredCampaign:7",8]', '[7,"MOBILE_APP"]', '["7","MOBILE_APP"]',
    *(
        json.dumps(["urn:li:sponsoredCampaign:7", text])
        for text in (
            "", "(unknown)", "null", "nullable", "MOBILE_APP", "a,b", "a]", "[a", "],[[", '],"', "a\tb", "a\\N", "\\N",
            "\0", "Zürich", "7", "true", "s" * 501, "urn:lla:llaPartnerConversion:7",
        )
    ),
    '["urn:li:sponsoredCampaign:7","\\ud83d"]', '["urn:li:sponsoredCampaign:007","MOBILE_APP"]',
    '["urn:lla:sponsoredCampaign:7","MOBILE_APP"]', '["urn:li:sponsoredCampaign:0","MOBILE_APP"]',
    '["urn:li:sponsoredCreative:7","MOBILE_APP"]', '["urn:li:sponsoredCampaign:7","MOBILE_APP","x"]',
    '["urn:li:sponsoredCreative:7","urn:lla:llaPartnerConversion:8"]', '["urn:li:sponsoredCreative:7","8"]',
    '["urn:li:sponsoredCreative:7","urn:li:llaPartnerConversion:8"]', '["urn:li:sponsoredCreative:7",8]',
    '["urn:li:sponsoredCreative:7","urn:lla:llaPartnerConversion:08"]',
)  # fmt: skip
"""Values of rows that have two of them, as JSON text."""
USUAL_PAIRS = {
    "devices": '["urn:li:sponsoredCampaign:1","DESKTOP"]',
    "conversions": '["urn:li:sponsoredCreative:1","urn:lla:llaPartnerConversion:2"]',
}
VALUE = "conversionValueInLocalCurrency"
of_two_values = pytest.mark.parametrize(
    ("validator", "usual"),
    [(DEVICES, USUAL_PAIRS["devices"]), (CONVERSIONS, USUAL_PAIRS["conversions"])],
    ids=USUAL_PAIRS.keys(),
)
pairs = st.sampled_from(PAIRS) | st.lists(st.text(), max_size=3).map(json.dumps)


def pair_row(validator: RecordValidator, number: int, values: str, **changed: str) -> Element:
    """A row of two values, of another day for each number."""
    count, amount = ("clicks", "costInUsd") if validator is DEVICES else ("externalWebsiteConversions", VALUE)
    fields = {"dateRange": day(1 + number % 28), "pivotValues": values, count: "3", amount: '"2.5"'}
    return list((fields | changed).items())


@of_two_values
@examples(300)
@given(
    st.lists(pairs, max_size=3),
    texts,
    st.sampled_from(["dateRange", "cardClicks", "costInUsd", "externalWebsiteConversions"]),
)
def test_rows_of_two_values_are_decoded_as_validation_gives_them(
    validator: RecordValidator, usual: str, values: list[str], text: str, name: str
) -> None:
    """Whatever two values a row has, the decoder gives the same rows, or none."""
    rows = [pair_row(validator, number, each) for number, each in enumerate([usual, *values])]
    for content in (written(rows), written([*rows, pair_row(validator, 9, usual, **{name: text})])):
        taken = decoded(validator, content)
        if taken is not None:
            assert rows_in(validator, taken) == rows_one_by_one(validator, content)


@of_two_values
def test_each_odd_pair_of_values(validator: RecordValidator, usual: str) -> None:
    """No odd pair makes a row that validation would not make, and the usual ones are decoded."""
    decoded_pairs = []
    for values in PAIRS:
        content = written([pair_row(validator, 1, usual), pair_row(validator, 2, values)])
        rows = decoded(validator, content)
        if rows is not None:
            decoded_pairs.append(values)
            assert rows_in(validator, rows) == rows_one_by_one(validator, content), values
    assert 0 < len(decoded_pairs) < len(PAIRS) / 2


@pytest.mark.parametrize("text", ["", "null", "MOBILE_APP", "Zürich"])
def test_usual_values_beside_an_id_are_decoded(text: str) -> None:
    """Text as LinkedIn sends it beside a campaign is taken at once, the empty one under its own name."""
    rows = decoded(DEVICES, written([pair_row(DEVICES, 1, json.dumps(["urn:li:sponsoredCampaign:7", text]))]))
    assert rows is not None
    [row] = rows_in(DEVICES, rows)
    assert row[:3] == (7, text or "(unknown)", date(2026, 11, 2))


@pytest.mark.parametrize("values", [["urn:li:sponsoredCampaign:7", "(unknown)"], ["urn:li:sponsoredCampaign:07", ""]])
def test_another_spelling_of_a_value_is_left_to_validation(values: list[str]) -> None:
    """The text that stands for the empty one, and a padded number, may name the row of another call."""
    assert decoded(DEVICES, written([pair_row(DEVICES, 1, json.dumps(values))])) is None


def test_a_metric_that_was_not_requested_is_unknown_in_decoded_rows() -> None:
    """A sum that another breakdown counts is NULL, not zero, in the rows of devices; one that was requested is zero."""
    rows = decoded(DEVICES, written([[("dateRange", day(3)), ("pivotValues", USUAL_PAIRS["devices"])]]))
    assert rows is not None
    [row] = rows_in(DEVICES, rows)
    named = dict(zip(DEVICES.columns, row, strict=True))
    assert (named["campaign_id"], named["value"], named["breakdown"]) == (1, "DESKTOP", DEVICE)
    assert (named["card_clicks"], named["clicks"]) == (None, 0)


@pytest.mark.parametrize("validator", [DAILY, MONTHLY], ids=["daily", "monthly"])
@examples(300)
@given(calls())
def test_calls_joined_as_decoded_rows_give_what_joined_elements_give(
    validator: RecordValidator, contents: list[bytes]
) -> None:
    """Two calls for the same rows give the same rows, refusals or error, whichever of them could be decoded."""
    assert joined(validator, contents, decoding=True) == joined(validator, contents, decoding=False)


def test_calls_in_the_usual_form_are_joined_as_decoded_rows() -> None:
    """A row that one call leaves out keeps what its metrics are without it: 0 for a sum, NULL for what is none."""
    key = {"pivotValues", "dateRange"}
    both, first, second = (element(number, approximateMemberReach="40") for number in (1, 2, 3))
    responses = [
        written([[field for field in fields if field[0] in key | set(metrics)] for fields in rows])
        for metrics, rows in zip(CALLS, ([both, first], [second, both]), strict=True)
    ]
    rows, refused = joined(DAILY, responses, decoding=True)
    assert refused == []
    assert rows == [
        (2, date(2026, 11, 2), 1, 3, 40, Decimal("12.50"), None, ACCOUNT),
        (3, date(2026, 11, 3), 2, 0, None, Decimal("12.50"), None, ACCOUNT),
        (4, date(2026, 11, 4), 0, 3, 40, Decimal(0), None, ACCOUNT),
    ]


def test_usual_rows_are_decoded() -> None:
    """A response as LinkedIn sends it is taken at once; a metric that is left out is 0 where it is a sum, else NULL."""
    rows = decoded(DAILY, written([element(1), element(2, approximateMemberReach="40", costInUsd='"198.42000002"')]))
    assert rows is not None
    assert rows_in(DAILY, rows) == [
        (2, date(2026, 11, 2), 1, 3, None, Decimal("12.50"), None, ACCOUNT),
        (3, date(2026, 11, 3), 2, 3, 40, Decimal("198.42000002"), None, ACCOUNT),
    ]
    assert rows.keys() == [(date(2026, 11, 2), "2"), (date(2026, 11, 3), "3")]


def test_segments_are_decoded_with_their_pivot() -> None:
    """A month's segments carry the pivot and the account that were requested."""
    pivots = {"pivotValues": '["urn:li:industry:4"]', "dateRange": day(1, end=30)}
    rows = decoded(MONTHLY, written([element(7, **pivots)]))
    assert rows is not None
    [row] = rows_in(MONTHLY, rows)
    named = dict(zip(MONTHLY.columns, row, strict=True))
    assert (named["month"], named["segment"]) == (date(2026, 11, 1), "urn:li:industry:4")
    assert (named["pivot_type"], named["account_id"]) == ("MEMBER_INDUSTRY", ACCOUNT)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"elements":[]}',
        b'{"elements":null}',
        written([element(1)])[:-5],
        written([element(1)]) + b"x",
        written([element(1)], paging="null"),
        written([element(1)]).replace(b'"paging"', b'"sparkle"'),
        written([element(1), element(1)]),
        written([element(1)]).replace(b"sponsoredCreative", b"sponsored\xffCreative"),
        b'{"elements":' + b"[" * 100_000,
        written([element(1, dateRange="[" * 100_000 + "]" * 100_000)]),
    ],
)
def test_responses_that_are_left_to_validation(content: bytes) -> None:
    """Without a row, cut, no JSON, with an unknown field, with a row twice, or nested without end: nothing is taken."""
    assert decoded(DAILY, content) is None


def test_all_is_forgotten_when_too_much_is_remembered() -> None:
    """However many pieces come, few are remembered, and each is read right."""
    remembered = Remembered(lambda number: number + 1, most=3)
    assert [remembered[b"%d" % number] for number in (1, 2, 1, 3, 4, 5, 1)] == [2, 3, 2, 4, 5, 6, 2]
    assert len(remembered) <= 3


def test_the_core_metrics_are_decoded() -> None:
    """The metrics of one call, as they are chosen by default, fill their columns."""
    core = [BY_NAME[name] for name in CORE]
    validator = validator_of(CREATIVE_DAILY, ACCOUNT, metrics=tuple(core))
    values = {metric.name: "7" if metric.kind is Kind.COUNT else '"7.25"' for metric in core}
    content = written([element(1, **values)])
    rows = decoded(validator, content)
    assert rows is not None
    assert rows_in(validator, rows) == rows_one_by_one(validator, content)
