"""Other validation libraries, each used as its documentation shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import fastjsonschema
import jsonschema
import pydantic

__all__ = [
    "Post",
    "Say",
    "fastjsonschema_decode",
    "fastjsonschema_encode",
    "pydantic_decode",
    "pydantic_encode",
    "pydantic_frame",
    "jsonschema_decode",
]


class StrictModel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, extra="forbid")


class Say(StrictModel):
    room: Annotated[str, pydantic.Field(min_length=1, max_length=40)]
    text: Annotated[str, pydantic.Field(max_length=2000)]
    n: int


class Author(StrictModel):
    name: Annotated[str, pydantic.Field(min_length=1, max_length=60)]
    mail: Annotated[str, pydantic.Field(max_length=80)]
    admin: bool


class Attachment(StrictModel):
    href: Annotated[str, pydantic.Field(max_length=200)]
    size: Annotated[int, pydantic.Field(ge=0)]
    kind: Literal["image", "text", "other"]


class Post(StrictModel):
    id: Annotated[int, pydantic.Field(ge=1)]
    author: Author
    title: Annotated[str, pydantic.Field(min_length=1, max_length=120)]
    body: Annotated[str, pydantic.Field(max_length=2000)]
    tags: Annotated[list[Annotated[str, pydantic.Field(max_length=30)]], pydantic.Field(max_length=20)]
    attachments: Annotated[list[Attachment], pydantic.Field(max_length=10)]
    score: Annotated[float, pydantic.Field(ge=0, le=1)]
    draft: bool
    reply: int | None


class SayFrame(StrictModel):
    type: Literal["say"]
    data: Say


class PostFrame(StrictModel):
    type: Literal["post"]
    data: Post


class Many(StrictModel):
    type: Literal["many"]
    data: list[int]


def pydantic_decode() -> Callable[[bytes], object]:
    """Return a function that decodes a frame with pydantic."""
    frames = Annotated[SayFrame | PostFrame | Many, pydantic.Field(discriminator="type")]
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(frames)
    return adapter.validate_json


def pydantic_frame(frame: type[pydantic.BaseModel], name: str) -> Callable[[Any], object]:
    """Return a function that encodes a frame with an instance of a payload, which pydantic does not validate again."""
    return lambda data: frame(type=name, data=data).model_dump_json()


def pydantic_encode(model: type[pydantic.BaseModel]) -> Callable[[Any], object]:
    """Return a function that validates a payload and encodes it with pydantic."""
    return lambda data: model.model_validate(data).model_dump_json()


def fastjsonschema_decode(schema: Any) -> Callable[[bytes], object]:
    """Return a function that decodes a frame with fastjsonschema."""
    validate = fastjsonschema.compile(schema)
    return lambda frame: validate(json.loads(frame)["data"])


def fastjsonschema_encode(schema: Any) -> Callable[[Any], object]:
    """Return a function that validates a payload and encodes it with fastjsonschema."""
    validate = fastjsonschema.compile(schema)
    return lambda data: json.dumps(validate(data))


def jsonschema_decode(schema: Any) -> Callable[[bytes], object]:
    """Return a function that decodes a frame with jsonschema."""
    validator = jsonschema.Draft202012Validator(schema)
    return lambda frame: validator.validate(json.loads(frame)["data"])
