"""The performance report in a real browser: on a wide screen, on a phone and on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

from lac_pipeline.reporting.activity import Baseline
from lac_pipeline.reporting.report import render_report
from lac_pipeline.reporting.snapshot import build_snapshot
from lac_pipeline_tests.reporting.account_rows import ACCOUNT, AS_OF, SYNCED, account, creative, segment, sums
from lac_pipeline_tests.reporting.test_report_sections import device, full

pytestmark = pytest.mark.browser

LONG = "AMER - Whitepaper: month end in 3 days (retargeting, lookalikes, second flight)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; where none is installed, the tests are skipped."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium is installed: `apt-get install chromium`")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of an account with large amounts and long names, in every section."""
    rows = full()
    spend = {"impressions": 1_234_567, "clicks": 23_456, "one_click_leads": 345}
    rows = replace(
        rows,
        account=account(name=LONG),
        campaigns=[{**row, "name": LONG, "objective_type": "LEAD_GENERATION"} for row in rows.campaigns],
        campaign_sums=[{**row, **sums("1234567.89", **spend)} for row in rows.campaign_sums],
        creative_sums=[creative(9, "98765.43", name=LONG, impressions=987_654)],
        day_sums=[{"date": AS_OF - timedelta(days=n), **sums(f"{90 - n}5432.1", **spend)} for n in range(90)],
        breakdown_sums=[*rows.breakdown_sums, {**device("ON_SITE", 9_876_543), "breakdown": "SERVING_LOCATION"}],
        segment_sums=[segment(f"urn:li:industry:{n}", n * 1000, "MEMBER_INDUSTRY") for n in range(1, 8)],
    )
    baseline = Baseline(AS_OF - timedelta(days=1), SYNCED - timedelta(days=1))
    place = tmp_path_factory.mktemp("report") / "report.html"
    place.write_text(render_report(build_snapshot(ACCOUNT, AS_OF, rows, states=[], names={}, baseline=baseline)))
    return place


_CUT_OFF = """() => [
  ...(document.documentElement.scrollWidth > innerWidth ? ["the page"] : []),
  ...[...document.querySelectorAll(".card, h1, p")].filter(part => part.scrollWidth > part.clientWidth + 1).map(
    part => part.textContent.trim().slice(0, 60)),
]"""
_LABELS = """() => [...document.querySelectorAll("svg.chart")].flatMap(chart => {
  const frame = chart.getBoundingClientRect(), labels = [...chart.querySelectorAll("text")]
  const boxes = labels.map(label => label.getBoundingClientRect())
  return labels.filter((label, n) => {
    const box = boxes[n], outside = box.left < frame.left - 0.5 || box.right > frame.right + 0.5
    const covered = boxes.some((other, m) => m > n && box.left < other.right && other.left < box.right
      && box.top < other.bottom - 3 && other.top < box.bottom - 3)
    return outside || covered || box.height < 9
  }).map(label => label.textContent)
})"""


@pytest.mark.parametrize(("width", "media"), [(1200, "screen"), (390, "screen"), (703, "print")], ids=str)
def test_nothing_is_cut_off(browser: Browser, report: Path, width: int, media: Literal["screen", "print"]) -> None:
    """No part is wider than its card, and each label of a chart is whole, apart from the others, and large enough.

    An A4 page has 703 pixels between its margins.
    """
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.emulate_media(media=media)
    page.goto(report.as_uri())
    assert page.evaluate(_CUT_OFF) == []
    assert page.evaluate(_LABELS) == []
    page.context.close()


def test_the_page_requests_nothing(browser: Browser, report: Path) -> None:
    """The browser fetches the file itself and nothing else, and shows no error."""
    page = browser.new_page()
    requested: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(report.as_uri())
    assert requested == [report.as_uri()]
    assert errors == []
    page.close()


def test_charts_have_words(browser: Browser, report: Path) -> None:
    """Each picture has a name for who does not see it, and each chart a sentence with its numbers."""
    page = browser.new_page()
    page.goto(report.as_uri())
    assert page.evaluate("() => [...document.querySelectorAll('svg')].filter(svg => !svg.querySelector('title'))") == []
    described = page.evaluate("() => [...document.querySelectorAll('svg.chart desc')].map(text => text.textContent)")
    assert len(described) == 2
    assert described[0].startswith("23 Aug 2026 to 20 Nov 2026: on average ")
    page.close()
