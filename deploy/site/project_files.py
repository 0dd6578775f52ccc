"""What the site shows beside `docs/`: the project's own pages, and the files of the project that pages link to.

On a forge the links between them lead through the folders of the repository. Here the README is the first page, the
other pages of the top folder stand beside those of `docs/`, and linked files are copied to `project/`.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PROJECT = Path(__file__).parents[2]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "CONTRIBUTING.md", "SECURITY.md": "SECURITY.md",
         "CHANGELOG.md": "CHANGELOG.md"}  # fmt: skip
"""The pages of the top folder, and what they are called on the site."""
_LINK = re.compile(r"\[([^\[\]]*)\]\((?!https?://|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the top folder, and each file of the project that a page links to."""
    for source, target in PAGES.items():
        files.append(File.generated(config, target, content=(PROJECT / source).read_text(encoding="utf-8")))
    linked = {
        path
        for page in [*(PROJECT / "docs").rglob("*.md"), *(PROJECT / source for source in PAGES)]
        for match in _LINK.finditer(page.read_text(encoding="utf-8"))
        if (path := _outside(page.parent, match[2])) is not None
    }
    for path in sorted(linked):
        files.append(File.generated(config, f"project/{path}", content=(PROJECT / path).read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point each link at where the site has its target."""
    name = page.file.src_uri
    source = next((source for source, target in PAGES.items() if target == name), None)
    folder = PROJECT if source is not None else (PROJECT / "docs" / name).parent
    depth = name.count("/")

    def rewritten(match: re.Match[str]) -> str:
        text, target, anchor = match[1], (folder / match[2]).resolve(), match[3] or ""
        if target.is_relative_to(PROJECT / "docs"):
            place = target.relative_to(PROJECT / "docs").as_posix()
        elif target.parent == PROJECT and target.name in PAGES:
            place = PAGES[target.name]
        else:
            outside = _outside(folder, match[2])
            if outside is None:  # a folder is only named; what is not there at all stays, for --strict to find
                return text if target.is_dir() else match[0]
            place = f"project/{outside}"
        return f"[{text}]({'../' * depth}{place}{anchor})"

    return _LINK.sub(rewritten, markdown)


def _outside(folder: Path, link: str) -> str | None:
    """The path in the project of a linked file that is no page of the site."""
    target = (folder / link).resolve()
    if not target.is_file() or target.is_relative_to(PROJECT / "docs") or target.name in PAGES:
        return None
    return target.relative_to(PROJECT).as_posix()
