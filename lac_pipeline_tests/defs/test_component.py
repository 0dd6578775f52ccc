"""The pipeline as a component of another Dagster project, loaded from `defs.yaml` as `dg` does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from dagster.components.core.component_tree import ComponentTreeException
from dagster.components.testing.utils import create_defs_folder_sandbox

from lac_pipeline import LinkedInAdsComponent
from lac_pipeline.clock import utc_now
from lac_pipeline.defs.assets.report import REPORT
from lac_pipeline.defs.assets.snapshot import SNAPSHOT
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.sensors.alert_sensor import failed_runs
from lac_pipeline.errors import ConfigError, LacError, SettingsError, UnknownNameError
from lac_pipeline.simulator.world.world import World
from lac_pipeline.streams import STREAMS
from lac_pipeline_tests.defs.conftest import Pipeline

FIVE_LINES = """type: lac_pipeline.LinkedInAdsComponent
attributes:
  database_url: "{{ env.ADS_DATABASE_URL }}"
  client_id: "{{ env.ADS_CLIENT_ID }}"
  client_secret: "{{ env.ADS_CLIENT_SECRET }}"
"""
GIVEN = {
    "ADS_DATABASE_URL": "postgresql://ads@127.0.0.1:1/absent",
    "ADS_CLIENT_ID": "app",
    "ADS_CLIENT_SECRET": "key",
    "ADS_ACCESS_TOKEN": "token",
}
SENSORS = {"account_discovery_sensor", "alert_sensor", "freshness_sensor", "housekeeping_sensor"}
SCHEDULES = {"daily_report", "nightly_restatement", "weekly_demographics", "weekly_restatement"}


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the templates of `defs.yaml` name."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)


@contextmanager
def project(**components: str) -> Iterator[dg.Definitions]:
    """Load a project whose folders of these names hold these `defs.yaml`."""
    with create_defs_folder_sandbox() as sandbox:
        (sandbox.defs_folder_path / "__init__.py").touch()
        for folder, text in components.items():
            (sandbox.defs_folder_path / folder).mkdir()
            (sandbox.defs_folder_path / folder / "defs.yaml").write_text(text)
        with sandbox.build_all_defs() as definitions:
            yield definitions


def with_lines(*lines: str) -> str:
    """The five lines and further attributes."""
    return FIVE_LINES + "".join(f"  {line}\n" for line in lines)


def error_of(text: str) -> LacError:
    """Why a project with this `defs.yaml` does not load."""
    with pytest.raises(ComponentTreeException) as caught, project(ads=text):
        pass
    assert isinstance(caught.value.__cause__, LacError)
    return caught.value.__cause__


def names_of(definitions: dg.Definitions) -> dict[str, set[str]]:
    """What is in a code location, by kind."""
    repository = definitions.get_repository_def()
    graph = definitions.resolve_asset_graph()
    return {
        "assets": {key.to_user_string() for key in graph.get_all_asset_keys()},
        "groups": {str(graph.get(key).group_name) for key in graph.get_all_asset_keys()},
        "sensors": {sensor.name for sensor in repository.sensor_defs},
        "schedules": {schedule.name for schedule in repository.schedule_defs},
        "partitions": {
            str(definition.name)
            for definition in graph.all_partitions_defs
            if isinstance(definition, dg.DynamicPartitionsDefinition)
        },
        "resources": set(definitions.resources or {}),
    }


def test_five_lines_load_everything() -> None:
    """All default streams, the documents, sensors and schedules, by the names that they have without a project."""
    with project(ads=FIVE_LINES) as definitions:
        dg.Definitions.validate_loadable(definitions)
        found = names_of(definitions)
    assert found["assets"] == {*STREAMS.chosen("default").names, SNAPSHOT, REPORT}
    assert (found["sensors"], found["schedules"]) == (SENSORS, SCHEDULES)
    assert found["partitions"] == {"linkedin_account"}


def test_nothing_is_read_from_the_environment_but_by_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's own environment, where DATABASE_URL may mean another database, changes nothing."""
    monkeypatch.setenv("LAC_STREAMS", "campaigns")
    monkeypatch.setenv("LINKEDIN_API_VERSION", "nonsense")
    with project(ads=FIVE_LINES) as definitions:
        assert "campaign_daily_metrics" in names_of(definitions)["assets"]


