"""The words of the code and of the documents: those of Dagster, of data engineers and of LinkedIn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]

PRIVATE = {
    "answer": "response", "answers": "responses", "answered": "returned", "answering": "responding",
    "asked": "requested", "anew": "again",
    "heal": "resolve", "heals": "resolves", "healed": "resolved",
    "held": "stored, locked or pinned", "mend": "fix", "mends": "resolves", "mended": "resolved",
    "nobody": "no user, no process", "question": "request or query", "questions": "requests or queries",
    "said": "returned", "told": "shown, logged or returned", "wanted": "requested or selected", "whoever": "every user",
}  # fmt: skip
"""Words that had a private meaning here, and the words to use."""

ALLOWED = {
    ("lac_pipeline/defs/sensors/alert_sensor.py", "told"): "a key in stored cursors",
    ("lac_pipeline/postgres/embedded/binaries.py", "nobody"): "the user of that name",
    ("lac_pipeline/postgres/embedded/server.py", "nobody"): "the user of that name",
    ("lac_pipeline/simulator/world/advertiser.py", "said"): "the name of an ad",
    ("lac_pipeline/warehouse/load/outcomes.py", "answers"): "a key in archived outcomes",
    ("lac_pipeline/warehouse/schema/views/lead_form_questions.py", "asked"): "a name within the SQL of a view",
    ("lac_pipeline_tests/cli/test_upgrade.py", "said"): "a key of errors before a migration",
    ("lac_pipeline_tests/defs/test_alerts.py", "told"): "a key in stored cursors",
    ("lac_pipeline_tests/deploy/test_containers_as_processes.py", "nobody"): "the user of that name",
    ("lac_pipeline_tests/models/linkedin_records.py", "question"): "a lead form as LinkedIn returns it",
    ("lac_pipeline_tests/models/linkedin_records.py", "questions"): "a lead form as LinkedIn returns it",
    ("lac_pipeline_tests/warehouse/test_migrations.py", "said"): "a key of errors before a migration",
}

OF_LEAD_FORMS = {"answer", "answers", "question", "questions"}
"""LinkedIn's own words for what a lead form holds: allowed in modules about leads, and in lines that name a lead."""
ABOUT_LEADS = {"docs/tables.md"}
"""Files with whole sections about lead forms."""


_WORDS = re.compile(r"[A-Za-z]+")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def code() -> list[Path]:
    """The modules and templates of the package and of its tests."""
    folders = [PROJECT / name for name in ("lac_pipeline", "lac_pipeline_tests", "benchmarks")]
    files = {file for folder in folders for ending in ("*.py", "*.j2") for file in folder.rglob(ending)}
    return sorted(files - {Path(__file__)})


def documents() -> list[Path]:
    """The documents that people read, without the list of changes."""
    return sorted([*(PROJECT / "docs").rglob("*.md"), *PROJECT.glob("[RS]*.md")])


_ANY = re.compile("|".join(PRIVATE))


def private_words(text: str) -> set[str]:
    """The private words in a text, as words of their own or as parts of a name; names of tests do not count."""
    if _ANY.search(text.lower()) is None:  # most lines
        return set()
    words = _WORDS.findall(re.sub(r"`test_\w+`", "", text))
    return {part.lower() for word in words for part in _PARTS.findall(word)} & PRIVATE.keys()


def private_words_in(file: Path) -> set[str]:
    """The private words in a file that are not allowed there."""
    place = file.relative_to(PROJECT).as_posix()
    found: set[str] = set()
    for line in file.read_text(encoding="utf-8").splitlines():
        if words := private_words(line):
            about_leads = "lead" in file.stem or "lead" in line.lower() or place in ABOUT_LEADS
            found |= words - (OF_LEAD_FORMS if about_leads else set())
    return {word for word in found if (place, word) not in ALLOWED}


def test_code_uses_the_words_of_the_field() -> None:
    """No identifier, docstring, comment or message, of the tests neither, has a word of the old private language."""
    found = {file.relative_to(PROJECT).as_posix(): private_words_in(file) for file in code()}
    assert {file: words for file, words in found.items() if words} == {}


def test_documents_use_the_words_of_the_field() -> None:
    """Neither has a document."""
    found = {file.relative_to(PROJECT).as_posix(): private_words_in(file) for file in documents()}
    assert {file: words for file, words in found.items() if words} == {}


_STRINGS = (r'"""(?:\\.|[^\\])*?"""', r'"(?:\\.|[^"\\\n])*"', r"'(?:\\.|[^'\\\n])*'")
_LEXEMES = re.compile("|".join((*_STRINGS, "#[^\n]*", r"(?<![\w.])one\b")))
"""What is no code, so that it is passed over whole, and the name; Python's own tokenizer takes ten times as long."""


def variables_called_one(code: str) -> list[int]:
    """The lines in which the name stands, outside of texts and comments, and not as an attribute."""
    return [code.count("\n", 0, found.start()) + 1 for found in _LEXEMES.finditer(code) if found.group() == "one"]


def test_no_variable_is_called_one() -> None:
    """A variable has the noun of its value, such as `attempt` or `campaign`; `one` says nothing."""
    found = {file.relative_to(PROJECT).as_posix(): variables_called_one(file.read_text("utf-8")) for file in code()}
    assert {file: lines for file, lines in found.items() if lines and file.endswith(".py")} == {}


def test_a_variable_called_one_is_found() -> None:
    """As a target, a parameter or a value; the word in a text or a comment, and an attribute, are none."""
    named = ["one = 1", "for one in each:", "def f(a, *, one: int = 2):", "f(one=one.a)"]
    others = [
        "# one, or 'one'",
        "'one\\' one'",
        '"one \\" one"',
        '"""one',
        '"one" one"""',
        "a.one",
        "none, one_a, a_one",
    ]
    assert variables_called_one("\n".join([*others, *named, *others])) == [8, 9, 10, 11, 11]


def test_every_exception_is_needed() -> None:
    """Each allowed word is still in its file."""
    used = {
        (file, word) for file, word in ALLOWED if word in private_words((PROJECT / file).read_text(encoding="utf-8"))
    }
    assert used == ALLOWED.keys()


@pytest.mark.parametrize("text", ["value_told = 1", "# Nobody is overtaken.", "class PerformanceQuestion: ..."])
def test_a_private_word_is_found(text: str) -> None:
    """In a name, in a comment, and in the name of a class."""
    assert private_words(text)
