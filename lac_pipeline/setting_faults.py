"""One error for all settings that are missing or wrong, each with its reason and its fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from lac_pipeline.allowed_values import Allowed, number, one_of, refusal
from lac_pipeline.errors import SettingFault, SettingsError

_OF_DEMO = "; `lac --demo status`, and so on, uses the demo that was started in this folder"
_FIXES = {
    "linkedin_client_id": "put LINKEDIN_CLIENT_ID into .env (LinkedIn's developer portal, your app, tab Auth)",
    "linkedin_client_secret": "put LINKEDIN_CLIENT_SECRET into .env (the same tab, Primary Client Secret)",
    "lac_reports": "correct the file that LAC_REPORTS names, or the path; docs/reports.md has an example",
    "database_url": "correct DATABASE_URL, or set POSTGRES_HOST, _USER, _PASSWORD and _DB instead, as they are",
}


def settings_error(
    error: ValidationError,
    fields: Mapping[str, FieldInfo],
    *,
    attributes: Mapping[str, str] | None = None,
    demo: bool = False,
) -> SettingsError:
    """Name every setting that pydantic found missing or wrong, each with its reason and its fix.

    Args:
        error: what pydantic raised.
        fields: the settings, from which follows what each of them may be.
        attributes: the names of the settings where they are attributes of a component; None where they are variables.
        demo: whether nothing is set in a folder in which a demo was started.
    """
    faults = {str(fault["loc"][0]): fault for fault in error.errors(include_url=False)}
    if attributes is not None:
        return _attributes_error(faults, fields, attributes)
    names = ", ".join(name.upper() for name in faults)
    missing = [name for name, fault in faults.items() if fault["type"] == "missing"]
    named = [
        SettingFault(
            name.upper(),
            f"{name.upper()} is not set" if name in missing else f"{name.upper()}: {_reason(fault, fields[name])}",
            _FIXES.get(name, f"correct {name.upper()} in .env or the environment{_or_remove(fields[name])}"),
        )
        for name, fault in faults.items()
    ]
    return SettingsError(
        f"{'missing' if len(missing) == len(faults) else 'wrong'} setting: {names}",
        faults=named,
        fix=f"`lac init` writes a .env to start from{_OF_DEMO if demo else ''}" if missing else None,
    )


def _attributes_error(
    faults: Mapping[str, ErrorDetails], fields: Mapping[str, FieldInfo], attributes: Mapping[str, str]
) -> SettingsError:
    named = [
        SettingFault(
            attributes.get(name, name),
            f"{attributes.get(name, name)}"
            + (
                " is empty: it is not given, or its template names a variable that is not set"
                if fault["type"] == "missing"
                else f": {_reason(fault, fields[name])}"
            ),
            f"correct {attributes.get(name, name)} under `attributes` in defs.yaml",
        )
        for name, fault in faults.items()
    ]
    names = ", ".join(fault.name for fault in named)
    return SettingsError(f"wrong attribute of LinkedInAdsComponent: {names}", faults=named)


def _reason(fault: ErrorDetails, field: FieldInfo) -> str:
    raised = fault.get("ctx", {}).get("error")
    if isinstance(raised, ValueError) and fault["type"] == "value_error":
        return str(raised)
    allowed = allowed_words(field)
    return fault["msg"] if allowed is None else refusal(fault["input"], allowed)


def allowed_words(field: FieldInfo) -> str | None:
    """Name what a setting may be, from its type and limits; None where every text will do, or it is checked by us."""
    kind, facts = _unwrapped(field.annotation, field.metadata)
    described = [fact.words for fact in facts if isinstance(fact, Allowed)]
    if described:
        return described[0]
    if get_origin(kind) is Literal:
        return one_of(get_args(kind))
    if kind is bool:
        return one_of(["true", "false"])
    if kind is date:
        return "a day of the calendar, such as 2026-01-31"
    if kind in {int, float}:
        limits = {name: getattr(fact, name) for fact in facts for name in ("ge", "gt", "le") if hasattr(fact, name)}
        return number(whole=kind is int, least=limits.get("ge"), above=limits.get("gt"), most=limits.get("le"))
    return None


def _unwrapped(kind: Any, facts: Iterable[object]) -> tuple[Any, list[object]]:  # noqa: ANN401  # of any type
    """The type of a setting without `None` and without what it is annotated with, and that."""
    found = list(facts)
    options = [option for option in get_args(kind) if option is not NoneType]
    if NoneType in get_args(kind) and len(options) == 1:
        kind = options[0]
    if get_origin(kind) is Annotated:
        kind, *inner = get_args(kind)
        found += inner
    return kind, found


def _or_remove(field: FieldInfo) -> str:
    """What else helps where a setting has a default."""
    if field.is_required():
        return ""
    default = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return ", or remove it" + (f"; the default is {default}" if default not in (None, "", ()) else "")
