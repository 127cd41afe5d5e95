"""Calls of the functions in ``runtime/validators.ts``, for the validators of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from ... import model
from ...regex.automaton import automaton
from ...regex.parser import parse
from ..js_literals import bigint, key, regular_expression, sorted_json, string, value
from ..templates import Code
from .call_expressions import array_literal, call, object_literal
from .dependencies import called_names, declaration_order, prune, subvalidators
from .typescript_printer import Part

__all__ = ["ValidatorCalls"]

EXACT = frozenset(
    (
        *("constant", "deepEqual", "enumeration", "exclusiveMaximum", "exclusiveMinimum", "integer"),
        *("maximum", "minimum", "multipleOf", "number", "uniqueItems"),
    )
)
"""Functions that ``runtime/exact-validators.ts`` also has, for numbers and ``bigint``."""
FORMATS = {"date-time": "dateTime", "json-pointer": "jsonPointer"}
"""Functions of ``runtime/formats.ts`` with another name than the format."""


class ValidatorCalls:
    """Expressions for the validators of an endpoint; records the functions that they call.

    Args:
        endpoint: Endpoint with the validators.
        taken: Other names of the module.
    """

    def __init__(self, endpoint: model.Endpoint, taken: Sequence[str]) -> None:
        self._named = endpoint.validators
        self._taken = frozenset(taken)
        parts = {name: tuple(subvalidators([validator])) for name, validator in endpoint.validators.items()}
        self._calls = {name: called_names(inner) for name, inner in parts.items()}
        self._comparing = {name for name, inner in parts.items() if _compares_items(inner)}
        """Names of validators that compare items."""
        self._order = {name: index for index, name in enumerate(declaration_order(self._calls))}
        payloads = subvalidators(payload.validator for payload in endpoint.payloads)
        self._tracks_evaluation = any(isinstance(part, model.Unevaluated) for part in chain(payloads, *parts.values()))
        """True if validators that accept every value are kept, because they mark properties and items as evaluated."""
        self._current = len(self._order)
        """Index of the current declaration; initially after the last one."""
        modules = ("validators", "exact-validators", "exact-values", "formats", "linear-regexp")
        self._used: dict[str, set[str]] = {module: set() for module in modules}
        self._is_exact = endpoint.bigint
        """True if values contain ``bigint``."""

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

    def payload(self, validator: model.Validator) -> Part:
        """Return the expression for the validator of a payload, without the types of its values."""
        if self._grows_with_depth(validator):
            return call(self.function("limitDepth"), self._part(validator))
        return self._part(validator)

    def _grows_with_depth(self, validator: model.Validator) -> bool:
        """Return True if the call stack grows with the depth of a value: in cycles, or when items are compared."""
        parts = tuple(subvalidators([validator]))
        reached = {*called_names(parts)}
        queue = [*reached]
        while queue:
            found = {*self._calls[queue.pop()]} - reached
            reached |= found
            queue += found
        is_recursive = any(self._order[called] >= self._order[name] for name in reached for called in self._calls[name])
        return is_recursive or _compares_items(parts) or not reached.isdisjoint(self._comparing)

    def _part(self, validator: model.Validator) -> Part:
        kept = validator if self._tracks_evaluation else prune(validator)
        match kept:
            case None | model.Always(verdict=True):
                return self.function("anything")
            case model.Always(keyword=keyword):
                return self._call("never", string(keyword))
            case model.IsType(types=types):
                parts = [self.function("null_" if type_ == "null" else type_) for type_ in types]
                return parts[0] if len(parts) == 1 else self._call("types", *parts)
            case model.Equals():
                return self._equals(kept)
            case model.Within(bound=bound, keyword=keyword) if self._is_exact:
                return self._call(keyword, bigint(bound))
            case model.MultipleOf(divisor=divisor) if self._is_exact:
                return self._call("multipleOf", bigint(divisor))
            case model.Within(bound=bound, keyword=keyword) if _is_rounded(bound, keyword):
                return self._call(keyword, value(bound), Code("true"))
            case model.Within(bound=bound, keyword=keyword) | model.Size(bound=bound, keyword=keyword):
                return self._call(keyword, value(bound))
            case model.MultipleOf(divisor=divisor):
                return self._call("multipleOf", value(divisor))
            case model.Matches():
                return self._matches(kept)
            case model.Unique():
                return self.function("uniqueItems")
            case model.Required(names=names):
                return self._call("required", *map(string, names))
            case model.Call(name=name):
                constant = self._constant(name)
                return constant if self._order[name] < self._current else self._call("lazy", Code(f"() => {constant}"))
            case _:
                return self._composed(kept)

    def _composed(self, validator: model.Validator) -> Part:
        match validator:
            case model.All():
                return self._all(validator)
            case model.Items() | model.Properties():
                return self._all(model.All(validators=(validator,)))
            case model.Contains():
                return self._contains(validator)
            case model.PropertyNames(validator=inner):
                return self._call("propertyNames", self._part(inner))
            case model.Dependent(name=name, validator=model.Required(names=names), keyword="dependentRequired"):
                return self._call("dependentRequired", string(name), *map(string, names))
            case model.Dependent(name=name, validator=inner):
                return self._call("dependentSchemas", string(name), self._part(inner))
            case model.AnyOf(validators=validators, tag=tag) | model.ExactlyOne(validators=validators, tag=tag):
                if tag is None:
                    return self._call(validator.keyword, *map(self._part, validators))
                return self._tagged(validator.keyword, tag, validators)
            case model.Not(validator=inner):
                return self._call("not", self._part(inner))
            case model.Conditional(condition=condition, then=then, otherwise=otherwise):
                parts = [self._part(condition), self._part(then)]
                return self._call("ifThenElse", *parts, *([] if _accepts(otherwise) else [self._part(otherwise)]))
            case _:
                raise TypeError(f"unexpected validator: {validator!r}")

    def _tagged(self, keyword: str, tag: model.Tag, validators: Sequence[model.Validator]) -> Part:
        choices = [
            array_literal(
                [
                    self._constants(choice.values),
                    self._tagged(keyword, choice.selects, validators)
                    if isinstance(choice.selects, model.Tag)
                    else self._part(validators[choice.selects]),
                ]
            )
            for choice in tag.choices
        ]
        return self._call("tagged", string(keyword), string(tag.name), *choices)

    def _constants(self, values: Sequence[model.Json]) -> Part:
        if not self._is_exact:
            literals = [value(one) for one in values]
        else:  # a message may contain 9007199254740992, which becomes a bigint, or 9007199254740992.0
            numbers = [one for one in values if not isinstance(one, int) or float(one) == one]
            literals = [*dict.fromkeys([*map(bigint, values), *map(value, numbers)])]
        return literals[0] if len(literals) == 1 else array_literal(literals)

    def _all(self, validator: model.All) -> Part:
        others = [inner for inner in validator.validators if not isinstance(inner, model.Unevaluated)]
        parts = [part for inner in others for part in self._parts(inner)]
        part = parts[0] if len(parts) == 1 else self._call("all", *parts)
        for inner in validator.validators:
            if isinstance(inner, model.Unevaluated):
                part = self._call(inner.keyword, self._part(inner.validator), part)
        return part

    def _parts(self, validator: model.Validator) -> Iterator[Part]:
        """Yield the expressions of a validator, in the order in which they report issues."""
        match validator:
            case model.Items(prefix=prefix, rest=rest):
                if prefix:
                    yield self._call("prefixItems", *map(self._part, prefix))
                if rest is not None:
                    yield self._call("items", self._part(rest), *([value(len(prefix))] if prefix else []))
            case model.Properties():
                yield from self._properties(validator)
            case model.All(validators=validators) if not any(
                isinstance(inner, model.Unevaluated) for inner in validators
            ):
                for inner in validators:
                    yield from self._parts(inner)
            case _:
                yield self._part(validator)

    def _properties(self, validator: model.Properties) -> Iterator[Part]:
        rest = validator.rest
        named = validator.named
        patterns = [array_literal([self._expression(text), self._part(inner)]) for text, inner in validator.patterns]
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
            yield self._call("record", members, self._part(rest), *([array_literal(patterns)] if patterns else []))

    def _equals(self, validator: model.Equals) -> Part:
        if self._is_exact:
            exact = [bigint(sorted_json(member)) for member in validator.values]
            return (
                self._call("constant", *exact)
                if validator.keyword == "const"
                else self._call("enumeration", array_literal(exact))
            )
        has_containers = any(isinstance(member, (list, dict)) for member in validator.values)
        comparison = [self.function("deepEqual")] if has_containers else []
        values = [value(sorted_json(member)) for member in validator.values]
        if validator.keyword == "const":
            return self._call("constant", *values, *comparison)
        return self._call("enumeration", array_literal(values), *comparison)

    def _matches(self, validator: model.Matches) -> Part:
        if validator.keyword == "format":
            test = self.function(FORMATS.get(validator.text, validator.text), "formats")
            return self._call("format", string(validator.text), test)
        expression = self._expression(validator.text)
        is_source = expression == f"/{validator.text}/u"
        return self._call("pattern", expression, *([] if is_source else [string(validator.text)]))

    def _expression(self, pattern: str) -> Part:
        """Return an expression that matches a pattern: a regular expression, or an automaton for slow patterns."""
        parsed = parse(pattern)
        nfa = automaton(parsed.tree)
        if nfa is None:
            return regular_expression(parsed.ecma)
        states = [
            array_literal([regular_expression(f"^{character.ecma}$"), value(list(follow))])
            for character, follow in zip(nfa.positions, nfa.follow, strict=True)
        ]
        ends = [value(list(nfa.first)), value(list(nfa.last))]
        return call(
            self.function("linear", "linear-regexp"),
            array_literal(states),
            *ends,
            *map(value, (nfa.empty, nfa.anchored_start, nfa.anchored_end)),
        )

    def _contains(self, validator: model.Contains) -> Part:
        arguments = [
            value(validator.minimum),
            Code("Infinity") if validator.maximum is None else value(validator.maximum),
            string(validator.keyword),
        ]
        is_default = validator.keyword == "contains" and validator.minimum == 1 and validator.maximum is None
        return self._call("contains", self._part(validator.validator), *([] if is_default else arguments))

    def _call(self, function: str, *arguments: Part) -> Part:
        return call(self.function(function), *arguments)

    def function(self, name: str, module: str = "validators") -> Code:
        """Return the local name for a function of the runtime, and import it."""
        if self._is_exact and module == "validators" and name in EXACT:
            module = "exact-validators"
        self._used[module].add(name)
        return Code(f"{name}_" if name in self._taken else name)

    def _constant(self, name: str) -> Code:
        constant = f"validate{name}"
        return Code(f"{constant}_" if constant in self._taken else constant)


def _compares_items(parts: Iterable[model.Validator]) -> bool:
    return any(isinstance(part, model.Unique) for part in parts)


def _is_rounded(bound: int | float, keyword: str) -> bool:
    """Return True if JavaScript rounds the nearest valid integer to an exclusive bound."""
    step = {"exclusiveMinimum": 1, "exclusiveMaximum": -1}.get(keyword)
    return step is not None and int(bound) == bound and float(int(bound) + step) == float(bound)


def _accepts(validator: model.Validator) -> bool:
    return validator == model.Always(verdict=True)
