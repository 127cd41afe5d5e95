"""Words of docstrings and of the comments of the client; see "How we write" in CONTRIBUTING.md."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.layers import PACKAGES, ROOT, modules

MODULES = [path for package in PACKAGES for path in modules(package)]
SCRIPTS = [path for suffix in ("ts", "js") for path in sorted((ROOT / "codegen/emit").rglob(f"*.{suffix}"))]

RELATIVE = re.compile(r"(What|Who|Whose|Whom|Whether|How|Which)\b")
"""Word that no docstring begins with."""

PHRASES = (
    *("is no ", "are no ", "so many", "but for", "whoever", "nobody", "somebody", "everybody", " of which ", "as ever"),
    *("tell apart", "there is room", "goes round in circles", "that nothing", "for whom", "to whom", "it is for "),
)
"""Phrases to avoid."""

VERBS = (
    "Add|Admit|Ask|Be|Bound|Bring|Build|Check|Choose|Compile|Connect|Count|Decide|Decode|Describe|Do|Encode|Evaluate|"
    "Explain|Find|Give|Handle|Have|Hear|Hold|Keep|Know|Let|Limit|Make|Merge|Notice|Parse|Print|Prove|Put|Read|Refuse|"
    "Reject|Return|Run|Say|Send|Spell|Take|Tell|Turn|Use|Want|Write"
)
VERB = re.compile(rf"({VERBS})(e?s)? (?!of|to|and|for|that)[a-z]+")
"""Verb with an object at the start of a docstring; nouns such as "Limits of a connection" do not match."""


def _identifier(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=_identifier)
def test_docstrings_are_plain_english(path: Path) -> None:
    docstrings = [*_docstrings(ast.parse(path.read_text(encoding="utf-8")))]
    faults = [f"{line}: {fault}" for line, _, text in docstrings for fault in _faults(text)]
    verbs = [(line, VERB.match(text)) for line, is_thing, text in docstrings if is_thing]
    faults += [f"{line}: expected a noun phrase, got {found[0]!r}" for line, found in verbs if found]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", MODULES, ids=_identifier)
def test_arguments_and_errors_are_sentences(path: Path) -> None:
    """An argument begins with a capital letter, an error with "If", and both end with a full stop."""
    docstrings = _docstrings(ast.parse(path.read_text(encoding="utf-8")))
    faults = [f"{line}: {entry}" for line, _, text in docstrings for entry in _incomplete_entries(text)]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", SCRIPTS, ids=_identifier)
def test_comments_of_the_client_are_plain_english(path: Path) -> None:
    comments = re.findall(r"/\*\*(.*?)\*/", path.read_text(encoding="utf-8"), re.DOTALL)
    faults = [fault for one in comments for fault in _faults(re.sub(r"^\s*\*? ?", "", one, flags=re.MULTILINE).strip())]

    assert not faults, "\n".join(faults)


def _faults(text: str) -> Iterator[str]:
    if found := RELATIVE.match(text):
        yield f"begins with {found[0]}: {text.splitlines()[0]}"
    flat = re.sub(r"no longer|there (is|are) no ", "", " ".join(text.split()).lower())
    yield from (f"contains {phrase.strip()!r}: {text.splitlines()[0]}" for phrase in PHRASES if phrase in flat)


def _incomplete_entries(text: str) -> Iterator[str]:
    for section, entries in re.findall(r"^(Args|Raises):\n((?:    .*\n?)+)", text, re.MULTILINE):
        for entry in re.split(r"\n(?=    \S)", entries.strip("\n")):
            description = " ".join(entry.split()).partition(": ")[2]
            begins = not description[:1].islower() if section == "Args" else description.startswith("If ")
            if not begins or not description.endswith("."):
                yield entry.strip()


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, bool, str]]:
    """Yield line, True for modules and classes, and text of each docstring and each string below an attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if text := ast.get_docstring(node):
                yield getattr(node, "lineno", 1), isinstance(node, ast.Module | ast.ClassDef), text
            for attribute, below in itertools.pairwise(node.body):
                if isinstance(attribute, ast.Assign | ast.AnnAssign) and (text := _string(below)):
                    yield below.lineno, False, text


def _string(node: ast.stmt) -> str | None:
    """Return the text of a statement that is a string."""
    value = node.value.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) else None
    return value if isinstance(value, str) else None
