"""Has datamodel-code-generator write Pydantic models, and reads their types back."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from ....identifiers import Name
from .output_types import Unexpected, Written, read_back

__all__ = ["Refusal", "write_models"]


class Refusal(Exception):
    """The generator cannot write a document; its words are no more than the first line of what it says."""


def write_models(schema: dict[str, Any], names: Mapping[str, Name]) -> Written:
    """Return the types of each definition in ``schema``.

    Args:
        schema: see :mod:`~codegen.emit.python.projection`.
        names: what its definitions are to be called.

    Raises:
        Refusal: It fails, warns, or writes what is none of these types.

    """
    import datamodel_code_generator as generator
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    config = generator.GenerateConfig(
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        disable_timestamp=True,
        enum_field_as_literal=LiteralType.All,
        use_type_alias=True,
        use_annotated=True,
        use_tuple_for_closed_arrays=True,
        strict_nullable=True,
        allow_remote_refs=False,
        formatters=[],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            text = generator.generate(json.dumps(schema), config=config)
            if not isinstance(text, str):
                raise Unexpected(type(text).__name__)
            found = read_back(text, names)
        except Exception as error:  # whatever it raises
            first, *_ = str(error).splitlines() or [""]
            raise Refusal(f"{type(error).__name__}: {first}") from error
    for token, part in schema["$defs"].items():
        wanted = part.get("properties")
        if found.classes.get(token, {}).keys() != wanted.keys() if wanted is not None else token not in found.types:
            raise Refusal("it wrote something else")
    return found
