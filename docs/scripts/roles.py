"""Roles of Sphinx in docstrings, such as ``:meth:`.Room.send```, for pages and for the API reference."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

import griffe

__all__ = ["MODULES", "Roles", "without_roles"]

ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):`(?P<target>[^`]+)`")

PACKAGE = "tornado_ws"
MODULES = ("channels.redis", "client", "opentelemetry", "prometheus", "testing")
"""Public modules besides the package itself."""
PRIVATE_BASES = {"WebSocketController"}
"""Classes with methods of a base class that has no entry."""


def without_roles(text: str) -> str:
    """Return a docstring as Markdown, with roles as code."""
    return _replace(text, lambda target: None).replace("``", "`")


def _replace(text: str, resolve: Callable[[str], str | None]) -> str:
    """Replace roles by links to the paths that ``resolve`` returns, or by code for None."""

    def link(found: re.Match[str]) -> str:
        target = found["target"]
        name = target.lstrip("~.")
        label = f"`{name.rpartition('.')[2] if target.startswith('~') else name}`"
        path = resolve(target)
        return label if path is None else f"[{label}][{path}]"

    return ROLE.sub(link, text)


class Roles(griffe.Extension):
    """Extension of griffe that links the roles in docstrings to public names."""

    def __init__(self) -> None:
        super().__init__()
        self._public: dict[str, str] = {}
        """Path in the reference, by path of the definition."""

    def on_package(self, *, pkg: griffe.Module, **arguments: object) -> None:
        """Replace the roles in all docstrings of a package."""
        if pkg.name != PACKAGE:
            return
        for module in (pkg, *(pkg[name] for name in MODULES)):
            for name in module.exports or ():
                self._add(f"{module.path}.{name}", module[str(name)])
        for one in _objects(pkg):
            if one.docstring is not None:
                one.docstring.value = _replace(one.docstring.value, functools.partial(self._resolve, one))

    def _add(self, path: str, public: griffe.Object | griffe.Alias) -> None:
        one = public.final_target if isinstance(public, griffe.Alias) else public
        self._public[one.path] = path
        if isinstance(one, griffe.Class):
            members = {name: member for name, member in one.members.items() if not member.is_alias}
            inherited = one.inherited_members if one.name in PRIVATE_BASES else {}
            paths = {name: member.path for name, member in members.items()}
            paths |= {name: member.target_path for name, member in inherited.items()}
            self._public |= {target: f"{path}.{name}" for name, target in paths.items() if not name.startswith("_")}

    def _resolve(self, scope: griffe.Object, target: str) -> str | None:
        """Return the path of a target in the reference; None if it is not public."""
        name = target.lstrip("~.")
        if not target.startswith((".", "~")):
            place: griffe.Object | None = scope
            while place is not None:
                if f"{place.path}.{name}" in self._public:
                    return self._public[f"{place.path}.{name}"]
                place = place.parent if isinstance(place.parent, griffe.Object) else None
            return None
        found = {public for path, public in self._public.items() if f".{path}".endswith(f".{name}")}
        return found.pop() if len(found) == 1 else None


def _objects(place: griffe.Object) -> Iterator[griffe.Object]:
    """Yield an object and all below it."""
    yield place
    for member in place.members.values():
        if isinstance(member, griffe.Object):
            yield from _objects(member)
