"""Calls of the functions in ``runtime/validators.ts``, for the validators of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ... import model
from ...regex.automaton import automaton
from ...regex.parser import parse
from ..js_literals import key, regular_expression, string, value
from ..templates import Code
from .dependencies import calls, declaration_order, everything, prune
from .typescript_printer import Group, Part

__all__ = ["ValidatorCalls", "call", "object_literal"]

FORMATS = {"date-time": "dateTime", "json-pointer": "jsonPointer"}
"""Functions of ``runtime/formats.ts`` with another name than the format."""


class ValidatorCalls:
    """Expressions for the validators of an endpoint; records the functions that they call.

    Args:
        endpoint: Endpoint with the validators.
        taken: Other names of the module.

    """

    def __init__(self, endpoint: model.Endpoint, taken: Sequence[str]) -> None:
        self._named = endpoint.checks
        self._taken = frozenset(taken)
        self._order = {name: index for index, name in enumerate(declaration_order(endpoint.checks))}
        self._tracks = any(
            isinstance(check, model.Unevaluated)
            for check in everything([*endpoint.checks.values(), *(slot.check for slot in endpoint.slots)])
        )
        """True if validators that accept every value matter, since they mark properties and items as evaluated."""
        self._current = len(self._order)
        """Index of the declaration that is being written; initially after the last one."""
        self._used: dict[str, set[str]] = {"validators": set(), "formats": set(), "linear-regexp": set()}

    @property
    def imports(self) -> dict[str, list[str]]:
        """Import specifiers, by module of the runtime."""
        return {
            module: [f"{name} as {name}_" if name in self._taken else name for name in sorted(names)]
            for module, names in self._used.items()
            if names
        }

    def declarations(self) -> Iterator[tuple[Code, Part]]:
        """Yield the name and expression of each named validator, in the order of their declarations."""
        for name, index in sorted(self._order.items(), key=lambda item: item[1]):
            self._current = index
            yield self._constant(name), self._part(self._named[name])
        self._current = len(self._order)

    def payload(self, check: model.Check) -> Part:
        """Return the expression for the validator of a payload."""
        if self._grows_with_depth(check):
            return call(self._function("limitDepth"), self._part(check))
        return self._part(check)

    def _grows_with_depth(self, check: model.Check) -> bool:
        """Return True if the call stack grows with the depth of a value: in cycles, or when items are compared."""
        seen: set[str] = set()
        queue = [check]
        while queue:
            for inner in everything([queue.pop()]):
                if isinstance(inner, model.Unique):
                    return True
                if isinstance(inner, model.Call) and inner.name not in seen:
                    seen.add(inner.name)
                    queue.append(self._named[inner.name])
        return any(self._order[called] >= self._order[name] for name in seen for called in calls(self._named[name]))

    def _part(self, check: model.Check) -> Part:
        kept = check if self._tracks else prune(check)
        match kept:
            case None | model.Always(verdict=True):
                return self._function("anything")
            case model.Always(keyword=keyword):
                return self._call("never", string(keyword))
            case model.IsType(kinds=kinds):
                parts = [self._function("null_" if kind == "null" else kind) for kind in kinds]
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
                constant = self._constant(name)
                return constant if self._order[name] < self._current else self._call("lazy", Code(f"() => {constant}"))
            case _:
                return self._composed(kept)

    def _composed(self, check: model.Check) -> Part:
        match check:
            case model.All():
                return self._all(check)
            case model.Items() | model.Properties():
                return self._all(model.All(checks=(check,)))
            case model.Contains():
                return self._contains(check)
            case model.Names(check=inner):
                return self._call("propertyNames", self._part(inner))
            case model.Dependent(name=name, check=model.Required(names=names), keyword="dependentRequired"):
                return self._call("dependentRequired", string(name), *map(string, names))
            case model.Dependent(name=name, check=inner):
                return self._call("dependentSchemas", string(name), self._part(inner))
            case model.AnyOf(checks=checks, tag=tag) | model.ExactlyOne(checks=checks, tag=tag):
                if tag is None:
                    return self._call(check.keyword, *map(self._part, checks))
                choices = [
                    _list([string(text), self._part(inner)]) for text, inner in zip(tag.values, checks, strict=True)
                ]
                return self._call("tagged", string(check.keyword), string(tag.name), *choices)
            case model.Not(check=inner):
                return self._call("not", self._part(inner))
            case model.Branch(condition=condition, then=then, otherwise=otherwise):
                parts = [self._part(condition), self._part(then)]
                return self._call("ifThenElse", *parts, *([] if _accepts(otherwise) else [self._part(otherwise)]))
            case _:
                raise TypeError(f"unexpected validator: {check!r}")

    def _all(self, check: model.All) -> Part:
        others = [inner for inner in check.checks if not isinstance(inner, model.Unevaluated)]
        parts = [part for inner in others for part in self._parts(inner)]
        part = parts[0] if len(parts) == 1 else self._call("all", *parts)
        for inner in check.checks:
            if isinstance(inner, model.Unevaluated):
                part = self._call(inner.keyword, self._part(inner.check), part)
        return part

    def _parts(self, check: model.Check) -> Iterator[Part]:
        """Yield the expressions of a validator, in the order in which they report issues."""
        match check:
            case model.Items(prefix=prefix, rest=rest):
                if prefix:
                    yield self._call("prefixItems", *map(self._part, prefix))
                if rest is not None:
                    yield self._call("items", self._part(rest), *([value(len(prefix))] if prefix else []))
            case model.Properties():
                yield from self._properties(check)
            case model.All(checks=checks) if not any(isinstance(inner, model.Unevaluated) for inner in checks):
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
                yield self._call("properties", object_literal((key(name), self._part(inner)) for name, inner in named))
            if patterns:
                yield self._call("patternProperties", *patterns)
            if rest is not None:
                yield self._call("record", object_literal([]), self._part(rest))
            return
        members = object_literal((key(name), self._part(inner)) for name, inner in named)
        never = rest == model.Always(verdict=False, keyword="additionalProperties")
        if never and not patterns:
            yield self._call("closed", members)
        else:
            yield self._call("record", members, self._part(rest), *([_list(patterns)] if patterns else []))

    def _equals(self, check: model.Equals) -> Part:
        has_containers = any(isinstance(each, (list, dict)) for each in check.values)
        comparison = [self._function("deepEqual")] if has_containers else []
        values = [value(_sorted(each)) for each in check.values]
        if check.keyword == "const":
            return self._call("constant", *values, *comparison)
        return self._call("enumeration", _list(values), *comparison)

    def _matches(self, check: model.Matches) -> Part:
        if check.keyword == "format":
            test = self._function(FORMATS.get(check.what, check.what), "formats")
            return self._call("format", string(check.what), test)
        expression = self._expression(check.what)
        is_source = expression == f"/{check.what}/u"
        return self._call("pattern", expression, *([] if is_source else [string(check.what)]))

    def _expression(self, pattern: str) -> Part:
        """Return an expression that matches a pattern: a regular expression, or an automaton if that may backtrack."""
        parsed = parse(pattern)
        nfa = automaton(parsed.tree)
        if nfa is None:
            return regular_expression(parsed.ecma)
        states = [
            _list([regular_expression(f"^{place.text}$"), value(list(follow))])
            for place, follow in zip(nfa.places, nfa.follow, strict=True)
        ]
        ends = [value(list(nfa.first)), value(list(nfa.last))]
        return call(
            self._function("linear", "linear-regexp"),
            _list(states),
            *ends,
            *map(value, (nfa.empty, nfa.start, nfa.end)),
        )

    def _contains(self, check: model.Contains) -> Part:
        limits = [
            value(check.least),
            Code("Infinity") if check.most is None else value(check.most),
            string(check.keyword),
        ]
        is_default = check.keyword == "contains" and check.least == 1 and check.most is None
        return self._call("contains", self._part(check.check), *([] if is_default else limits))

    def _call(self, function: str, *arguments: Part) -> Part:
        return call(self._function(function), *arguments)

    def _function(self, name: str, module: str = "validators") -> Code:
        self._used[module].add(name)
        return Code(f"{name}_" if name in self._taken else name)

    def _constant(self, name: str) -> Code:
        constant = f"validate{name}"
        return Code(f"{constant}_" if constant in self._taken else constant)


def call(function: Code, *arguments: Part) -> Part:
    """Return a call of ``function``."""
    return Group(opening=f"{function}(", parts=arguments, closing=")")


def _list(parts: Iterable[Part]) -> Part:
    return Group(opening="[", parts=tuple(parts), closing="]")


def _accepts(check: model.Check) -> bool:
    return check == model.Always(verdict=True)


def _property(name: Code, part: Part) -> Part:
    if isinstance(part, Code):
        return Code(f"{name}: {part}")
    return Group(opening=f"{name}: {part.opening}", parts=part.parts, closing=part.closing, spaced=part.spaced)


def object_literal(properties: Iterable[tuple[Code, Part]]) -> Part:
    """Return an object literal."""
    parts = tuple(_property(name, part) for name, part in properties)
    return Group(opening="{", parts=parts, closing="}", spaced=True)


def _sorted(json: model.Json) -> model.Json:
    """Return a JSON value with sorted properties, which is the order in error messages of the server."""
    match json:
        case dict():
            return {name: _sorted(json[name]) for name in sorted(json)}
        case list():
            return [_sorted(item) for item in json]
        case _:
            return json
