"""Place of a route that Tornado refuses without a sentence, such as a list of routes in the list of routes."""

from __future__ import annotations

import os
import traceback
from typing import Final

import tornado
from tornado.routing import RuleRouter

__all__ = ["place_of_invalid_route"]

FOLDER: Final = os.path.dirname(tornado.__file__)


def place_of_invalid_route(error: BaseException) -> str | None:
    """Return the file and the line that pass an invalid route to Tornado; None for other errors.

    Args:
        error: Error of the application while it starts.
    """
    calls = traceback.extract_tb(error.__traceback__)
    if not any(one.name == RuleRouter.add_rules.__name__ and one.filename.startswith(FOLDER) for one in calls):
        return None
    own = [one for one in calls if not one.filename.startswith(FOLDER)]
    return f"{os.path.relpath(own[-1].filename)}:{own[-1].lineno}"
