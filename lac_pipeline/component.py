"""The pipeline as a Dagster component, for a project that has other assets too: `docs/embedding.md` shows how."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Final

import dagster as dg
from dagster.components.scaffold.scaffold import Scaffolder, ScaffoldRequest
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from lac_pipeline.definitions import build_definitions
from lac_pipeline.defs.assets.snapshot import GROUP
from lac_pipeline.defs.namespace import Namespace
from lac_pipeline.defs.resources import warehouse_with
from lac_pipeline.errors import ConfigError
from lac_pipeline.setting_faults import settings_error
from lac_pipeline.settings import Settings
from lac_pipeline.streams import AssetGroup, every_stream
from lac_pipeline.unknown_names import unknown_name

SCAFFOLD = """type: {type}
attributes:
  database_url: "{{{{ env.DATABASE_URL }}}}"
  client_id: "{{{{ env.LINKEDIN_CLIENT_ID }}}}"
  client_secret: "{{{{ env.LINKEDIN_CLIENT_SECRET }}}}"
  access_token: "{{{{ env.LINKEDIN_ACCESS_TOKEN }}}}"
"""
_SETTING_OF: Final = {"accounts": "lac_account_ids"}
"""The settings of the attributes whose names do not show them."""
_DESCRIBED: Final = {
    "database_url": "The `postgresql://` URL of the database with schema `linkedin_ads`, which `lac migrate` makes.",
    "reports": "A TOML file that declares reports of your own, relative to `defs.yaml`; each is an asset and a view.",
    "home": "The folder of the raw archive, and of the first day loaded, relative to the project. Unless given: "
    "`.lac`, and below it the prefix of the asset keys.",
    "asset_key_prefix": "What stands before the name of each asset, its parts separated by slashes. The names of "
    "groups, sensors, schedules, resources and partitions are derived from it.",
    "group_names": f"Names of asset groups in Dagster, by ours: {', '.join([*AssetGroup, GROUP])}.",
}
"""The attributes that are no setting, or a setting with another default."""
_NAME = re.compile(r"[A-Za-z0-9_]+")


def _resolve_secret(context: dg.ResolutionContext, value: str | None) -> SecretStr | None:
    resolved = context.resolve_value(value or "", as_type=str)
    return SecretStr(resolved) if resolved else None


def _setting_of(attribute: str) -> str | None:
    """The name of the setting that an attribute gives; None where it is about Dagster's names alone."""
    names = (attribute, f"lac_{attribute}", f"linkedin_{attribute}", _SETTING_OF.get(attribute, ""))
    return next((name for name in names if name in Settings.model_fields), None)


def _described(attribute: str) -> str:
    """The description of an attribute, or else of its setting, with the default that it has there."""
    if attribute in _DESCRIBED:
        return _DESCRIBED[attribute]
    setting = Settings.model_fields[str(_setting_of(attribute))]
    default = None if setting.is_required() else setting.get_default()
    return f"{setting.description}" + (f" Unless given: `{default}`." if default not in (None, (), "") else "")


def _given(attribute: str, *, model_type: type | None = None) -> dg.Resolver:
    """How Dagster reads and describes the attribute that gives a setting, written as the model type if that differs."""
    resolver: dg.Resolver = dg.Resolver.default(description=_described(attribute), model_field_type=model_type)
    return resolver


def _secret(attribute: str, *, required: bool = False) -> dg.Resolver:
    """The same of one that is secret."""
    kind = str if required else str | None
    return dg.Resolver(_resolve_secret, model_field_type=kind, description=_described(attribute))


