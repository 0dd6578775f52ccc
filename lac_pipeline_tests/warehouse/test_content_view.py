"""Creatives with what they say and where they lead."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, select

from lac_pipeline.models.ad_contents import AdContent
from lac_pipeline.warehouse.load.ad_contents import AdContents
from lac_pipeline.warehouse.schema.tables import AdContentRow, Creative
from lac_pipeline.warehouse.schema.views.creative_content import VIEW
from lac_pipeline_tests.warehouse import advertising

OWN, POST, MESSAGE = "urn:li:sponsoredCreative:5", "urn:li:share:9", "urn:li:adInMailContent:3"
PAGE = "https://example.com/close?utm_source=linkedin"


def view_row(engine: Engine, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """The view's row of a creative, with the columns that a test is about."""
    with engine.begin() as connection:
        creative = {"id": 5, "account_id": 1, "campaign_id": 7, "name": "Blue", **fields}
        advertising.put(connection, Creative, creative)
        [row] = advertising.rows_of(connection, VIEW)
    return row


def test_a_creatives_own_content_comes_first(engine: Engine) -> None:
    """Each part comes from the creative, else from what it shows; the parts of a page come from where the page does."""
    own = AdContent(headline="Own", landing_page=PAGE)
    shown = AdContent("Post", "Text", "LEARN_MORE", "https://other.example/x?utm_medium=social")
    AdContents(engine).keep({OWN: own, POST: shown})
    row = view_row(engine, content_reference=POST)
    assert (row["headline"], row["text"], row["call_to_action"]) == ("Own", "Text", "LEARN_MORE")
    assert (row["landing_page"], row["landing_page_source"]) == (PAGE, "creative")
    assert (row["landing_page_host"], row["landing_page_path"]) == ("example.com", "/close")
    assert (row["utm_source"], row["utm_medium"]) == ("linkedin", None)


def test_a_page_may_stand_in_a_message(engine: Engine) -> None:
    """A creative with nothing of its own shows what its message says."""
    AdContents(engine).keep({MESSAGE: AdContent("Subject", "Hello", "Read", PAGE)})
    row = view_row(engine, content_reference=MESSAGE, leadgen_call_to_action={"destination": "urn:li:adForm:7"})
    assert (row["headline"], row["landing_page_source"], row["lead_form"]) == ("Subject", "message", "urn:li:adForm:7")


def test_what_cannot_be_read_is_null(engine: Engine) -> None:
    """A post that LinkedIn does not let be read leaves the creative in the view, with nothing known."""
    row = view_row(engine, content_reference=POST)
    unknown = ("headline", "text", "call_to_action", "lead_form", "landing_page", "landing_page_source", "utm_source")
    assert (row["creative_name"], [row[name] for name in unknown]) == ("Blue", [None] * 7)


def test_odd_urls_are_kept_whole(engine: Engine) -> None:
    """A URL that cannot be taken apart, and text that PostgreSQL cannot hold, break nothing."""
    AdContents(engine).keep({OWN: AdContent("NUL \0", landing_page="https://[x?utm_source=\0")})
    row = view_row(engine)
    assert (row["headline"], row["landing_page_host"]) == ("NUL \N{REPLACEMENT CHARACTER}", None)
    assert row["landing_page"] == "https://[x?utm_source=\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("urn", [f"{POST}\0", f"{POST}\ud800"])
def test_no_content_is_stored_of_a_text_that_postgresql_cannot_hold(engine: Engine, urn: str) -> None:
    """To look for it is no error, and finds the others."""
    AdContents(engine).keep({POST: AdContent("headline")})
    assert AdContents(engine).stored([urn, POST]) == {POST}


def test_a_content_that_did_not_change_is_not_touched(engine: Engine) -> None:
    """`updated_at` moves with a value, and an emptied content loses its values."""

    def times() -> dict[str, tuple[Any, Any]]:
        with engine.connect() as connection:
            rows = connection.execute(select(AdContentRow.urn, AdContentRow.updated_at, AdContentRow.headline)).all()
        return {urn: (updated_at, headline) for urn, updated_at, headline in rows}

    contents = AdContents(engine)
    many = {f"urn:li:share:{n}": AdContent(str(n)) for n in range(1_500)}
    contents.keep(many)
    before = times()
    contents.keep({**many, "urn:li:share:1": AdContent("new"), "urn:li:share:2": AdContent()})
    after = times()
    assert {urn for urn in many if before[urn] != after[urn]} == {"urn:li:share:1", "urn:li:share:2"}
    assert (after["urn:li:share:1"][1], after["urn:li:share:2"][1]) == ("new", None)
    assert contents.stored(["urn:li:share:2", "urn:li:share:x"]) == {"urn:li:share:2"}
