"""Calls of the functions in ``runtime/exact-values.ts``, which give valid values their TypeScript types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ... import model
from ..js_literals import key, string, value
from ..templates import Code
from .bigint_types import is_bigint, with_bigint
from .call_expressions import call, object_literal
from .typescript_printer import Group, Part
from .validator_calls import ValidatorCalls

__all__ = ["DecoderCalls"]

SCALARS = {"integer": "int", "number": "float"}


class DecoderCalls:
    """Expressions for the decoders of an endpoint with ``bigint``.

    Args:
        endpoint: Endpoint with the types.
        validators: Validators of the endpoint, which record the functions of the runtime.
        taken: Other names of the module.
    """

    def __init__(self, endpoint: model.Endpoint, validators: ValidatorCalls, taken: Sequence[str]) -> None:
        self._validators = validators
        self._is_exact = endpoint.bigint
        self._taken = frozenset(taken)
        self._definitions = {definition.name: definition for definition in endpoint.definitions}
        self._function = validators.function
        self._with_bigint = with_bigint(endpoint.definitions)
        self._order: list[str] = []
        """Names of the definitions with a decoder, in the order of their first use."""

    def payload(self, payload: model.Payload) -> Part:
        """Return the validator of a payload, with the decoder of its type if values contain ``bigint``."""
        validator, type_ = self._validators.payload(payload.validator), payload.type
        if not self._is_exact:
            return validator
        decoder = self._part(type_) if self._reaches_bigint(type_) else self._runtime("plain")
        return call(self._runtime("exact"), validator, decoder)

    def declarations(self) -> Iterator[tuple[Code, Part]]:
        """Yield the name and expression of each decoder with a name; call it after the last :meth:`payload`."""
        for name in self._order:  # it grows
            yield self._constant(name), self._definition(self._definitions[name])

    def _definition(self, definition: model.Definition) -> Part:
        if isinstance(definition, model.Alias):
            return self._part(definition.type)
        required: list[Part] = [string(field.name) for field in definition.fields if field.required]
        named = object_literal((key(field.name), self._part(field.type)) for field in definition.fields)
        rest: list[Part] = [self._runtime("nothing")] if definition.closed else []
        if definition.rest is not None:
            rest = [self._part(definition.rest)]
        return self._call("struct", _list(required), named, *rest)

    def _part(self, type_: model.Type) -> Part:
        match type_:
            case model.Anything():
                return self._runtime("plain")
            case model.Nothing():
                return self._runtime("nothing")
            case model.Scalar(bigint=True):
                return self._runtime("big")
            case model.Scalar(type="integer" | "number" as json_type):
                return self._runtime(SCALARS[json_type])
            case model.Scalar(type=json_type):
                return self._call("scalar", string(json_type))
            case model.Enumeration():
                return self._enumeration(type_)
            case model.Array(item=item):
                return self._call("list", self._part(item))
            case model.Tuple(items=items, required=required, rest=rest):
                others = [] if rest is None else [self._part(rest)]
                return self._call("tuple", _list(map(self._part, items)), value(required), *others)
            case model.Map(key=model.Scalar(), value=inner):
                return self._call("struct", _list([]), object_literal([]), self._part(inner))
            case model.Map(key=names, value=inner):
                return self._call("struct", _list([]), object_literal([]), self._part(inner), self._part(names))
            case model.Ref(name=name):
                if name not in self._order:
                    self._order.append(name)
                return self._call("named", string(name), Code(f"() => {self._constant(name)}"))
            case model.Union(members=members):
                # An integer that several members accept keeps all its digits.
                ordered = sorted(members, key=lambda member: not self._reaches_bigint(member))
                return self._call("either", *map(self._part, ordered))

    def _enumeration(self, type_: model.Enumeration) -> Part:
        values = [
            Code(f"{one}n") if type_.bigint and isinstance(one, int) and not isinstance(one, bool) else value(one)
            for one in type_.values
        ]
        return self._call("literal", *values)

    def _reaches_bigint(self, type_: model.Type) -> bool:
        return is_bigint(type_) or not self._with_bigint.isdisjoint(model.references(type_))

    def _constant(self, name: str) -> Code:
        constant = f"decode{name}"
        return Code(f"{constant}_" if constant in self._taken else constant)

    def _call(self, function: str, *arguments: Part) -> Part:
        return call(self._runtime(function), *arguments)

    def _runtime(self, function: str) -> Code:
        return self._function(function, "exact-values")


def _list(parts: Iterable[Part]) -> Part:
    return Group(opening="[", parts=tuple(parts), closing="]")