def test_two_components_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """With prefixes of their own, two pipelines over two databases share no name."""
    monkeypatch.setenv("APAC_DATABASE_URL", "postgresql://ads@127.0.0.1:1/apac")
    emea = with_lines("asset_key_prefix: emea", "accounts: [510001]", "streams: [campaigns]")
    apac = with_lines("asset_key_prefix: [ads, apac]", "start_date: '2026-10-01'", "group_names: {entities: crm}")
    with project(emea=emea, apac=apac.replace("ADS_DATABASE_URL", "APAC_DATABASE_URL")) as both:
        dg.Definitions.validate_loadable(both)
        found = names_of(both)
    assert {"emea/campaigns", "ads/apac/campaigns", "emea/account_snapshot"} <= found["assets"]
    assert "emea/creatives" not in found["assets"]
    assert found["sensors"] == {f"{prefix}__{name}" for prefix in ("emea", "ads__apac") for name in SENSORS}
    assert {"emea__daily_report", "ads__apac__daily_report"} <= found["schedules"]
    assert found["partitions"] == {"emea__linkedin_account", "ads__apac__linkedin_account"}
    assert {"emea__entities", "crm", "ads__apac__metrics"} <= found["groups"]


def test_without_a_prefix_two_components_are_refused() -> None:
    """The names of two pipelines without prefixes are the same, and Dagster loads neither."""
    with (
        pytest.raises(ComponentTreeException, match="Error while building definitions"),
        project(first=FIVE_LINES, second=FIVE_LINES),
    ):
        pytest.fail("it loads")


def test_the_project_keeps_its_own_resources() -> None:
    """An asset of the project, stored by its own `io_manager`, loads beside the component's."""

    @dg.asset
    def orders() -> int:
        return 1

    with project(ads=FIVE_LINES) as definitions:
        merged = dg.Definitions.merge(
            definitions,
            dg.Definitions(assets=[orders], resources={"io_manager": dg.mem_io_manager, "warehouse": "theirs"}),
        )
        dg.Definitions.validate_loadable(merged)
        keys = merged.resolve_asset_graph().get_all_asset_keys()
    assert {dg.AssetKey("orders"), dg.AssetKey("campaigns")} <= set(keys)


def test_wrong_attributes_are_all_named_with_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by its name in defs.yaml: an unset variable, an unknown stream with the nearest, a number out of bounds."""
    monkeypatch.delenv("ADS_CLIENT_SECRET")
    error = error_of(with_lines("streams: [campaings]", "lookback_days: 0"))
    assert isinstance(error, SettingsError)
    assert {fault.name for fault in error.faults} == {"client_secret", "streams", "lookback_days"}
    assert "campaigns" in str(error.meaning)
    assert "lookback_days: 0 is not a whole number from 1 to 3650" in str(error.meaning)
    assert "correct lookback_days under `attributes` in defs.yaml" in str(error.fix)


def test_a_wrong_url_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password of a database is not in the error about its URL."""
    monkeypatch.setenv("ADS_DATABASE_URL", "mysql://ads:hunter2@127.0.0.1/ads")
    assert "hunter2" not in str(error_of(FIVE_LINES))


@pytest.mark.parametrize(
    ("line", "kind", "fix"),
    [
        ("asset_key_prefix: linked-in", ConfigError, "linked_in"),
        ("group_names: {metric: numbers}", UnknownNameError, "metrics"),
        ("group_names: {metrics: my numbers}", ConfigError, "my_numbers"),
    ],
)
def test_names_that_dagster_cannot_have_are_refused(line: str, kind: type[LacError], fix: str) -> None:
    """A prefix or a group is named as Dagster allows; the error has one that would do."""
    error = error_of(with_lines(line))
    assert isinstance(error, kind)
    assert fix in str(error)


