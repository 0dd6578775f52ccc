"""Settings that have no effect, as nothing that is loaded reads them."""

from __future__ import annotations

from lac_pipeline.errors import SettingFault
from lac_pipeline.settings import Settings
from lac_pipeline.streams import STREAMS


def without_effect(settings: Settings) -> tuple[SettingFault, ...]:
    """Name the settings that are set for streams that are not loaded."""
    personal = [stream.name for stream in STREAMS if stream.holds_personal_data]
    if not settings.lac_lead_answers or any(name in settings.streams for name in personal):
        return ()
    names = " and ".join(personal)
    reason = f"LAC_LEAD_ANSWERS=true has no effect: {names} is not loaded, and so are no lead answers"
    return (SettingFault("LAC_LEAD_ANSWERS", reason, f"add {names} to LAC_STREAMS, or unset LAC_LEAD_ANSWERS"),)
