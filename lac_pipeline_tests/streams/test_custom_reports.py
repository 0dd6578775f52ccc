"""The file of declared reports: what is read from it, and how everything that is wrong in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from lac_pipeline.errors import ConfigError, SettingsError
from lac_pipeline.linkedin.api_versions import DEFAULT_VERSION
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, Partitioning, stream_of
from lac_pipeline.streams.custom_reports import read_reports

GOOD = {
    "name": '"devices"',
    "pivots": '["CAMPAIGN", "IMPRESSION_DEVICE_TYPE"]',
    "granularity": '"DAILY"',
    "metrics": '["impressions", "costInLocalCurrency"]',
}


def written(folder: Path, *reports: dict[str, str]) -> Path:
    """A file that declares these reports, each value written as TOML has it."""
    parts = ["[[report]]\n" + "".join(f"{key} = {value}\n" for key, value in report.items()) for report in reports]
    path = folder / "reports.toml"
    path.write_text("\n".join(parts))
    return path


def test_a_declared_report_is_a_stream(tmp_path: Path) -> None:
    """It has a name, a group, partitions, metrics and pivots of its own, and the table that all reports share."""
    (stream,) = read_reports(written(tmp_path, GOOD), version=DEFAULT_VERSION)
    report = stream.report
    assert report is not None
    assert (stream.name, stream.table, stream.day_column) == ("report_devices", "custom_reports", "date")
    assert (stream.group, stream.partitioning) == (AssetGroup.REPORTS, Partitioning.ACCOUNT_DAY)
    assert report.requested("IMPRESSION_DEVICE_TYPE") == ("CAMPAIGN", "IMPRESSION_DEVICE_TYPE")
    assert [metric.name for metric in report.metrics] == ["impressions", "costInLocalCurrency"]


def test_a_file_may_begin_with_the_mark_of_windows_editors(tmp_path: Path) -> None:
    """A byte order mark is no part of the text."""
    path = written(tmp_path, GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [stream.name for stream in read_reports(path, version=DEFAULT_VERSION)] == ["report_devices"]


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("name", '"Devices!"', "name: must be lower-case letters, digits and _"),
        ("name", '"campaigns"', "name: a stream has it"),
        ("name", f'"{"a" * 51}"', "at most 50"),
        ("pivots", '["CAMPAING"]', "report devices, pivots: unknown pivot: CAMPAING; did you mean CAMPAIGN"),
        ("pivots", '["ACCOUNT", "CAMPAIGN", "CREATIVE", "CONVERSION"]', "at most 3 pivots, and these are 4"),
        ("pivots", '["CAMPAIGN", "MEMBER_INDUSTRY"]', "does not split a report by MEMBER_INDUSTRY and anything else"),
        ("pivots", '["CAMPAIGN", "CAMPAIGN"]', "each once"),
        ("pivots", "[]", "pivots: must be a list of LinkedIn's names"),
        ("pivots", '"CAMPAIGN"', "pivots: must be a list of LinkedIn's names"),
        ("granularity", '"WEEKLY"', "granularity: unknown granularity: WEEKLY; known: DAILY, MONTHLY"),
        ("granularity", "3", "unknown granularity: 3"),
        ("granularity", '["DAILY"]', "unknown granularity: ['DAILY']"),
        ("granularity", "{ day = 1 }", "unknown granularity: {'day': 1}"),
        ("pivots", '["X"]', "unknown pivot: X; known: ACCOUNT, CAMPAIGN"),
        ("metrics", '["X"]', "unknown metric: X; docs/metrics.md lists them all"),
        ("metrics", '["impresions"]', "metrics: unknown metric: impresions; did you mean impressions"),
        ("metrics", '["approximateMemberReach"]', "LinkedIn gives no approximateMemberReach by IMPRESSION_DEVICE_TYPE"),
        ("metrics", "[1]", "metrics: must be a list of LinkedIn's names"),
        ("metric", '["clicks"]', "metric: unknown key: metric; did you mean metrics"),
    ],
)
def test_what_is_wrong_in_a_report_is_named(tmp_path: Path, key: str, value: str, says: str) -> None:
    """The error names the file, the report, the key, and what was probably meant."""
    path = written(tmp_path, {**GOOD, key: value})
    with pytest.raises(ConfigError) as caught:
        read_reports(path, version=DEFAULT_VERSION)
    assert str(path) in caught.value.summary
    assert says in str(caught.value.detail)
    assert caught.value.meaning
    assert caught.value.fix


@pytest.mark.parametrize(
    ("pivots", "refused"),
    [
        ('["CAMPAIGN_GROUP", "PLACEMENT_NAME"]', []),
        ('["CREATIVE", "CAMPAIGN"]', []),
        ('["CREATIVE", "PLACEMENT_NAME"]', ["CREATIVE", "PLACEMENT_NAME"]),
        ('["CAMPAIGN", "IMPRESSION_DEVICE_TYPE"]', ["IMPRESSION_DEVICE_TYPE"]),
    ],
)
def test_penetration_needs_one_pivot_with_an_audience(tmp_path: Path, pivots: str, refused: list[str]) -> None:
    """A campaign beside the other pivots is enough for audiencePenetration, unless one of them excludes it."""
    report = GOOD | {"pivots": pivots, "metrics": '["audiencePenetration"]'}
    path = written(tmp_path, report)
    if refused:
        with pytest.raises(ConfigError) as caught:
            read_reports(path, version=DEFAULT_VERSION)
        lines = str(caught.value.detail).splitlines()
        assert [line.rpartition(" ")[2] for line in lines] == refused
        return
    (stream,) = read_reports(path, version=DEFAULT_VERSION)
    settings = Settings.model_construct(linkedin_api_version=DEFAULT_VERSION)
    assert [metric.name for metric in settings.metrics_of(stream)] == ["audiencePenetration"]


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    """A key that is missing, a second report of a name, and a wrong pivot of another report are three lines."""
    without = {key: value for key, value in GOOD.items() if key != "metrics"}
    path = written(tmp_path, without, {**GOOD, "pivots": '["CREATIV"]'})
    with pytest.raises(ConfigError) as caught:
        read_reports(path, version=DEFAULT_VERSION)
    assert str(caught.value.detail).splitlines() == [
        "report devices, metrics: is missing",
        "report devices, pivots: unknown pivot: CREATIV; did you mean CREATIVE?",
        "report devices, name: 2 reports have it",
    ]


def test_what_an_older_api_version_lacks_is_named(tmp_path: Path) -> None:
    """A pivot and a metric that came later are refused with the version that brought them."""
    report = GOOD | {"pivots": '["MEMBER_DESIGNATED_MARKET_AREA"]', "metrics": '["appointmentsScheduled"]'}
    with pytest.raises(ConfigError) as caught:
        read_reports(written(tmp_path, report), version="202601")
    assert "since API version 202609; LINKEDIN_API_VERSION is 202601" in str(caught.value.detail)
    assert "since API version 202605; LINKEDIN_API_VERSION is 202601" in str(caught.value.detail)


@pytest.mark.parametrize(
    ("text", "says"),
    [("[[report]\n", "line 1"), ("report = 3\n", "two brackets"), ("[devices]\n", "unknown key: devices")],
)
def test_a_file_that_declares_no_reports_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """Text that is no TOML is named with its line, and so is a table that is no report."""
    path = tmp_path / "reports.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_reports(path, version=DEFAULT_VERSION)
    assert says in str(caught.value)


def test_the_setting_is_checked_at_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that is not there, or one that declares a wrong report, is a wrong setting like any other."""
    monkeypatch.setenv("LINKEDIN_CLIENT_ID", "86abc")
    monkeypatch.setenv("LINKEDIN_CLIENT_SECRET", "s3cret")
    monkeypatch.setenv("LAC_ENV_FILE", "")
    monkeypatch.setenv("LAC_REPORTS", str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match="wrong setting: LAC_REPORTS") as caught:
        Settings.load()
    assert "No such file" in str(caught.value)
    assert "correct the file that LAC_REPORTS names" in str(caught.value.fix)
    monkeypatch.setenv("LAC_REPORTS", str(written(tmp_path, GOOD)))
    settings = Settings.load()
    assert settings.streams.names[-1] == "report_devices"
    assert stream_of("report_devices") == settings.reports[0]
