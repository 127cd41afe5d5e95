"""Values by message class."""

from __future__ import annotations

import pytest

from tornado_ws.validation.message_classes import MessageClasses


class Line:
    pass


class Said(Line):
    """Message of the server whose payload is a message, too."""


class Say(Line):
    """Message of the other side."""


class LoudSaid(Said):
    pass


class LoudSay(Say):
    pass


def test_subclass_has_the_value_of_its_nearest_message_class() -> None:
    classes = MessageClasses({Line: 1, Said: 2})

    assert (1, 2, 2, 1) == (classes[Line], classes[Said], classes[LoudSaid], classes[LoudSay])
    assert ("Line", "Said") == classes.names


def test_messages_of_the_other_side_have_no_value() -> None:
    classes = MessageClasses({Line: 1, Said: 2}, [Line, Say])

    assert 1 == classes[Line]
    for cls in (Say, LoudSay, dict):
        with pytest.raises(KeyError):
            classes[cls]
