"""Frozen views: a change of a view is one source and one migration, which holds that view alone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, inspect, select

from lac_pipeline.warehouse import migrate
from lac_pipeline.warehouse.frozen_views import freeze
from lac_pipeline.warehouse.revision import migrations_folder
from lac_pipeline.warehouse.schema.tables import SCHEMA, CampaignGroup
from lac_pipeline.warehouse.schema.view import View, ViewColumn, columns_of
from lac_pipeline.warehouse.schema.views import VIEWS

MIGRATION = """
from pathlib import Path
from lac_pipeline.warehouse.frozen_views import apply, revert
revision, down_revision = "{revision}", "{before}"
FOLDER = Path(__file__).parents[1] / "views" / revision
def upgrade():
    apply(FOLDER)
def downgrade():
    revert(FOLDER)
"""
GROUPS = View(
    name="campaign_group_states",
    grain="One row per status of campaign groups: it's a count.",
    columns=(*columns_of(CampaignGroup, "g", "status"), ViewColumn("groups", "count(*)", "How many; see urn :a.")),
    rows="FROM linkedin_ads.campaign_groups g GROUP BY g.status",
)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A copy of the migrations, to which a test adds."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder)
    return folder


def add(migrations: Path, revision: str, before: str, *views: View) -> list[str]:
    """Add a migration that freezes what changed; return the names of the views in it."""
    (migrations / "versions" / f"{revision}.py").write_text(MIGRATION.format(revision=revision, before=before))
    return freeze(migrations / "views" / revision, (*VIEWS, *views))


def state(engine: Engine, view: View) -> tuple[str | None, dict[str, str | None]]:
    """The definition and the comments of a view in the database."""
    inspector = inspect(engine)
    comments = {column["name"]: column["comment"] for column in inspector.get_columns(view.name, SCHEMA)}
    with engine.connect() as connection:
        return connection.scalar(select(func.pg_get_viewdef(f"{SCHEMA}.{view.name}"))), comments


def test_every_view_is_frozen_as_it_is(tmp_path: Path) -> None:
    """The newest copies equal the sources, so that no change of a view is left without a migration."""
    folder = tmp_path / "views"
    shutil.copytree(migrations_folder() / "views", folder)
    assert freeze(folder / "9999") == []


def test_a_new_view_is_one_source_and_one_migration(engine: Engine, warehouse_url: str, migrations: Path) -> None:
    """The migration holds the new view alone, makes it with its comments, and takes it away again."""
    assert add(migrations, "9998", migrate.head(), GROUPS) == [GROUPS.name]
    migrate.upgrade(warehouse_url, script_location=migrations)
    assert state(engine, GROUPS)[1] == {column.name: column.comment for column in GROUPS.columns}
    assert inspect(engine).get_table_comment(GROUPS.name, SCHEMA)["text"] == GROUPS.grain
    migrate.downgrade(warehouse_url, migrate.head(), script_location=migrations)
    assert GROUPS.name not in inspect(engine).get_view_names(SCHEMA)


def test_a_changed_view_comes_back_as_it_was(engine: Engine, warehouse_url: str, migrations: Path) -> None:
    """A later migration holds the changed view alone; its way down gives the earlier columns and comments back."""
    add(migrations, "9998", migrate.head(), GROUPS)
    migrate.upgrade(warehouse_url, script_location=migrations)
    before = state(engine, GROUPS)
    wider = replace(GROUPS, columns=(*GROUPS.columns, ViewColumn("newest", "max(g.created_at)", "The newest.")))
    assert add(migrations, "9999", "9998", wider) == [GROUPS.name]
    migrate.upgrade(warehouse_url, script_location=migrations)
    assert [*state(engine, wider)[1]] == ["status", "groups", "newest"]
    migrate.downgrade(warehouse_url, "9998", script_location=migrations)
    assert state(engine, GROUPS) == before
