"""Intermediate model of endpoints, messages and types, for the emitters.

Types and validators depend on no target language and no JSON Schema keyword. Names are those of the schema.

Imports: nothing of this package.

Entry point: :class:`Endpoint`.
"""

from .endpoint import Endpoint, ErrorCode, Message, Payload, SourceLocation
from .once import once_per_endpoint
from .options import Options
from .parts import parts
from .policies import POLICIES, Policy, PolicyValue, Replay
from .references import follow, reachable_aliases, references
from .renaming import renamed
from .shared_definitions import shared_definitions
from .stand_ins import StandIn
from .tags import Choice, Constant, Tag, constant_key, constant_properties, find_tag, is_constant, type_tag
from .text_formats import accepts_several_texts, has_formats, typed_format
from .types import (
    NO_DEFAULT,
    Alias,
    Anything,
    Array,
    Constraints,
    Definition,
    Enumeration,
    Field,
    Json,
    Map,
    Nothing,
    Record,
    Ref,
    Scalar,
    Tuple,
    Type,
    Union,
)
from .validators import (
    All,
    Always,
    AnyOf,
    Call,
    Conditional,
    Contains,
    Dependent,
    Equals,
    ExactlyOne,
    IsType,
    Items,
    Matches,
    MultipleOf,
    Not,
    Properties,
    PropertyNames,
    Required,
    Size,
    Unevaluated,
    Unique,
    Validator,
    Within,
)

__all__ = [
    "NO_DEFAULT",
    "Alias",
    "All",
    "Always",
    "AnyOf",
    "Anything",
    "Array",
    "Call",
    "Choice",
    "Conditional",
    "Constant",
    "Constraints",
    "Contains",
    "Definition",
    "Dependent",
    "Endpoint",
    "Enumeration",
    "Equals",
    "ErrorCode",
    "ExactlyOne",
    "Field",
    "IsType",
    "Items",
    "Json",
    "Map",
    "Matches",
    "Message",
    "MultipleOf",
    "Not",
    "Nothing",
    "Options",
    "POLICIES",
    "Payload",
    "Policy",
    "PolicyValue",
    "Replay",
    "Properties",
    "PropertyNames",
    "Record",
    "Ref",
    "Required",
    "Scalar",
    "Size",
    "SourceLocation",
    "StandIn",
    "Tag",
    "Tuple",
    "Type",
    "Unevaluated",
    "Union",
    "Unique",
    "Validator",
    "Within",
    "accepts_several_texts",
    "has_formats",
    "typed_format",
    "constant_key",
    "constant_properties",
    "find_tag",
    "follow",
    "is_constant",
    "once_per_endpoint",
    "type_tag",
    "parts",
    "reachable_aliases",
    "references",
    "renamed",
    "shared_definitions",
]
