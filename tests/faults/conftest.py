"""Fixtures for tests with faults."""

from __future__ import annotations

import pytest

from .world import Build


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Generated code, and pages bundled for Node."""
    return Build(tmp_path_factory.mktemp("faults") / "project")
