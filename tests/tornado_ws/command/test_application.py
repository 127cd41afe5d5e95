from __future__ import annotations

import sys

import pytest
from tornado.web import Application

from tornado_ws.command.application import _generated_package, make_application
from tornado_ws.errors import ConfigurationError

MODULE = """
import functools
from tornado.web import Application

def make(): return Application()
async def make_later(): return Application()
application = Application()
def nothing(): pass
def routes(): return [("/", object)]
def configured(path: str, *, debug: bool = True) -> Application: pass
def with_path(function):
    @functools.wraps(function)
    def supplied(): return function("path")
    return supplied
@with_path
def wrapped(path): return Application()
partial = functools.partial(lambda path: Application(), "path")
class Handler: pass
class settings:
    make = Application
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    name = f"module_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "broken_import.py").write_text("import no_such_dependency", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


@pytest.mark.gen_test
@pytest.mark.parametrize("attribute", ["make", "make_later", "application", "settings.make", "wrapped", "partial"])
async def test_application_is_made_by_functions_and_taken_from_attributes(module, attribute):
    assert isinstance(await make_application(f"{module}:{attribute}"), Application)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app", "expected module:function, got 'app'"),
        (":make", "expected module:function, got ':make'"),
        ("no_such_module:make", "no module 'no_such_module' in this folder"),
        ("no_such_package.app:make", "no module 'no_such_package' in this folder"),
        ("{module}:other", "{module} has no attribute 'other'"),
        ("{module}:nothing", "expected {module}:nothing to return an Application, got None"),
        ("{module}:routes", "expected {module}:routes to return an Application, got [('/', <class 'object'>)]"),
        ("{module}:Handler", "expected {module}:Handler to be a function, got <class '{module}.Handler'>"),
        (
            "{module}:configured",
            "expected a function without arguments, got {module}:configured(path, *, debug=True)",
        ),
    ],
)
async def test_unusable_name_is_refused_with_a_hint(module, name, text):
    with pytest.raises(ConfigurationError) as refused:
        await make_application(name.format(module=module))

    hint = "such as app:make, for a function in app.py that returns the tornado.web.Application"
    assert f"application: {text.format(module=module)}; {hint}" == str(refused.value)


NESTED = """
from tornado.web import Application
from tests.support.lab import Lab
from tornado_ws import WebSocketController

sockets = WebSocketController()
def make():
    return Application({routes})
{application}
"""


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "routes",
    [
        "[sockets.persistent(Lab)]",
        "[sockets.persistent(Lab), ('/', Lab)]",
        "[[*sockets.persistent(Lab), ('/', Lab)]]",
        "[('', [sockets.persistent(Lab)])]",
    ],
)
@pytest.mark.parametrize("application", ["", "application = make()"])
async def test_list_in_the_list_of_routes_has_a_sentence_and_its_line(routes, application, tmp_path, monkeypatch):
    name = f"module_{tmp_path.name.replace('-', '_')}"
    text = NESTED.format(routes=routes, application=application)
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError) as refused:
        await make_application(f"{name}:make")

    assert (
        f"application: expected each route to be a rule or a tuple at {name}.py:8; "
        "write *sockets.persistent(…), with the star, since it returns a list"
    ) == str(refused.value)


@pytest.mark.gen_test
@pytest.mark.parametrize("error", ["AssertionError", "AttributeError", "TypeError"])
async def test_other_errors_of_the_application_are_not_hidden(error, tmp_path, monkeypatch):
    name = f"module_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(f"def make(): raise {error}('mine')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises((AssertionError, AttributeError, TypeError), match="mine"):
        await make_application(f"{name}:make")


@pytest.mark.gen_test
async def test_error_of_the_module_itself_is_not_hidden(module):
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        await make_application("broken_import:make")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("imported", "settings", "hint"),
    [
        ("generated_.chat", 'python = "src/generated_"', "no module 'generated_'; run python -m codegen"),
        ("pydantic", "", "no module 'pydantic'; run pip install 'tornado-ws[pydantic]'"),
    ],
)
async def test_missing_module_that_a_command_provides_has_a_hint(imported, settings, hint, tmp_path, monkeypatch):
    name = f"module_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(f"import {imported}", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(f"[tool.tornado-ws]\n{settings}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])  # without site-packages
    for module in [one for one in sys.modules if one.partition(".")[0] == "pydantic"]:
        monkeypatch.delitem(sys.modules, module)

    with pytest.raises(ConfigurationError) as refused:
        await make_application(f"{name}:make")

    assert str(refused.value) == f"application: {hint}"


@pytest.mark.parametrize("text", ["", "[tool]\n", "tool = 1", "[tool.tornado-ws]\npython = 1", "not TOML"])
def test_unusable_settings_have_the_default_package(text, tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert _generated_package() == "generated"
