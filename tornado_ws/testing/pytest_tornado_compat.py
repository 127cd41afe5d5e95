"""Compatibility of pytest-tornado 0.8.1 with current versions of pytest and Python."""

from __future__ import annotations

import importlib
import warnings

import pytest

__all__ = ["patch_pytest_tornado", "pytest_sessionfinish"]

HOOKS = ("pytest_pycollect_makeitem", "pytest_pyfunc_call")
"""Hooks that pytest-tornado marks in a style that is deprecated since pytest 7.2."""
PACKAGE = "pytest_tornado"


def patch_pytest_tornado(**fixtures: object) -> None:
    """Import pytest-tornado without warnings, and mark its hooks in the current style.

    This works only before pytest registers the plugin, for example with ``-p tornado_ws.testing``.

    Args:
        fixtures: Replacements for fixtures of pytest-tornado, by name.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from its import of pkg_resources
        try:
            plugin = importlib.import_module(f"{PACKAGE}.plugin")
        except ModuleNotFoundError as error:  # pkg_resources too, which newer versions of setuptools lack
            raise ModuleNotFoundError(f"{error}; run: pip install 'tornado-ws[testing]'", name=error.name) from None
    for name in HOOKS:
        pytest.hookimpl(tryfirst=True)(getattr(plugin, name))
    vars(plugin).update(fixtures)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove warnings about pytest-tornado from the report; a conftest.py is loaded too late to prevent them."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or "warnings" not in reporter.stats:
        return
    reported = reporter.stats.pop("warnings")
    if others := [warning for warning in reported if PACKAGE not in str(warning.message)]:
        reporter.stats["warnings"] = others
