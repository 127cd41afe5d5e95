"""Assignment of unique names: each definition gets its best candidate that no other has a better claim to."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Candidates", "assign"]

RESERVED = 1000
"""Priority of names that are reserved for other purposes."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Possible names of one definition."""

    names: tuple[str, ...]
    """Distinct names, best first."""
    rank: int
    """Priority of its claim to the best name. Claims to other names have lower priority than all with a rank of 0."""
    whole: str = ""
    """Name with all that leads to the definition in its file; of claims with equal priority, this one comes first."""

    def priority(self, level: int) -> float:
        """Return the priority of the claim to ``names[level]``."""
        priority = self.rank if level == 0 else min(self.rank, 0) - level
        return priority + 0.5 if self.names[level] == self.whole else priority


def assign(candidates: Mapping[str, Candidates], reserved: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return a unique name for each key of ``candidates``.

    A name goes to the claim with the highest priority. Claims with equal priority exclude each other, so that the
    result does not depend on the order of the definitions. Definitions without any name left are numbered, in order.

    Args:
        candidates: Candidates of each definition.
        reserved: Names for other purposes, with the keys of the definitions that may have them.
    """
    holders: dict[str, tuple[float, str | None]] = {}
    levels = dict.fromkeys(candidates, 0)
    queue, unnamed = deque(candidates), list[str]()
    while queue:
        key = queue.popleft()
        names = candidates[key].names
        while (level := levels[key]) < len(names):
            name = names[level]
            priority = candidates[key].priority(level)
            if name in reserved:
                priority = RESERVED if key in reserved[name] else -RESERVED
            best, holder = holders.get(name, (-RESERVED, None))
            if priority > best:
                holders[name] = (priority, key)
            elif priority == best:
                holders[name] = (best, None)
            if priority >= best and holder is not None:
                levels[holder] += 1
                queue.append(holder)
            if priority > best:
                break
            levels[key] += 1
        else:
            unnamed.append(key)
    assigned = {holder: name for name, (_, holder) in holders.items() if holder is not None}
    return {**assigned, **_numbered({key: candidates[key] for key in sorted(unnamed)}, {*assigned.values(), *reserved})}


def _numbered(candidates: Mapping[str, Candidates], taken: Iterable[str]) -> dict[str, str]:
    """Return a name for each key: the best name for the first definition that has it, and a number for the others."""
    used, numbers = set(taken), dict[str, int]()
    assigned: dict[str, str] = {}
    for key, candidate in candidates.items():
        name = base = candidate.names[0]
        while name in used:
            numbers[base] = numbers.get(base, 1) + 1
            name = f"{base}{numbers[base]}"
        used.add(name)
        assigned[key] = name
    return assigned
