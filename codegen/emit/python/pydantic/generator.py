"""Adapter for datamodel-code-generator, which chooses the types of scalars and enumerations.

Its input contains no text of an author except enumerated values, because it does not escape its input. Its output is
parsed, and only types are taken from it.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from typing import Any

from ..python_printer import Node
from .output_types import UnexpectedOutput, parse_types

__all__ = ["GenerationError", "generate_types"]


class GenerationError(Exception):
    """Error for a document that the generator rejects; the message is the first line of its error."""


def generate_types(schemas: Sequence[dict[str, Any]]) -> list[Node]:
    """Return the type of each schema.

    Args:
        schemas: JSON Schemas of scalars and enumerations.

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
        strict_nullable=True,
        allow_remote_refs=False,
        formatters=[],
    )
    tokens = [f"D{index}" for index in range(len(schemas))]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": dict(zip(tokens, schemas, strict=True)),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            text = generator.generate(json.dumps(document), config=config)
            if not isinstance(text, str):
                raise UnexpectedOutput(type(text).__name__)
            types = parse_types(text)
            return [types[token] for token in tokens]
        except Exception as error:  # the generator documents no exceptions
            first, *_ = str(error).splitlines() or [""]
            raise GenerationError(f"{type(error).__name__}: {first}") from error