class GivenSettings(Settings):
    """Settings that are given whole, as by a component: neither the environment nor `.env` is read.

    Raises:
        ConfigError: a report is declared that other settings of this process declare differently.
    """

    database_url: SecretStr = Field(description="The database; no embedded server is started for it.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given to the constructor, and nothing else."""
        return (init_settings,)

    def model_post_init(self, context: object, /) -> None:
        """Refuse a second report of a name, since the table that holds all of them knows a report by its name."""
        known = every_stream()
        for report in self.reports:
            if report.name in known and known.of(report.name) != report:
                raise ConfigError(
                    f"{self.lac_reports} declares report {report.name}, which is declared otherwise elsewhere",
                    meaning="a report is known by its name, in this project and in the table that holds its rows",
                    fix="rename it, or let both components name the same file",
                )
        super().model_post_init(context)


class LinkedInAdsScaffolder(Scaffolder[Any]):
    """Writes a `defs.yaml` to start from."""

    def scaffold(self, request: ScaffoldRequest[Any]) -> None:
        """Write it."""
        request.target_path.mkdir(parents=True, exist_ok=True)
        (request.target_path / "defs.yaml").write_text(SCAFFOLD.format(type=request.type_name))


@dg.scaffold_with(LinkedInAdsScaffolder)
class LinkedInAdsComponent(dg.Component, dg.Resolvable, dg.Model):
    """LinkedIn Ads data in PostgreSQL: an asset for each table, with checks, sensors, schedules and a daily report.

    What is not given here has its default: neither the environment nor `.env` is read. `{{ env.NAME }}` takes a value
    from the environment. Several components in one project need different prefixes of their asset keys.
    """

    database_url: Annotated[SecretStr | None, _secret("database_url", required=True)]
    client_id: Annotated[str | None, _given("client_id", model_type=str)]
    client_secret: Annotated[SecretStr | None, _secret("client_secret", required=True)]
    access_token: Annotated[SecretStr | None, _secret("access_token")] = None
    refresh_token: Annotated[SecretStr | None, _secret("refresh_token")] = None
    secret_key: Annotated[SecretStr | None, _secret("secret_key")] = None
    accounts: Annotated[list[int] | None, _given("accounts")] = None
    streams: Annotated[list[str] | str | None, _given("streams")] = None
    start_date: Annotated[str | None, _given("start_date")] = None
    metrics: Annotated[list[str] | str | None, _given("metrics")] = None
    member_pivots: Annotated[list[str] | str | None, _given("member_pivots")] = None
    breakdowns: Annotated[list[str] | str | None, _given("breakdowns")] = None
    campaign_demographics: Annotated[list[str] | str | None, _given("campaign_demographics")] = None
    campaign_demographics_calls: Annotated[int | None, _given("campaign_demographics_calls")] = None
    reports: Annotated[str | None, _given("reports")] = None
    lead_answers: Annotated[bool | None, _given("lead_answers")] = None
    lead_answers_days: Annotated[int | None, _given("lead_answers_days")] = None
    freshness_ttl_minutes: Annotated[int | None, _given("freshness_ttl_minutes")] = None
    demographics_ttl_minutes: Annotated[int | None, _given("demographics_ttl_minutes")] = None
    lookback_days: Annotated[int | None, _given("lookback_days")] = None
    restatement_days: Annotated[int | None, _given("restatement_days")] = None
    accounts_per_run: Annotated[int | None, _given("accounts_per_run")] = None
    raw_url: Annotated[str | None, _given("raw_url")] = None
    home: Annotated[str | None, _given("home")] = None
    documents_url: Annotated[str | None, _given("documents_url")] = None
    alert_webhook: Annotated[SecretStr | None, _secret("alert_webhook")] = None
    api_version: Annotated[str | None, _given("api_version")] = None
    api_url: Annotated[str | None, _given("api_url")] = None
    oauth_url: Annotated[str | None, _given("oauth_url")] = None
    requests_per_second: Annotated[float | None, _given("requests_per_second")] = None
    max_concurrency: Annotated[int | None, _given("max_concurrency")] = None
    max_response_mb: Annotated[int | None, _given("max_response_mb")] = None
    asset_key_prefix: Annotated[list[str] | str | None, _given("asset_key_prefix")] = None
    group_names: Annotated[dict[str, str] | None, _given("group_names")] = None

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Put assets, checks, sensors, schedules and resources together.

        Raises:
            ConfigError: an attribute is wrong; of those that are settings, all are named at once.
        """
        namespace = self.namespace()
        settings = self.settings(context, namespace)
        # The executor is the project's: Dagster allows one in a code location.
        return build_definitions(
            settings, namespace=namespace, warehouse=warehouse_with(settings, namespace), executor=None
        )

    def namespace(self) -> Namespace:
        """The names that the attributes choose.

        Raises:
            ConfigError: one may not be a name in Dagster.
        """
        prefix = self.asset_key_prefix or []
        parts = tuple(prefix.split("/") if isinstance(prefix, str) else prefix)
        groups, names_of_groups = [*AssetGroup, GROUP], dict(self.group_names or {})
        for group in names_of_groups:
            if group not in groups:
                raise unknown_name("asset group", group, groups)
        for attribute, names in (("asset_key_prefix", parts), ("group_names", (*names_of_groups.values(),))):
            for name in names:
                if not _NAME.fullmatch(name):
                    raise ConfigError(
                        f"attribute {attribute} of {type(self).__name__}: {name!r} cannot be a name in Dagster",
                        meaning="names of groups, sensors and resources have letters, digits and underscores alone",
                        fix=f"write {re.sub(r'[^A-Za-z0-9_]+', '_', name).strip('_') or 'linkedin'!r}",
                    )
        return Namespace(parts, names_of_groups, shared=True)

    def settings(self, context: dg.ComponentLoadContext, namespace: Namespace) -> Settings:
        """The settings that the attributes give.

        Raises:
            SettingsError: naming every attribute that is wrong.
        """
        given = {name: _as_setting(getattr(self, name)) for name in type(self).model_fields}
        values = {setting: given[name] for name in given if (setting := _setting_of(name)) and given[name] is not None}
        values["lac_home"] = context.project_root / (self.home or Path(".lac", *namespace.prefix))
        if self.reports is not None:
            values["lac_reports"] = context.path / self.reports
        attributes = {setting: name for name in given if (setting := _setting_of(name))}
        try:
            return GivenSettings.model_validate(values)
        except ValidationError as error:
            raise settings_error(error, GivenSettings.model_fields, attributes=attributes) from None


def _as_setting(value: object) -> object:
    """A value as its setting takes it: names separated by commas, and nothing where a template found nothing."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    return None if value == "" else value
