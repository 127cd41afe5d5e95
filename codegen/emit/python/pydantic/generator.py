"""Adapter for datamodel-code-generator: Pydantic types for a JSON Schema document."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from ....identifiers import Name
from .output_types import GeneratedTypes, UnexpectedOutput, parse_types

__all__ = ["GenerationError", "generate_types"]


class GenerationError(Exception):
    """Error for a document that the generator rejects; the message is the first line of its error."""


def generate_types(schema: dict[str, Any], names: Mapping[str, Name]) -> GeneratedTypes:
    """Return the type of each definition in ``schema``.

    Args:
        schema: Document from :func:`~codegen.emit.python.pydantic.input_schema.input_schema`.
        names: Names of its definitions in the generated module.

    Raises:
        GenerationError: If the generator fails, warns, or returns unexpected code.
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
                raise UnexpectedOutput(type(text).__name__)
            generated = parse_types(text, names)
        except Exception as error:  # the generator documents no exceptions
            first, *_ = str(error).splitlines() or [""]
            raise GenerationError(f"{type(error).__name__}: {first}") from error
    for token, part in schema["$defs"].items():
        properties = part.get("properties")
        if properties is None:
            is_complete = token in generated.types
        else:
            is_complete = generated.classes.get(token, {}).keys() == properties.keys()
        if not is_complete:
            raise GenerationError(f"{token} is missing in the generated code")
    return generated
