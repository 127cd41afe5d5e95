"""Other ways to validate, each as its documentation shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import fastjsonschema
import jsonschema
import pydantic

__all__ = ["Post", "Say", "fast_decode", "fast_encode", "pydantic_decode", "pydantic_encode", "slow_decode"]


class Closed(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, extra="forbid")


class Say(Closed):
    room: Annotated[str, pydantic.Field(min_length=1, max_length=40)]
    text: Annotated[str, pydantic.Field(max_length=2000)]
    n: int


class Author(Closed):
    name: Annotated[str, pydantic.Field(min_length=1, max_length=60)]
    mail: Annotated[str, pydantic.Field(max_length=80)]
    admin: bool


class Attachment(Closed):
    href: Annotated[str, pydantic.Field(max_length=200)]
    size: Annotated[int, pydantic.Field(ge=0)]
    kind: Literal["image", "text", "other"]


class Post(Closed):
    id: Annotated[int, pydantic.Field(ge=1)]
    author: Author
    title: Annotated[str, pydantic.Field(min_length=1, max_length=120)]
    body: Annotated[str, pydantic.Field(max_length=2000)]
    tags: Annotated[list[Annotated[str, pydantic.Field(max_length=30)]], pydantic.Field(max_length=20)]
    attachments: Annotated[list[Attachment], pydantic.Field(max_length=10)]
    score: Annotated[float, pydantic.Field(ge=0, le=1)]
    draft: bool
    reply: int | None


class SayFrame(Closed):
    type: Literal["say"]
    data: Say


class PostFrame(Closed):
    type: Literal["post"]
    data: Post


class Many(Closed):
    type: Literal["many"]
    data: list[int]


def pydantic_decode() -> Callable[[bytes], object]:
    """Return what reads a frame with pydantic."""
    frames = Annotated[SayFrame | PostFrame | Many, pydantic.Field(discriminator="type")]
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(frames)
    return adapter.validate_json


def pydantic_encode(kind: type[pydantic.BaseModel]) -> Callable[[Any], object]:
    """Return what builds a model and writes it."""
    return lambda data: kind.model_validate(data).model_dump_json()


def fast_decode(schema: Any) -> Callable[[bytes], object]:
    """Return what reads a frame with fastjsonschema."""
    check = fastjsonschema.compile(schema)
    return lambda frame: check(json.loads(frame)["data"])


def fast_encode(schema: Any) -> Callable[[Any], object]:
    """Return what checks and writes a payload with fastjsonschema."""
    check = fastjsonschema.compile(schema)
    return lambda data: json.dumps(check(data))


def slow_decode(schema: Any) -> Callable[[bytes], object]:
    """Return what reads a frame with jsonschema."""
    validator = jsonschema.Draft202012Validator(schema)
    return lambda frame: validator.validate(json.loads(frame)["data"])
