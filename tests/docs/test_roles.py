from __future__ import annotations

from pathlib import Path

import griffe
import pytest

from docs.scripts.roles import MODULES, Roles, without_roles

ROOT = "__all__ = ['Room', 'E']\nfrom .rooms import Room\nfrom .errors import E\n"
ROOMS = '''
class Room:
    """{docstring}"""

    def send(self):
        """Send, as :meth:`join` does."""

    def join(self):
        """Join."""

    def _hidden(self):
        """Hide."""
'''


def _docstring(folder: Path, docstring: str) -> str:
    """Return a docstring of a public class after the replacement of its roles."""
    package = folder / "tornado_ws"
    for name, text in {
        "__init__.py": ROOT,
        "rooms.py": ROOMS.format(docstring=docstring),
        "errors.py": "class E(Exception):\n    'Error.'\n",
        "channels/__init__.py": "",
        **{f"{module.replace('.', '/')}/__init__.py": "__all__ = []\n" for module in MODULES},
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    extensions = griffe.load_extensions(Roles)
    loaded = griffe.load("tornado_ws", search_paths=[folder], extensions=extensions, try_relative_path=False)
    found = loaded["rooms.Room"].docstring
    assert found is not None
    return found.value


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        (":meth:`.Room.send`", "[`Room.send`][tornado_ws.Room.send]"),
        (":meth:`send`", "[`send`][tornado_ws.Room.send]"),
        (":exc:`.E`", "[`E`][tornado_ws.E]"),
        (":class:`~tornado_ws.rooms.Room`", "[`Room`][tornado_ws.Room]"),
        (":class:`Room`", "[`Room`][tornado_ws.Room]"),
        (":meth:`.Room._hidden`", "`Room._hidden`"),
        (":class:`.Other`", "`Other`"),
        (":exc:`ValueError`", "`ValueError`"),
        ("``:meth:``", "``:meth:``"),
    ],
)
def test_roles_become_links_to_public_names_or_code(tmp_path: Path, docstring: str, expected: str) -> None:
    assert _docstring(tmp_path, docstring) == expected


def test_roles_in_tables_become_code() -> None:
    assert without_roles("see :attr:`.Limits.rooms` and ``None``") == "see `Limits.rooms` and `None`"
