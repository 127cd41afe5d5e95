"""Keep away what pytest-tornado 0.8.1 causes warnings with: none of it is the fault of its users."""

from __future__ import annotations

import importlib
import warnings

import pytest

__all__ = ["modernise", "pytest_sessionfinish"]

HOOKS = ("pytest_pycollect_makeitem", "pytest_pyfunc_call")
"""Marked as pytest before 7.2 wanted it."""
PACKAGE = "pytest_tornado"


def modernise(**fixtures: object) -> None:
    """Import pytest-tornado without a word, and mark its hooks as today.

    That helps before pytest registers it, as it does with ``-p tornado_ws.testing``.

    Args:
        fixtures: Take the places of its own.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources
        plugin = importlib.import_module(f"{PACKAGE}.plugin")
    for name in HOOKS:
        pytest.hookimpl(tryfirst=True)(getattr(plugin, name))
    vars(plugin).update(fixtures)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave out what was warned of before this plugin was there: a conftest.py is read late."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or "warnings" not in reporter.stats:
        return
    told = reporter.stats.pop("warnings")
    if kept := [warning for warning in told if PACKAGE not in str(warning.message)]:
        reporter.stats["warnings"] = kept