def test_every_attribute_is_described() -> None:
    """`dg docs` and `dg utils inspect-component` show what each attribute means, and which are required."""
    model = LinkedInAdsComponent.model()  # type: ignore[attr-defined]
    schema = model.model_json_schema()
    assert [name for name, attribute in schema["properties"].items() if not attribute.get("description")] == []
    assert set(schema["required"]) == {"database_url", "client_id", "client_secret"}


def test_every_attribute_is_documented() -> None:
    """docs/embedding.md names each attribute, and its five lines are those that load everything."""
    page = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text()
    model = LinkedInAdsComponent.model()  # type: ignore[attr-defined]
    assert [name for name in model.model_fields if f"`{name}`" not in page] == []
    assert FIVE_LINES.replace("ADS_CLIENT", "LINKEDIN_CLIENT") in page


@pytest.mark.whole
def test_dg_loads_this_project(database_url: str, tmp_path: Path) -> None:
    """`dg check` and `dg list defs` work in the checkout, with the environment that `lac exec` sets."""
    url = database_url.replace("+psycopg", "")
    given = {
        "LINKEDIN_CLIENT_ID": "app",
        "LINKEDIN_CLIENT_SECRET": "key",
        "DATABASE_URL": url,
        "DAGSTER_POSTGRES_URL": url,
        "LAC_DAGSTER_DIR": str(tmp_path),
        "LAC_HOME": str(tmp_path),
        "LAC_ENV_FILE": "",
    }
    root, dg_command = Path(__file__).parents[2], str(Path(sys.executable).with_name("dg"))
    for command in ("check yaml", "check defs", "list defs"):
        done = subprocess.run(
            [dg_command, *command.split()],
            cwd=root,
            env=os.environ | given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "performance_report" in done.stdout


def test_the_scaffold_is_a_component(tmp_path: Path) -> None:
    """What `dg scaffold defs` writes loads, where the variables that it names are set."""
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(component_cls=LinkedInAdsComponent)
        text = (path / "defs.yaml").read_text()
    text = re.sub(r"env\.(LINKEDIN_)?", "env.ADS_", text)
    with project(ads=text) as definitions:
        assert SNAPSHOT in names_of(definitions)["assets"]


def test_two_files_cannot_declare_one_report(tmp_path: Path) -> None:
    """Rows of a report are known by its name, so a second report of the name is refused."""
    reports = {name: tmp_path / f"{name}.toml" for name in ("first", "second")}
    for path, pivot in zip(reports.values(), ("MEMBER_INDUSTRY", "MEMBER_SENIORITY"), strict=True):
        path.write_text(
            f'[[report]]\nname = "of_components"\npivots = ["{pivot}"]\ngranularity = "MONTHLY"\nmetrics = ["clicks"]\n'
        )
    with project(first=with_lines("asset_key_prefix: one", f"reports: {reports['first']}")):
        pass
    error = error_of(with_lines("asset_key_prefix: other", f"reports: {reports['second']}"))
    assert "declared otherwise elsewhere" in str(error)


def test_importing_the_package_does_not_import_dagster() -> None:
    """The component is imported where it is used, so that small commands start at once."""
    seen = "print('dagster' in sys.modules)"
    script = f"import sys, lac_pipeline; {seen}; lac_pipeline.LinkedInAdsComponent; {seen}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.fixture
def world() -> World:
    """One small account."""
    return World.synthetic(accounts=1, campaigns=2, creatives=2, days=3)


@contextmanager
def embedded(pipeline: Pipeline, prefix: str) -> Iterator[dg.Definitions]:
    """A component with this prefix over the pipeline's database and simulator."""
    settings = pipeline.settings
    assert settings.linkedin_access_token is not None
    lines = {
        "asset_key_prefix": prefix,
        "api_url": settings.linkedin_api_url,
        "oauth_url": settings.linkedin_oauth_url,
        "access_token": settings.linkedin_access_token.get_secret_value(),
        "start_date": f"'{settings.start_date}'",
        "requests_per_second": "100",
        "home": str(settings.home),
    }
    with project(ads=with_lines(*(f"{name}: {value}" for name, value in lines.items()))) as definitions:
        yield definitions


def tick(definitions: dg.Definitions, instance: dg.DagsterInstance, name: str) -> dg.SensorResult:
    """Evaluate a sensor of the project."""
    sensor = definitions.resolve_sensor_def(name)
    warehouse = {key: (definitions.resources or {})[key] for key in sensor.required_resource_keys}
    with dg.build_sensor_context(instance=instance, resources=warehouse, sensor_name=name) as context:
        result = sensor._raw_fn(context)
    assert isinstance(result, dg.SensorResult)
    return result


def execute(
    definitions: dg.Definitions, instance: dg.DagsterInstance, request: dg.RunRequest
) -> dg.ExecuteInProcessResult:
    """Execute what a sensor requested."""
    return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        asset_selection=list(request.asset_selection or ()),
        partition_key=request.partition_key,
        tags=dict(request.tags),
        instance=instance,
        raise_on_error=False,
    )


