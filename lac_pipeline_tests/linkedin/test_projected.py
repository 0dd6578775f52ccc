"""What is dropped of a response before anything sees it."""

from __future__ import annotations

import httpx
import pytest

from lac_pipeline.linkedin.projected import projected

FIELDS = ("id", "submittedAt")
PRIVATE = "anna@example.com"


def kept(status: int, body: str) -> bytes:
    """The body that is left."""
    return projected(httpx.Response(status, text=body), FIELDS).content


def test_elements_keep_the_fields_that_are_taken() -> None:
    """The others are gone, at the top of the body too; paging stays."""
    body = (
        f'{{"elements":[{{"id":"a","formResponse":"{PRIVATE}"}},"{PRIVATE}"],"paging":{{"total":2}},"x":"{PRIVATE}"}}'
    )
    assert kept(200, body) == b'{"paging":{"total":2},"elements":[{"id":"a"},null]}'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, f'{{"elements":[{{"id":"a","formResponse":"{PRIVATE}"'),
        (200, f'["{PRIVATE}"]'),
        (200, f'{{"elements":"{PRIVATE}"}}'),
        (502, f"<html>{PRIVATE}</html>"),
        (400, f'{{"status":400,"code":"PARAM_INVALID","input":"{PRIVATE}"}}'),
    ],
)
def test_what_cannot_be_distinguished_is_dropped(status: int, body: str) -> None:
    """Of a cut response, another body or a page of a proxy nothing is left that may be personal."""
    assert PRIVATE.encode() not in kept(status, body)


def test_a_refusal_still_says_what_it_says() -> None:
    """Status, code and message stay."""
    body = '{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Not enough permissions"}'
    assert kept(403, body).decode() == body
