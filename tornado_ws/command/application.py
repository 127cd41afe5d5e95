"""Application from a name on the command line, such as ``app:make``."""

from __future__ import annotations

import importlib
import inspect
import operator
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from tornado.web import Application

from ..errors import ConfigurationError
from ..server.method_signatures import call_of
from .invalid_route import place_of_invalid_route

__all__ = ["make_application"]

HINT = "such as app:make, for a function in app.py that returns the tornado.web.Application"

ROUTE_HINT = "write *sockets.persistent(…), with the star, since it returns a list"


async def make_application(name: str) -> Application:
    """Import a module and return its application.

    Args:
        name: Module and attribute, such as ``app:make``: a function without arguments, also a coroutine function, or
            the application itself.

    Raises:
        ConfigurationError: If there is no such module or attribute, or it is not an application.
    """
    module_name, colon, attribute = name.partition(":")
    if not module_name or not colon or not attribute:
        raise ConfigurationError("application", f"expected module:function, got {name!r}", HINT)
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        made = _attribute(module_name, attribute)
        if not isinstance(made, Application) and callable(made):
            _require_function(name, made)
            made = made()
            made = await made if inspect.isawaitable(made) else made
    except (AssertionError, AttributeError, TypeError) as error:
        if (place := place_of_invalid_route(error)) is None:
            raise
        problem = f"expected each route to be a rule or a tuple at {place}"
        raise ConfigurationError("application", problem, ROUTE_HINT) from error
    if not isinstance(made, Application):
        raise ConfigurationError("application", f"expected {name} to return an Application, got {made!r}", HINT)
    return made


def _attribute(module_name: str, attribute: str) -> object:
    """Import a module and return one of its attributes."""
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if f"{module_name}.".startswith(f"{missing}."):
            raise ConfigurationError("application", f"no module {missing!r} in this folder", HINT) from error
        if hint := _hint(missing):
            raise ConfigurationError("application", f"no module {missing!r}", hint) from error
        raise
    try:
        found: object = operator.attrgetter(attribute)(module)
    except AttributeError:
        raise ConfigurationError("application", f"{module_name} has no attribute {attribute!r}", HINT) from None
    return found


def _require_function(name: str, made: Callable[..., object]) -> None:
    """Check that an object can be called without arguments, and is not a class other than an application's.

    Raises:
        ConfigurationError: If it is not.
    """
    if inspect.isclass(made):
        if not issubclass(made, Application):
            raise ConfigurationError("application", f"expected {name} to be a function, got {made!r}", HINT)
        return
    try:
        inspect.signature(made, follow_wrapped=False).bind()
    except TypeError:
        problem = f"expected a function without arguments, got {call_of(name, made)}"
        raise ConfigurationError("application", problem, HINT) from None
    except ValueError:  # a function of C
        return


def _hint(module: str) -> str:
    """Return the command that provides a module which generated code needs; empty for others."""
    if _generated_package() in module.split("."):
        return "run python -m codegen"
    return "run pip install 'tornado-ws[pydantic]'" if module == "pydantic" else ""


def _generated_package() -> str:
    """Return the name of the package that codegen writes, by the settings in this folder."""
    try:
        settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
        return Path(settings["tool"]["tornado-ws"]["python"]).name
    except (OSError, ValueError, KeyError, TypeError):
        return "generated"
