"""Documents in order: with the same verdicts, and only one order in which a validator can find the faults."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urljoin

from .branches import UNIONS, Below, apart
from .faults import UNION

__all__ = ["FRAGMENT", "UNEVALUATED", "Ordered", "step"]

FRAGMENT = "!$&'()*+,/:;=?@~"
"""What stands for itself in the fragment of a URI (RFC 3986), beside letters and digits."""
REFERENCES = ("$ref", "$dynamicRef")
UNEVALUATED = {"unevaluatedItems", "unevaluatedProperties"}
"""What has to stand beside all that it depends on; a validator looks there last."""


class Ordered:
    """A document each of whose schemas says one thing after the other, in branches of an ``allOf``.

    A validator is free to look into the keywords of a schema, and into the members of an object, in whatever order is
    fast; which that is depends on its version. The branches of an ``allOf`` it takes as they come.
    """

    def __init__(self, document: Any, home: str) -> None:  # a JSON Schema document
        """Rewrite the document.

        Args:
            document: what slots point into.
            home: its base URI.
        """
        self._home = home
        self._places: dict[str, str] = {}
        """Where schemas are, by where they were."""
        self._resources = {home: ""}
        """Where schemas were that have an address."""
        self._referring: list[tuple[dict[str, Any], str]] = []
        """What refers to others, and its base URI."""
        self.document: Any = self._schema(document, "", "", home)
        if isinstance(self.document, dict):
            self.document["$defs"] = self.document.get("$defs", {}) | {f"{UNION}{union}": False for union in UNIONS}
        for part, base in self._referring:
            part |= {keyword: self._led(part[keyword], base) for keyword in REFERENCES if keyword in part}

    def place(self, pointer: str) -> str:
        """Return the JSON Pointer to what was at ``pointer``."""
        known = pointer
        while known not in self._places:
            known = known.rpartition("/")[0]
        return self._places[known] + pointer[len(known) :]

    def _schema(self, schema: Any, old: str, new: str, base: str) -> Any:
        self._places[old] = new
        if not isinstance(schema, dict):
            return schema
        if "$id" in schema:
            base = urljoin(base, schema["$id"]).partition("#")[0]
            self._resources[base] = old
        rest, branches = apart(schema, self._home)
        alone = len(branches) == 1 and not UNEVALUATED & rest.keys()
        parts = [
            self._laid(branch, old, new if alone else f"{new}/allOf/{at}", base) for at, branch in enumerate(branches)
        ]
        self._referring += ((part, base) for part in parts if any(keyword in part for keyword in REFERENCES))
        laid = parts[0] if alone else {"allOf": parts} if parts else {}
        laid |= self._laid(rest, old, new, base)
        return laid

    def _laid(self, part: Any, old: str, new: str, base: str) -> Any:
        """Return a part of the schema that was at ``old`` as it has to be at ``new``."""
        match part:
            case Below(way=way, schema=schema):
                return self._schema(schema, old + "".join(map(step, way)), new, base)
            case dict():
                return {name: self._laid(one, old, new + step(name), base) for name, one in part.items()}
            case list():
                return [self._laid(one, old, f"{new}/{at}", base) for at, one in enumerate(part)]
            case _:
                return part

    def _led(self, reference: str, base: str) -> str:
        """Return a reference that leads to where its schema is."""
        address, _, fragment = reference.partition("#")
        resource = self._resources.get(urljoin(base, address) if address else base)
        if resource is None or not fragment.startswith("/"):
            return reference
        place = self.place(resource + unquote(fragment)).removeprefix(self._places[resource])
        return f"{address}#{quote(place, safe=FRAGMENT)}"


def step(name: str) -> str:
    """Return what leads to a member, as part of a JSON Pointer (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
