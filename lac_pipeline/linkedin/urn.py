"""LinkedIn's URNs: `urn:li:sponsoredCampaign:337643194` and the number at its tail."""

from __future__ import annotations

from lac_pipeline.errors import UnexpectedPayloadError

ACCOUNT = "sponsoredAccount"
CAMPAIGN_GROUP = "sponsoredCampaignGroup"
CAMPAIGN = "sponsoredCampaign"
CREATIVE = "sponsoredCreative"
MESSAGE = "adInMailContent"
CONVERSION = "llaPartnerConversion"
LEAD_FORM = "adForm"
"""As creatives name it; responses name the same form as a `leadGenForm`."""


def urn(kind: str, key: int | str) -> str:
    """Write the URN of one entity."""
    return f"urn:li:{kind}:{key}"


def kind_of(value: str) -> str:
    """Read the kind of a URN of LinkedIn's, such as `share`; empty for any other text."""
    parts = value.split(":", 3)
    return parts[2] if len(parts) == 4 and parts[:2] == ["urn", "li"] else ""


def id_of(value: int | str, *, kind: str | None = None) -> int:
    """Read the numeric id at the tail of a URN; a bare number passes through.

    LinkedIn writes accounts, campaign groups and campaigns as numbers in their own records and as URNs wherever another
    record names them; creatives are URNs everywhere. Conversion rules are in a namespace of their own, `urn:lla:`.

    Raises:
        UnexpectedPayloadError: the text is neither a number nor a URN with a numeric tail, or is of another kind.
    """
    if isinstance(value, int):
        return value
    head, _, tail = value.rpartition(":")
    wrong_kind = kind is not None and head not in ("", f"urn:li:{kind}", f"urn:lla:{kind}")
    if wrong_kind or not (tail.isascii() and tail.isdigit()):
        raise UnexpectedPayloadError(f"{value!r} is not the URN of a {kind or 'numbered entity'}")
    return int(tail)
