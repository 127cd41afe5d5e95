"""Spells checks as calls of the functions in ``runtime/validators.ts``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ... import model
from ...regex.automaton import automaton
from ...regex.parser import parse
from ..js_literals import key, regular_expression, string, value
from ..templates import Code
from .dependencies import calls, declaration_order, everything, prune
from .typescript_printer import Group, Part

__all__ = ["ValidatorCalls", "call", "objects"]

FORMATS = {"date-time": "dateTime", "json-pointer": "jsonPointer"}
"""Functions of ``runtime/formats.ts`` that are not called as the format."""


class ValidatorCalls:
    """The checks of an endpoint, and the functions that they call.

    Args:
        endpoint: Whose checks.
        taken: Names that the module gives to other things.

    """

    def __init__(self, endpoint: model.Endpoint, taken: Sequence[str]) -> None:
        self._named = endpoint.validators
        self._taken = frozenset(taken)
        self._order = {name: at for at, name in enumerate(declaration_order(endpoint.validators))}
        self._tracks = any(
            isinstance(check, model.Unevaluated)
            for check in everything([*endpoint.validators.values(), *(slot.validator for slot in endpoint.payloads)])
        )
        """Whether it matters which properties and items a check looks at, though it refuses none."""
        self._at = len(self._order)
        """Which declaration is being spelled; after all of them at first."""
        self._used: dict[str, set[str]] = {"validators": set(), "formats": set(), "linear-regexp": set()}

    @property
    def imports(self) -> dict[str, list[str]]:
        """What to import from the modules of the runtime."""
        return {
            module: [f"{name} as {name}_" if name in self._taken else name for name in sorted(names)]
            for module, names in self._used.items()
            if names
        }

    def declarations(self) -> Iterator[tuple[Code, Part]]:
        """Yield name and expression of every check that has a name, in an order in which they can stand."""
        for name, at in sorted(self._order.items(), key=lambda item: item[1]):
            self._at = at
            yield _constant(name), self._part(self._named[name])
        self._at = len(self._order)

    def slot(self, check: model.Validator) -> Part:
        """Return the expression of a check that values are given to."""
        if self._may_be_deep(check):
            return call(self._function("deep"), self._part(check))
        return self._part(check)

    def _may_be_deep(self, check: model.Validator) -> bool:
        """Tell whether the work grows with the depth of a value: by recursion, or by comparing what is equal."""
        seen: set[str] = set()
        ahead = [check]
        while ahead:
            for inner in everything([ahead.pop()]):
                if isinstance(inner, model.Unique):
                    return True
                if isinstance(inner, model.Call) and inner.name not in seen:
                    seen.add(inner.name)
                    ahead.append(self._named[inner.name])
        return any(self._order[called] >= self._order[name] for name in seen for called in calls(self._named[name]))

    def _part(self, check: model.Validator) -> Part:
        kept = check if self._tracks else prune(check)
        match kept:
            case None | model.Always(verdict=True):
                return self._function("anything")
            case model.Always(keyword=keyword):
                return self._call("never", string(keyword))
            case model.IsType(types=kinds):
                parts = [self._function("nil" if kind == "null" else kind) for kind in kinds]
                return parts[0] if len(parts) == 1 else self._call("types", *parts)
            case model.Equals():
                return self._equals(kept)
            case model.Within(bound=bound, keyword=keyword) | model.Size(bound=bound, keyword=keyword):
                return self._call(keyword, value(bound))
            case model.MultipleOf(divisor=divisor):
                return self._call("multipleOf", value(divisor))
            case model.Matches():
                return self._matches(kept)
            case model.Unique():
                return self._function("uniqueItems")
            case model.Required(names=names):
                return self._call("required", *map(string, names))
            case model.Call(name=name):
                constant = _constant(name)
                return constant if self._order[name] < self._at else self._call("lazy", Code(f"() => {constant}"))
            case _:
                return self._composed(kept)

    def _composed(self, check: model.Validator) -> Part:
        match check:
            case model.All():
                return self._all(check)
            case model.Items() | model.Properties():
                return self._all(model.All(validators=(check,)))
            case model.Contains():
                return self._contains(check)
            case model.PropertyNames(validator=inner):
                return self._call("propertyNames", self._part(inner))
            case model.Dependent(name=name, validator=model.Required(names=names), keyword="dependentRequired"):
                return self._call("dependentRequired", string(name), *map(string, names))
            case model.Dependent(name=name, validator=inner):
                return self._call("dependentSchemas", string(name), self._part(inner))
            case model.AnyOf(validators=checks, tag=tag) | model.ExactlyOne(validators=checks, tag=tag):
                if tag is None:
                    return self._call(check.keyword, *map(self._part, checks))
                choices = [
                    _list([string(text), self._part(inner)]) for text, inner in zip(tag.values, checks, strict=True)
                ]
                return self._call("tagged", string(check.keyword), string(tag.name), *choices)
            case model.Not(validator=inner):
                return self._call("not", self._part(inner))
            case model.Conditional(condition=condition, then=then, otherwise=otherwise):
                parts = [self._part(condition), self._part(then)]
                return self._call("branch", *parts, *([] if _accepts(otherwise) else [self._part(otherwise)]))
            case _:
                raise TypeError(f"{check!r} stands where it means nothing")

    def _all(self, check: model.All) -> Part:
        others = [inner for inner in check.validators if not isinstance(inner, model.Unevaluated)]
        parts = [part for inner in others for part in self._parts(inner)]
        part = parts[0] if len(parts) == 1 else self._call("all", *parts)
        for inner in check.validators:
            if isinstance(inner, model.Unevaluated):
                part = self._call(inner.keyword, self._part(inner.validator), part)
        return part

    def _parts(self, check: model.Validator) -> Iterator[Part]:
        """Yield the expressions of a check, in the order of their issues."""
        match check:
            case model.Items(prefix=prefix, rest=rest):
                if prefix:
                    yield self._call("prefixItems", *map(self._part, prefix))
                if rest is not None:
                    yield self._call("items", self._part(rest), *([value(len(prefix))] if prefix else []))
            case model.Properties():
                yield from self._properties(check)
            case model.All(validators=checks) if not any(isinstance(inner, model.Unevaluated) for inner in checks):
                for inner in checks:
                    yield from self._parts(inner)
            case _:
                yield self._part(check)

    def _properties(self, check: model.Properties) -> Iterator[Part]:
        rest = check.rest
        named = check.named
        patterns = [_list([self._expression(text), self._part(inner)]) for text, inner in check.patterns]
        if rest is None or _accepts(rest):
            if named:
                yield self._call("properties", objects((key(name), self._part(inner)) for name, inner in named))
            if patterns:
                yield self._call("patternProperties", *patterns)
            if rest is not None:
                yield self._call("record", objects([]), self._part(rest))
            return
        members = objects((key(name), self._part(inner)) for name, inner in named)
        never = rest == model.Always(verdict=False, keyword="additionalProperties")
        if never and not patterns:
            yield self._call("closed", members)
        else:
            yield self._call("record", members, self._part(rest), *([_list(patterns)] if patterns else []))

    def _equals(self, check: model.Equals) -> Part:
        deep = any(isinstance(one, (list, dict)) for one in check.values)
        how = [self._function("equal")] if deep else []
        values = [value(_sorted(one)) for one in check.values]
        if check.keyword == "const":
            return self._call("constant", *values, *how)
        return self._call("enumeration", _list(values), *how)

    def _matches(self, check: model.Matches) -> Part:
        if check.keyword == "format":
            test = self._function(FORMATS.get(check.text, check.text), "formats")
            return self._call("format", string(check.text), test)
        expression = self._expression(check.text)
        same = expression == f"/{check.text}/u"
        return self._call("pattern", expression, *([] if same else [string(check.text)]))

    def _expression(self, pattern: str) -> Part:
        """Return what tests a text by a pattern: a regular expression, if the browser can be trusted with it."""
        parsed = parse(pattern)
        found = automaton(parsed.tree)
        if found is None:
            return regular_expression(parsed.ecma)
        places = [
            _list([regular_expression(f"^{place.ecma}$"), value(list(follow))])
            for place, follow in zip(found.positions, found.follow, strict=True)
        ]
        ends = [value(list(found.first)), value(list(found.last))]
        return call(
            self._function("linear", "linear-regexp"),
            _list(places),
            *ends,
            *map(value, (found.empty, found.anchored_start, found.anchored_end)),
        )

    def _contains(self, check: model.Contains) -> Part:
        limits = [
            value(check.minimum),
            Code("Infinity") if check.maximum is None else value(check.maximum),
            string(check.keyword),
        ]
        plain = check.keyword == "contains" and check.minimum == 1 and check.maximum is None
        return self._call("contains", self._part(check.validator), *([] if plain else limits))

    def _call(self, function: str, *arguments: Part) -> Part:
        return call(self._function(function), *arguments)

    def _function(self, name: str, module: str = "validators") -> Code:
        self._used[module].add(name)
        return Code(f"{name}_" if name in self._taken else name)


def call(function: Code, *arguments: Part) -> Part:
    """Return a call."""
    return Group(opening=f"{function}(", parts=arguments, closing=")")


def _constant(name: str) -> Code:
    return Code(f"check{name}")


def _list(parts: Iterable[Part]) -> Part:
    return Group(opening="[", parts=tuple(parts), closing="]")


def _accepts(check: model.Validator) -> bool:
    return check == model.Always(verdict=True)


def _member(member: tuple[Code, Part]) -> Part:
    name, part = member
    if isinstance(part, Code):
        return Code(f"{name}: {part}")
    return Group(opening=f"{name}: {part.opening}", parts=part.parts, closing=part.closing, spaced=part.spaced)


def objects(members: Iterable[tuple[Code, Part]]) -> Part:
    """Return an object literal."""
    return Group(opening="{", parts=tuple(map(_member, members)), closing="}", spaced=True)


def _sorted(json: model.Json) -> model.Json:
    """Return a value whose properties are in the order in which the server names them in its words."""
    match json:
        case dict():
            return {name: _sorted(json[name]) for name in sorted(json)}
        case list():
            return [_sorted(one) for one in json]
        case _:
            return json
