"""One error for all settings that are missing or wrong, each with its reason and its fix."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lac_pipeline.errors import SettingFault, SettingsError

_OF_DEMO = "; `lac --demo status`, and so on, uses the demo that was started in this folder"
_FIXES = {
    "linkedin_client_id": "put LINKEDIN_CLIENT_ID into .env (LinkedIn's developer portal, your app, tab Auth)",
    "linkedin_client_secret": "put LINKEDIN_CLIENT_SECRET into .env (the same tab, Primary Client Secret)",
    "lac_reports": "correct the file that LAC_REPORTS names, or the path; docs/reports.md has an example",
    "database_url": "correct DATABASE_URL, or set POSTGRES_HOST, _USER, _PASSWORD and _DB instead, as they are",
}


def settings_error(
    error: ValidationError, *, attributes: Mapping[str, str] | None = None, demo: bool = False
) -> SettingsError:
    """Name every setting that pydantic found missing or wrong, each with its reason and its fix.

    Args:
        error: what pydantic raised.
        attributes: the names of the settings where they are attributes of a component; None where they are variables.
        demo: whether nothing is set in a folder in which a demo was started.
    """
    if attributes is not None:
        return _attributes_error(error, attributes)
    faults = {str(fault["loc"][0]): fault for fault in error.errors(include_url=False, include_input=False)}
    names = ", ".join(name.upper() for name in faults)
    missing = [name for name, fault in faults.items() if fault["type"] == "missing"]
    named = [
        SettingFault(
            name.upper(),
            f"{name.upper()} is not set" if name in missing else f"{name.upper()}: {_reason(fault)}",
            _FIXES.get(name, f"correct {name.upper()} in .env or the environment"),
        )
        for name, fault in faults.items()
    ]
    return SettingsError(
        f"{'missing' if len(missing) == len(faults) else 'wrong'} setting: {names}",
        faults=named,
        fix=f"`lac init` writes a .env to start from{_OF_DEMO if demo else ''}" if missing else None,
    )


def _attributes_error(error: ValidationError, attributes: Mapping[str, str]) -> SettingsError:
    faults = {str(fault["loc"][0]): fault for fault in error.errors(include_url=False, include_input=False)}
    named = [
        SettingFault(
            attributes.get(name, name),
            f"{attributes.get(name, name)}"
            + (
                " is empty: it is not given, or its template names a variable that is not set"
                if fault["type"] == "missing"
                else f": {_reason(fault)}"
            ),
            f"correct {attributes.get(name, name)} under `attributes` in defs.yaml",
        )
        for name, fault in faults.items()
    ]
    names = ", ".join(fault.name for fault in named)
    return SettingsError(f"wrong attribute of LinkedInAdsComponent: {names}", faults=named)


def _reason(fault: ErrorDetails) -> str:
    raised = fault.get("ctx", {}).get("error")
    return str(raised) if isinstance(raised, ValueError) else fault["msg"]
