"""Hooks of MkDocs: pages from the top level of the repository, and links to files outside of the site."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

__all__ = ["INCLUDED", "on_config", "on_files", "on_page_markdown", "site_links", "slug", "with_directives"]

ROOT = Path(__file__).parents[2]

INCLUDED = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Pages of the site from the top level of the repository."""

CODE = r"^(?P<indent> *)```.*?^(?P=indent)```$|`[^`\n]+`"
LINK = r"(?P<image>!?)\[(?P<text>(?:!\[[^\]]*\]\([^)]*\)|`[^`\n]*`|[^\]\[])*)\]\((?P<target>[^)\s]+)\)"
IMAGE = r'(?<=<img src=")(?P<src>[^"]+)'
CODE_OR_LINK = re.compile(f"{CODE}|{LINK}|{IMAGE}", re.MULTILINE | re.DOTALL)
PRIVATE_BASES = {"WebSocketController"}
"""Classes with methods of a base class that has no entry; as in roles.py, which MkDocs loads separately."""
API_TABLE = re.compile(r"^\| name \| \|\n\| --- \| --- \|\n(?:\| .*\n)+", re.MULTILINE)
API_NAME = re.compile(r"^\| \[`(?P<name>[\w.]+)`\]", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Give headings the anchors of a code host, and list versions only on a site of mike, which has several."""
    if "MIKE_DOCS_VERSION" not in os.environ:
        config.extra.pop("version")
    config.mdx_configs.setdefault("toc", {})["slugify"] = slug
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from the top level of the repository."""
    for path, name in INCLUDED.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        file = File.generated(config, name, content=text)
        file.edit_uri = f"../{path}"
        files.append(file)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Adapt a page to the site."""
    name = page.file.src_uri
    source = {target: path for path, target in INCLUDED.items()}.get(name, f"docs/{name}")
    if name == "reference/api.md":
        markdown = with_directives(markdown)
    base = f"{config.repo_url}/blob/{config.extra['ref']}"
    return site_links(markdown, source, name, base, files.src_uris)


def site_links(markdown: str, source: str, name: str, base: str, names: Collection[str]) -> str:
    """Return a page with links that work on the site, and languages of code that its highlighter knows.

    Args:
        markdown: Text of the page.
        source: Path of the page in the repository.
        name: Path of the page in the site.
        base: URL of the files of the repository.
        names: Paths of all files of the site.
    """

    def put(found: re.Match[str]) -> str:
        if found["src"]:
            return moved(found["src"])
        if not found["target"]:
            return found[0].replace("```svelte\n", "```html\n")  # code; the highlighter of the site has no Svelte
        return f"{found['image']}[{CODE_OR_LINK.sub(put, found['text'])}]({moved(found['target'])})"

    def moved(target: str) -> str:
        if re.match(r"\w+:|#", target):
            return target
        path, mark, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        inside = INCLUDED.get(path) or path.removeprefix("docs/")
        is_page = inside != path and inside in names
        return (
            (posixpath.relpath(inside, posixpath.dirname(name) or ".") if is_page else f"{base}/{path}") + mark + anchor
        )

    return CODE_OR_LINK.sub(put, markdown)


def slug(text: str, separator: str) -> str:
    """Return the anchor that a code host gives a heading."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", separator)


def with_directives(markdown: str) -> str:
    """Return the page of the API with directives of mkdocstrings instead of the tables of names."""

    def put(found: re.Match[str]) -> str:
        names = [row["name"] for row in API_NAME.finditer(found[0])]
        return "\n".join(map(directive, names))

    def directive(name: str) -> str:
        options = "    options: { inherited_members: true }\n" if name in PRIVATE_BASES else ""
        return f"::: {name if '.' in name else f'tornado_ws.{name}'}\n{options}"

    return API_TABLE.sub(put, markdown)
