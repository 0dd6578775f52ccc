"""The kinds of value that settings have, with their bounds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from lac_pipeline.allowed_values import Allowed
from lac_pipeline.streams.leads import RESPONSES_KEPT_DAYS

ApiVersion = Annotated[
    str,
    StringConstraints(pattern=r"^20\d{2}(0[1-9]|1[0-2])(\.\d{2})?$"),
    Allowed("a version of the Marketing API, a year and a month such as 202601"),
]
HttpUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^/\s]+(/.*)?$"),
    Allowed("a URL that begins with http:// or https:// and a host"),
]
Days = Annotated[int, Field(ge=1, le=3650)]
DaysOrNever = Annotated[int, Field(ge=0, le=3650)]
Minutes = Annotated[int, Field(ge=1, le=100_000)]
LeadAnswersKeptDays = Annotated[int, Field(ge=1, le=RESPONSES_KEPT_DAYS)]

_WEBHOOK = re.compile(r"(https://[^/\s@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)(/\S*)?$")


def _encrypted_or_local(value: SecretStr) -> SecretStr:
    if not _WEBHOOK.match(value.get_secret_value()):
        raise ValueError("must begin with https://, or with http:// on this machine")
    return value


WebhookUrl = Annotated[SecretStr, AfterValidator(_encrypted_or_local)]
