"""Dates, times and UUIDs as Python code."""

from __future__ import annotations

import datetime
import uuid

import msgspec

from ..templates import Code
from .literals import literal
from .python_printer import Node, call, keyword

__all__ = ["formatted"]

TYPES: dict[str, type[datetime.date | datetime.time | uuid.UUID]] = {
    "date": datetime.date,
    "date-time": datetime.datetime,
    "time": datetime.time,
    "uuid": uuid.UUID,
}


def formatted(text: str, format_: str) -> Node | None:
    """Return the value of a text with a format as code; None if its type cannot represent it, such as a leap second."""
    try:
        return _code(msgspec.convert(text, TYPES[format_]))
    except msgspec.ValidationError:
        return None


def _code(value: datetime.date | datetime.time | uuid.UUID) -> Node:
    match value:
        case uuid.UUID():
            return call("uuid.UUID", literal(str(value)))
        case datetime.datetime():
            return _call("datetime.datetime", (value.year, value.month, value.day, *_clock(value)), value.tzinfo)
        case datetime.date():
            return _call("datetime.date", (value.year, value.month, value.day))
        case _:
            return _call("datetime.time", _clock(value), value.tzinfo)


def _clock(value: datetime.datetime | datetime.time) -> tuple[int, ...]:
    microsecond = (value.microsecond,) if value.microsecond else ()
    return (value.hour, value.minute, value.second, *microsecond)


def _call(function: str, numbers: tuple[int, ...], zone: datetime.tzinfo | None = None) -> Node:
    arguments: list[Node] = [literal(number) for number in numbers]
    offset = None if zone is None else zone.utcoffset(None)
    if offset is not None:
        arguments.append(keyword("tzinfo", _zone(offset)))
    return call(function, *arguments)


def _zone(offset: datetime.timedelta) -> Node:
    minutes = offset // datetime.timedelta(minutes=1)
    if minutes == 0:
        return Code("datetime.UTC")
    return call("datetime.timezone", call("datetime.timedelta", keyword("minutes", literal(minutes))))