def test_a_pipeline_under_a_prefix_runs(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discovery, refreshes of entities and of metrics, their checks and the documents, under the prefix alone."""
    monkeypatch.setenv("ADS_DATABASE_URL", str(pipeline.settings.warehouse_url).replace("+psycopg", ""))
    instance, names = pipeline.instance, Namespace(("ads", "emea"))
    with embedded(pipeline, "ads/emea") as definitions:
        found = tick(definitions, instance, "ads__emea__account_discovery_sensor")
        for request in found.dynamic_partitions_requests or ():
            instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
        (account,) = names.known_accounts(instance)
        assert pipeline.instance.get_dynamic_partitions("linkedin_account") == []
        refresh = tick(definitions, instance, "ads__emea__freshness_sensor")
        requests = {request.tags["lac/scope"]: request for request in refresh.run_requests or ()}
        for scope in ("entities", "metrics"):
            result = execute(definitions, instance, requests[scope])
            assert result.success
            materialized = {event.asset_key for event in result.get_asset_materialization_events()}
            assert materialized == set(requests[scope].asset_selection or ())
            evaluations = result.get_asset_check_evaluations()
            assert {evaluation.asset_key for evaluation in evaluations} >= materialized
            assert [each.check_name for each in evaluations if not each.passed and each.blocking] == []
        again = tick(definitions, instance, "ads__emea__freshness_sensor")
        assert not {"entities", "metrics"} & {request.tags["lac/scope"] for request in again.run_requests or ()}
        documents = dg.RunRequest(asset_selection=names.keys([SNAPSHOT, REPORT]), partition_key=account)
        assert execute(definitions, instance, documents).success
        tick(definitions, instance, "ads__emea__alert_sensor")
    assert pipeline.table("campaigns").shape[0] == len(pipeline.world.truth.campaigns(int(account)))


def test_a_pipeline_looks_at_its_own_runs_alone(pipeline: Pipeline) -> None:
    """A failed run of another pipeline, or of the project, is no alert of this one."""
    names, other = Namespace(("emea",)), Namespace()
    for keys in ([names.key("campaigns")], [other.key("campaigns")], [dg.AssetKey(["emea", "orders"])]):
        run = dg.DagsterRun(job_name="__ASSET_JOB", asset_selection=frozenset(keys), tags={"lac/account": str(keys[0])})
        pipeline.instance.add_run(run)
        pipeline.instance.report_run_failed(run, "it failed")
    alerts = [*failed_runs(pipeline.instance, names, since=utc_now().replace(hour=0, minute=0))]
    assert len(alerts) == 1
    assert "emea" in alerts[0].text
