"""`docs/json.md`, written from the shapes of `--json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from lac_pipeline.cli.terminal.documents import DOCUMENTS, Document

INTRO = """# JSON for scripts

With `--json` a command prints only one JSON object on standard output. Progress and failures go to standard error, and
the exit code is the same as without it. Days are UTC days, and both ends of a range are in it; times are ISO 8601 in
UTC. Every field is always there; it is null where there is no value. New fields may be added. Texts "for people" may be
reworded at any time.
"""


def json_page() -> str:
    """Write the page: each command's object, and what it is made of."""
    return INTRO + "".join(f"\n## {_title(shape)}\n{_fields(shape)}{_parts(shape)}" for shape in DOCUMENTS)


def _title(shape: type[Document]) -> str:
    """The first words of the docstring: the command, or what the part is."""
    return (shape.__doc__ or "").strip().rstrip(".")


def _parts(shape: type[Document]) -> str:
    return "".join(f"\n### {part.__name__}: {_title(part)}\n{_fields(part)}" for part in _parts_of(shape))


def _parts_of(shape: type[Document]) -> Iterator[type[Document]]:
    for field in shape.model_fields.values():
        for part in get_args(field.annotation):
            if isinstance(part, type) and issubclass(part, Document):
                yield part
                yield from _parts_of(part)


def _fields(shape: type[Document]) -> str:
    fields = shape.model_fields.items()
    rows = [f"| `{name}` | {_type(field.annotation)} | {field.description} |" for name, field in fields]
    return "\n| field | type | what it is |\n|---|---|---|\n" + "\n".join(rows) + "\n"


_TYPES = {"int": "number", "float": "number", "str": "text", "bool": "true or false", "NoneType": "null"}


def _type(annotation: object) -> str:
    """A field's type in JSON's words."""
    arguments = get_args(annotation)
    if isinstance(annotation, type) and not arguments:
        return _TYPES.get(annotation.__name__, annotation.__name__)
    if getattr(annotation, "__origin__", None) is list:
        return f"list of {_type(arguments[0])}"
    if getattr(annotation, "__origin__", None) is dict:
        return "object"
    return " or ".join(_type(argument) for argument in arguments)
