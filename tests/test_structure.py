"""Structure of both packages: layers, cycles, names and sizes of folders."""

from __future__ import annotations

import ast
import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.layers import LAYERS, PACKAGES, ROOT, imported_modules, imports, layer, modules, name

FILES = [path for package in PACKAGES for path in modules(package)]
FOLDERS = [path for path in FILES if path.name == "__init__.py" and len(path.relative_to(ROOT).parts) == 3]
MOST_MODULES = {"tornado_ws": 10, "codegen": 14}
IMPORTS = re.compile(r"^Imports: (?P<names>.+?)\.$", re.MULTILINE | re.DOTALL)

RUNTIME = [path for path in modules("tornado_ws") if path.name != "__init__.py"]
TESTED_IN = {
    "presence/channel_presence": (
        "tornado_ws/presence/test_shared_presence",
        "test_changes_of_one_iteration_are_one_message",
    ),
    "testing/changed_values": ("tornado_ws/testing/test_schema_strategies", "nearly_valid"),
    "testing/fuzz_target": ("tornado_ws/testing/test_fuzz", "fuzz"),
    "__main__": ("tornado_ws/command/test_serve", "tornado_ws"),
    "client/answers": ("tornado_ws/client/test_server_requests", "test_requests_of_the_server_are_answered"),
    "client/calls": ("tornado_ws/client/test_socket_client", "test_cancelled_calls_cancel_on_the_server"),
    "client/changes": ("tornado_ws/client/test_lost_connections", "flush"),
    "client/client_connection": ("tornado_ws/client/test_socket_client", "test_cancelled_client_leaves_no_connection"),
    "client/client_options": (
        "tornado_ws/client/test_clients",
        "test_malformed_options_are_refused_before_the_connection",
    ),
    "client/connection_loop": ("tornado_ws/client/test_lost_connections", "reconnect"),
    "client/events": ("tornado_ws/client/test_socket_client", "ClientState"),
    "client/failure": ("tornado_ws/client/test_client_session", "failure"),
    "client/frame_heads": ("tornado_ws/client/test_client_session", "is_hello"),
    "client/item_stream": ("tornado_ws/client/test_socket_client", "test_stream_is_read_with_credit"),
    "client/listeners": ("tornado_ws/client/test_socket_client", "test_listeners_are_called_for_messages_and_events"),
    "client/message_instances": (
        "tornado_ws/client/test_socket_client",
        "test_messages_requests_and_streams_are_typed_instances",
    ),
    "client/open_requests": ("tornado_ws/client/test_client_session", "OpenRequests"),
    "client/pace": ("tornado_ws/client/test_outbox", "pace"),
    "client/per_attempt": ("tornado_ws/client/test_lost_connections", "test_credentials_are_read_before_each_attempt"),
    "client/subprotocol_offer": ("tornado_ws/client/test_lost_connections", "select_subprotocol"),
    "client/ticket_request": ("tornado_ws/client/test_clients", "test_action_without_a_url_fails_the_attempt"),
    "client/timers": ("tornado_ws/client/test_silence", "LoopTimers"),
    "client/unread": ("tornado_ws/client/test_socket_client", "test_slow_reader_gets_an_error_and_continues"),
    "client/waiting": ("tornado_ws/client/test_socket_client", "test_cancelled_calls_cancel_on_the_server"),
    "command/reload": ("tornado_ws/command/test_serve", "reload"),
    "command/process_group": ("tornado_ws/command/test_serve", "processes"),
    "http_server/exchange": ("tornado_ws/http_server/test_server", "write_timeout"),
    "server/handshake_handler": ("tornado_ws/server/test_handler", "HandshakeHandler"),
    "server/lifecycle": ("tornado_ws/server/test_shutdown", "serve_until_signal"),
    "channels/publication": ("tornado_ws/channels/test_backplane", "Publication"),
    "channels/redis/command": ("tornado_ws/channels/redis/test_redis_client", "execute"),
    "channels/redis/position_check": (
        "tornado_ws/channels/redis/test_faults",
        "test_lost_messages_of_pubsub_are_found_by_the_look_at_positions",
    ),
    "channels/redis/scripts": ("tornado_ws/channels/redis/test_redis_history", "renew"),
    "channels/redis/subscriber": ("tornado_ws/channels/redis/test_faults", "subscriber"),
    "presence/entries": ("tornado_ws/presence/test_presence_set", "EntryRow"),
    "server/room_presence": ("tornado_ws/server/test_endpoint_presence", "_rooms"),
    "validation/untagged_unions": ("tornado_ws/validation/test_union_conversion", "untagged"),
    "validation/envelopes": ("tornado_ws/validation/test_decoder", "Frame"),
    "websocket/settings": ("tornado_ws/websocket/test_connection", "ConnectionSettings"),
    "websocket/task_driver": ("tornado_ws/websocket/test_coroutine_runner", "CoroutineRunner"),
}
"""Test module of each runtime module without one of its own, and a word of that test that reaches the module."""


