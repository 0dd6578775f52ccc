"""How documents and snapshots are kept: whole, in place of the last one, and in a table that migrates both ways."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect
from upath import UPath

from lac_pipeline.archive.documents import Documents
from lac_pipeline.errors import ArchiveError
from lac_pipeline.warehouse.load.snapshots import AccountSnapshots
from lac_pipeline.warehouse.migrate import downgrade, upgrade

DOCUMENT = {"schema_version": "1.0", "as_of": "2026-11-20", "cost": "12.30", "names": ["🚀"]}


def test_a_document_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    """The name stays the same, the content is new, and no draft is left beside it."""
    documents = Documents(str(tmp_path))
    places = [documents.write("reports/1/2026-11-20.html", text) for text in ("old", "new 🚀")]
    assert places[0] == places[1] == str(tmp_path / "reports" / "1" / "2026-11-20.html")
    assert Path(places[1]).read_text("utf-8") == "new 🚀"
    assert [child.name for child in Path(places[1]).parent.iterdir()] == ["2026-11-20.html"]


def test_a_document_goes_to_an_object_store_too() -> None:
    """A URL of another scheme is written to, and returned, as it is."""
    place = Documents("memory://bucket/home").write("snapshots/1/2026-11-20.json", "{}")
    assert UPath(place).read_text() == "{}"
    assert place.endswith("bucket/home/snapshots/1/2026-11-20.json")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error names the document, and how to fix it."""
    (tmp_path / "reports").write_text("a file where a folder should be")
    with pytest.raises(ArchiveError, match=r"reports/1\.html cannot be written") as failure:
        Documents(str(tmp_path)).write("reports/1.html", "page")
    assert "LAC_RAW_URL" in str(failure.value.fix)


def test_the_latest_snapshot_is_kept(engine: Engine) -> None:
    """One row per account, which holds the document that was kept last."""
    snapshots = AccountSnapshots(engine)
    assert snapshots.latest(1) is None
    snapshots.keep(1, DOCUMENT)
    snapshots.keep(2, DOCUMENT)
    snapshots.keep(1, {**DOCUMENT, "as_of": "2026-11-21"})
    assert snapshots.latest(1) == {**DOCUMENT, "as_of": "2026-11-21"}
    assert snapshots.latest(2) == DOCUMENT


def test_the_table_can_be_taken_down_and_put_up_again(warehouse_url: str, engine: Engine) -> None:
    """The migration undoes what it did, and nothing else."""
    before = set(inspect(engine).get_table_names(schema="linkedin_ads"))
    downgrade(warehouse_url, "0001")
    assert before - set(inspect(engine).get_table_names(schema="linkedin_ads")) >= {"account_snapshots"}
    upgrade(warehouse_url)
    assert set(inspect(engine).get_table_names(schema="linkedin_ads")) == before
