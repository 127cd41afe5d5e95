"""Fixtures for the tests of all browser engines: one browser of each, with a page of the client and the demo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.conftest import eventually as eventually
from tests.client.conftest import killable_server as killable_server
from tests.client.conftest import project as project
from tests.client.conftest import server as server
from tests.client.conftest import shared_server as shared_server
from tests.demo.conftest import Server as Demo
from tests.demo.conftest import built_page as built_page
from tests.support.browsers import ENGINES, Engine, start


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Engine, started once for all tests of a module."""
    with start(request.param) as engine:
        yield engine


@pytest.fixture
def demo(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    server = Demo(tmp_path_factory.mktemp("demo") / "transcripts")
    server.start()
    yield server
    server.stop()
