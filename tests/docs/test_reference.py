from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import tornado_ws
from docs.scripts.roles import MODULES
from tests.docs.pages import ROOT, blocks, pages
from tests.support.layers import LAYERS, PACKAGES
from tornado_ws import CloseCode
from tornado_ws.errors import is_final
from tornado_ws.websocket import StrictWebSocketHandler

ROW = re.compile(r"^\| (?P<codes>[^|a-z]+) \|.*\| (?P<reaction>final|retried) \|$", re.MULTILINE)

DASH = "\N{EN DASH}"
INNER = {
    *("Endpoint", "ErrorType", "MessageType", "Payload", "SocketHandler", "Refusal", "untagged", "ErrorData"),
    *("AdditionalProperties", "Constants", "Message", "Request", "ServerRequest", "Stream", "Tag", "Wrapper"),
    "Replay",
    *("AttributeCheck", "InlineSchema", "JsonCheck", "MemberCheck", "ObjectCheck", "ValueCheck"),
}
"""Names that only generated modules use."""


def _page(name: str) -> str:
    return (ROOT / "docs/reference" / name).read_text(encoding="utf-8")


def _documented() -> dict[int, str]:
    """Return the reaction for each code in the page; single codes come before ranges and take precedence."""
    found: dict[int, str] = {}
    for row in ROW.finditer(_page("close-codes.md")):
        for part in row["codes"].split(", "):
            first, _, last = part.partition(DASH)
            for code in range(int(first), int(last or first) + 1):
                found.setdefault(code, row["reaction"])
    return found


def test_page_lists_every_close_code():
    assert {int(code) for code in CloseCode} <= set(_documented())


def test_page_lists_the_final_close_codes():
    documented = _documented()

    assert documented == {code: "final" if is_final(code) else "retried" for code in documented}


def test_page_lists_every_public_name():
    page = _page("python.md")

    assert [] == [name for name in tornado_ws.__all__ if name not in INNER and not re.search(rf"\b{name}\b", page)]


def test_page_lists_every_member_of_handlers():
    page = _page("python.md")
    members = {name for name in vars(tornado_ws.SocketHandler) if not name.startswith("_")}
    members -= {"endpoint", *dir(StrictWebSocketHandler)}

    assert [] == [name for name in sorted(members) if name not in page]


def test_page_lists_every_member_of_the_controller():
    page = _page("python.md")
    members = {name for name in vars(tornado_ws.WebSocketController) if not name.startswith("_")} - {"issue"}

    assert [] == [name for name in sorted(members) if name not in page]


PUBLIC = {"tornado_ws", *(f"tornado_ws.{module}" for module in MODULES)}


def test_compatibility_page_lists_the_public_modules():
    row = next(line for line in _page("compatibility.md").splitlines() if line.startswith("| [Python API]"))
    stable = row.split(" | ")[1]

    assert {*re.findall(r"`(tornado_ws[\w.]*)`", stable)} == PUBLIC


def test_pages_import_only_public_names():
    private = [
        f"{place}: {module}.{name}"
        for place, module, name in _imports()
        if module not in PUBLIC or name not in import_module(module).__all__
    ]

    assert private == []


def test_compatibility_page_lists_the_files_of_the_client_that_pages_name():
    row = next(line for line in _page("compatibility.md").splitlines() if line.startswith("| [client]"))
    texts = [page.read_text(encoding="utf-8") for folder in ("how-to", "reference") for page in _pages(folder)]
    named = {path for text in texts for path in re.findall(r"\bruntime/[\w.-]+\.[jt]s\b", text)}

    assert {path for path in named if path not in row} == set()
    for name, file in (("bearer", "bearer"), ("fromAction", "ticket"), ("WebSocketLike", "socket")):
        source = (ROOT / f"codegen/emit/svelte/runtime/{file}.ts").read_text(encoding="utf-8")
        assert re.search(rf"^export (?:const|interface) {name}\b", source, re.MULTILINE)
        assert f"`{name}` of `runtime/{file}." in row


def _pages(folder: str) -> list[Path]:
    return sorted((ROOT / "docs" / folder).glob("*.md"))


def _imports() -> Iterator[tuple[str, str, str]]:
    """Yield the place, module and name of each import of the package in a code block."""
    for page in pages():
        for block in blocks(page, "python", "py"):
            tree = compile(block.text, block.name, "exec", flags=ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tornado_ws"):
                    yield from ((block.name, str(node.module), alias.name) for alias in node.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_architecture_page_lists_every_layer_in_order(package):
    page = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    _, _, section = page.partition(f"## {package}")
    table, _, _ = section.partition("\n## ")

    rows = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)

    assert [*LAYERS[package]] == re.findall(r"`(\w+)`", " ".join(rows))