def _identifier(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _layers_of(path: Path) -> set[str]:
    package = path.relative_to(ROOT).parts[0]
    return {one.split(".")[1] for one in imports(path) if one.startswith(f"{package}.")}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_has_a_layer(package: str) -> None:
    assert {layer(path) for path in modules(package)} == {*LAYERS[package], "__init__"}


@pytest.mark.parametrize("path", FILES, ids=_identifier)
def test_module_imports_only_lower_layers(path: Path) -> None:
    order = LAYERS[path.relative_to(ROOT).parts[0]]
    own = layer(path)
    lower = {*order} if own == "__init__" else {own, *order[: order.index(own)]}

    assert set() == (_layers_of(path) & {*order}) - lower


@pytest.mark.parametrize("path", FOLDERS, ids=_identifier)
def test_folder_imports_what_its_docstring_states(path: Path) -> None:
    package, own = path.relative_to(ROOT).parts[0], layer(path)
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    stated = IMPORTS.search(docstring)
    assert stated is not None, "expected a paragraph `Imports: ...` in the docstring"

    below = [one for one in modules(package) if layer(one) == own]
    found = {one for file in below for one in _layers_of(file) & {*LAYERS[package]}} - {own}

    assert found == set(re.findall(r"``(\w+)``", stated["names"]))
    assert "Entry point: " in docstring or "Entry points: " in docstring


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_do_not_import_each_other_in_a_cycle(package: str) -> None:
    names = {name(path): path for path in modules(package)}
    graph = {one: imported_modules(path, {*names}) - {one} for one, path in names.items() if path.stem != "__init__"}

    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_two_modules_share_a_name(package: str) -> None:
    counts = Counter(path.stem for path in modules(package) if path.stem != "__init__")

    assert [] == [stem for stem, count in counts.items() if count > 1]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_few_modules_at_its_root(package: str) -> None:
    assert (
        len([path for path in modules(package) if len(path.relative_to(ROOT).parts) == 2]) - 1 <= MOST_MODULES[package]
    )


def test_tests_do_not_import_each_other() -> None:
    tests = {path: [*imports(path)] for path in sorted((ROOT / "tests").rglob("*.py")) if "golden" not in path.parts}

    assert [] == [
        f"{_identifier(path)}: {one}"
        for path, names in tests.items()
        for one in names
        if re.search(r"\btest_\w+\.", one)
    ]


@pytest.mark.parametrize("path", RUNTIME, ids=_identifier)
def test_module_of_the_runtime_has_a_test_module(path: Path) -> None:
    module = path.relative_to(ROOT / "tornado_ws").with_suffix("")
    own = ROOT / "tests/tornado_ws" / module.parent / f"test_{module.name}.py"
    if own.exists():
        assert module.as_posix() not in TESTED_IN, (
            "expected no entry in TESTED_IN for a module with its own test module"
        )
        return

    assert module.as_posix() in TESTED_IN, f"expected {own.relative_to(ROOT)}, or an entry in TESTED_IN"
    test, word = TESTED_IN[module.as_posix()]
    text = (ROOT / "tests" / f"{test}.py").read_text(encoding="utf-8")
    assert re.search(rf"\b{word}\b", text), f"expected {word!r} in {test}.py"


def test_every_entry_of_tested_in_names_a_module() -> None:
    existing = {path.relative_to(ROOT / "tornado_ws").with_suffix("").as_posix() for path in RUNTIME}

    assert set() == {*TESTED_IN} - existing
