from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections import Counter

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPError

from tests.support.nginx import adjacent_free_ports

from .served import MODULE, end_of, serving


@pytest.mark.gen_test
async def test_signal_ends_one_process_after_closing_handshakes(tmp_path):
    async with serving(tmp_path, "make") as run:
        await run.expect("listens on http://127.0.0.1")
        ann = await run.connect()
        run.process.terminate()

        await run.expect(rf"process {run.process.pid} shuts down, within 10 s; another signal ends it at once")
        assert await end_of(ann) == 1001
        assert await run.ends() == 0
        assert re.search(rf"INFO tornado_ws\.server: process {run.process.pid} has shut down\n$", run.log)
        assert "waits for" not in run.log


@pytest.mark.gen_test
async def test_log_names_the_work_for_which_the_shutdown_waits(tmp_path):
    async with serving(tmp_path, "make", "--timeout", "3") as run:
        await run.expect("listens on")
        for _ in range(2):
            await (await run.connect()).write_message('{"type":"nudge"}')
        await run.expect("busy", 2)
        url = f"http://127.0.0.1:{run.port}/report"
        reporting = asyncio.ensure_future(AsyncHTTPClient(force_instance=True).fetch(url))
        await run.expect("reporting")
        run.process.terminate()

        await run.expect(rf"process {run.process.pid} waits for Slow\.on_nudge \(2\), HTTP requests \(1\)\n")
        await reporting
        assert await run.ends() == 0
        assert "has shut down" in run.log


@pytest.mark.gen_test
@pytest.mark.parametrize("processes", ["1", "2"])
async def test_requests_in_progress_are_answered_before_the_end(tmp_path, processes):
    async with serving(tmp_path, "make", "--processes", processes) as run:
        await run.expect("listens on", int(processes))
        url = f"http://127.0.0.1:{run.port}/report"
        reporting = asyncio.ensure_future(AsyncHTTPClient(force_instance=True).fetch(url))
        await run.expect("reporting")
        run.process.terminate()

        answer = await reporting
        assert answer.body == b"report"
        assert answer.headers["Connection"] == "close"
        assert await run.ends() == 0


@pytest.mark.gen_test
async def test_processes_share_the_port_and_all_close_their_connections(tmp_path):
    async with serving(tmp_path, "make", "--processes", "3") as run:
        await run.expect("listens on", 3)
        connections = [await run.connect() for _ in range(30)]
        processes = Counter([(await run.process_and_version())[0] for _ in range(60)])
        assert len(processes) > 1
        run.process.send_signal(signal.SIGTERM)

        assert {await end_of(connection) for connection in connections} == {1001}
        assert await run.ends() == 0


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("end", "cause"),
    [
        (signal.SIGKILL, "killed by signal 9"),
        (signal.SIGTERM, "exited with status 1"),
        (signal.SIGINT, "exited with status 1"),
        ("the application", "exited with status 1"),
    ],
)
async def test_process_that_ends_is_replaced(tmp_path, end, cause):
    async with serving(tmp_path, "make", "--processes", "2") as run:
        await run.expect("listens on", 2)
        if isinstance(end, str):
            before = {id async for id in run.processes(2)}
            with pytest.raises(HTTPError):
                await AsyncHTTPClient(force_instance=True).fetch(f"http://127.0.0.1:{run.port}/exit")
            await run.expect(rf"{cause}, restarting")
        else:
            ended, _ = await run.process_and_version()
            os.kill(ended, end)
            await run.expect(rf"pid {ended}\) {cause}, restarting")
            before = {ended}
        await run.expect("listens on", 3)

        assert before - {id async for id in run.processes(2)}
        run.process.terminate()
        assert await run.ends() == 0


@pytest.mark.gen_test
async def test_process_that_replaces_another_one_has_the_new_code(tmp_path):
    async with serving(tmp_path, "make", "--processes", "2") as run:
        await run.expect("listens on", 2)
        ended = [id async for id in run.processes(2)]
        (tmp_path / "served.py").write_text(MODULE.replace('"VERSION", "1"', '"NEW", "2"'), encoding="utf-8")
        for number, id in enumerate({*ended}):
            os.kill(id, signal.SIGTERM)
            await run.expect("listens on", 3 + number)

        assert {(await run.process_and_version())[1] for _ in range(20)} == {"2"}


@pytest.mark.gen_test
async def test_processes_shut_down_if_their_parent_is_killed(tmp_path):
    async with serving(tmp_path, "make", "--processes", "2") as run:
        await run.expect("listens on", 2)
        ann = await run.connect()
        run.process.kill()

        assert await end_of(ann) == 1001
        await run.ends()


@pytest.mark.gen_test
@pytest.mark.parametrize("to", ["the parent", "the whole group, as a terminal does"])
async def test_second_signal_ends_all_processes_at_once(tmp_path, to):
    def interrupt() -> None:
        if to == "the parent":
            run.process.send_signal(signal.SIGINT)
        else:
            os.killpg(run.process.pid, signal.SIGINT)

    async with serving(tmp_path, "make", "--processes", "2", "--timeout", "60") as run:
        await run.expect("listens on", 2)
        ann = await run.connect()
        await ann.write_message('{"type":"nudge"}')
        await run.expect("busy")
        interrupt()
        ending = asyncio.ensure_future(end_of(ann))
        await asyncio.sleep(1)
        assert not ending.done(), "expected the first signal to wait for the method"
        interrupt()

        assert await ending == 1001
        assert await run.ends() == 0


@pytest.mark.gen_test
async def test_rolling_restart_moves_connections_to_the_new_code(tmp_path):
    async with serving(tmp_path, "make", "--processes", "2") as old:
        await old.expect("listens on", 2)
        ann = await old.connect()
        async with serving(tmp_path, "make", "--processes", "2", port=old.port, version="2") as new:
            await new.expect("listens on", 2)
            old.process.terminate()
            assert await end_of(ann) == 1001

            assert await old.ends() == 0
            for _ in range(20):
                assert (await new.process_and_version())[1] == "2"


@pytest.mark.gen_test
async def test_change_of_a_module_starts_the_program_again(tmp_path):
    module = tmp_path / "served.py"
    async with serving(tmp_path, "make", "--reload") as run:
        await run.expect("listens on")
        ann = await run.connect()
        module.write_text("def make(): return 1 +", encoding="utf-8")

        assert await end_of(ann) == 1001
        await run.expect(r"INFO tornado_ws\.server: served\.py has changed: starts again")
        await run.expect("SyntaxError: invalid syntax")
        await run.expect("waits for a change of the code")
        assert "importlib" not in run.log

        module.write_text("import sys; sys.exit('no database')", encoding="utf-8")
        await run.expect("the application ended while it started: no database")
        await run.expect("waits for a change of the code", 2)

        module.write_text(MODULE, encoding="utf-8")
        await run.expect("listens on", 2)
        assert len(re.findall("served.py has changed: starts again", run.log)) == 3
        assert "not compiled" not in run.log


SLOW_START = """
import os, pathlib, time
import helper
print("starting", flush=True)
while not pathlib.Path("ready").exists():
    time.sleep(0.05)
print("helper", helper.VALUE, flush=True)
"""


@pytest.mark.gen_test
@pytest.mark.parametrize("before", ["VALUE = 1", "OTHER = 1"], ids=["works", "fails"])
async def test_change_while_the_program_starts_starts_it_again(tmp_path, before):
    helper = tmp_path / "helper.py"
    helper.write_text(before, encoding="utf-8")
    async with serving(tmp_path, "make", "--reload", module=SLOW_START + MODULE) as run:
        await run.expect("starting")
        helper.write_text("VALUE = 22", encoding="utf-8")
        (tmp_path / "ready").touch()

        await run.expect("helper.py has changed: starts again")
        await run.expect("helper 22")
        await run.expect("listens on")
        await asyncio.sleep(1)
        run.process.terminate()
        assert await run.ends() == 0
        assert run.log.count("starts again") == 1


@pytest.mark.gen_test
async def test_program_that_writes_a_module_before_its_import_starts_once(tmp_path):
    written = 'import pathlib; pathlib.Path("written.py").write_text("VALUE = 1"); import written\n'
    async with serving(tmp_path, "make", "--reload", module=written + MODULE) as run:
        await run.expect("listens on")
        await asyncio.sleep(1)
        run.process.terminate()
        assert await run.ends() == 0
        assert "starts again" not in run.log


@pytest.mark.gen_test
async def test_missing_modules_are_awaited(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "made"', encoding="utf-8")
    async with serving(tmp_path, "make", "--reload", module=None) as run:
        await run.expect("application: no module 'served' in this folder")
        await run.expect("waits for a change of the code")
        (tmp_path / "served.py").write_text(f"from made.chat import CODE\n{MODULE}", encoding="utf-8")
        await run.expect("application: no module 'made'; run python -m codegen")
        await run.expect("waits for a change of the code", 2)
        (tmp_path / "made").mkdir()
        (tmp_path / "made/chat.py").write_text("CODE = 1", encoding="utf-8")
        (tmp_path / "made/__init__.py").touch()

        await run.expect("listens on")


@pytest.mark.gen_test
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signal_ends_a_program_that_waits_for_a_change(tmp_path, number):
    async with serving(tmp_path, "broken", "--reload") as run:
        await run.expect("waits for a change of the code")
        run.process.send_signal(number)

        assert await run.ends() in (130, -number)
        assert run.log.count("Traceback") == 1, "expected only that of the application"


@pytest.mark.gen_test
async def test_port_in_use_ends_a_program_with_reload(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with serving(tmp_path, "make", "--reload", port=taken.getsockname()[1]) as run:
            assert await run.ends() == 2
            assert "Address already in use" in run.log


@pytest.mark.gen_test
async def test_metrics_of_each_process_have_their_own_port(tmp_path):
    first = adjacent_free_ports()
    async with serving(tmp_path, "measured", "--processes", "2", "--metrics-port", str(first)) as run:
        await run.expect(rf"listens on http://127\.0\.0\.1:{run.port}, and alone on http://127\.0\.0\.1:{first}\n")
        await run.expect(rf"and alone on http://127\.0\.0\.1:{first + 1}\n")
        connections = [await run.connect() for _ in range(20)]
        numbers = [await run.connections_of(port) for port in (first, first + 1)]
        assert sum(numbers) == len(connections)
        assert numbers == [await run.connections_of(port) for port in (first, first + 1)]

        [ended] = {id async for id in run.processes(1)}
        os.kill(ended, signal.SIGKILL)
        await run.expect("and alone on", 3)  # the new process has the port of the former one
        assert sum([await run.connections_of(port) for port in (first, first + 1)]) < len(connections)
        run.process.terminate()
        assert await run.ends() == 0


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("application", "text", "status"),
    [
        ("broken", "RuntimeError: no database", 1),
        ("ended", "the application ended while it started: DATABASE_URL is missing", 1),
        ("local", "backplane: expected a backplane that 2 processes share, got the memory of one", 2),
        ("debug", "processes: expected 1 with autoreload or debug=True, got 2", 2),
        (
            "measured",
            "metrics-port: expected one for 2 processes, since each request for metrics reaches another one",
            2,
        ),
    ],
)
async def test_application_that_cannot_start_ends_all_processes(tmp_path, application, text, status):
    async with serving(tmp_path, application, "--processes", "2") as run:
        assert await run.ends() == status
        assert text in run.log


@pytest.mark.gen_test
async def test_port_for_metrics_in_use_ends_all_processes_before_they_start(tmp_path):
    first = adjacent_free_ports()
    with socket.create_server(("127.0.0.1", first + 1)):
        async with serving(tmp_path, "measured", "--processes", "2", "--metrics-port", str(first)) as run:
            assert await run.ends() == 2
            assert f"cannot listen on 127.0.0.1:{first + 1}: Address already in use by process" in run.log
            assert "listens on" not in run.log


@pytest.mark.gen_test
async def test_error_of_the_application_has_only_its_own_traceback(tmp_path):
    async with serving(tmp_path, "broken") as run:
        assert await run.ends() == 1
        assert re.search(
            r"the application cannot start\nTraceback .*\n  File .*served\.py.*, in broken\n.*\nRuntimeError", run.log
        )
        assert run.log.count("File ") == 1


@pytest.mark.gen_test
@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("application", ["waiting", "blocked"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_ends_an_application_that_starts(tmp_path, application, processes, number):
    async with serving(tmp_path, application, "--processes", str(processes)) as run:
        await run.expect("waiting", processes)
        run.process.send_signal(number)

        assert await run.ends() in ((0,) if processes > 1 else (-number, 130))


@pytest.mark.gen_test
async def test_replacement_that_cannot_start_is_replaced_again(tmp_path):
    async with serving(tmp_path, "once", "--processes", "2") as run:
        await run.expect("listens on", 2)
        crashed, _ = await run.process_and_version()
        os.kill(crashed, signal.SIGKILL)
        await run.expect("no database for a moment")
        assert (await run.process_and_version())[0] != crashed
        (tmp_path / "mended").touch()
        await run.expect("listens on", 3)
        run.process.terminate()
        assert await run.ends() == 0


@pytest.mark.gen_test
async def test_log_of_the_application_is_used(tmp_path):
    async with serving(tmp_path, "logs") as run:
        await run.expect("mine process .* listens on")


@pytest.mark.gen_test
async def test_warnings_of_the_start_have_the_format_of_the_log(tmp_path):
    async with serving(tmp_path, "misnamed") as run:
        await run.expect("listens on")
        assert re.search(r"(?m)^\d{4}-\d\d-\d\d .* WARNING tornado_ws\.handler: .*defines on_unknown", run.log)


@pytest.mark.gen_test
async def test_warnings_of_the_start_have_the_level_of_the_log(tmp_path):
    async with serving(tmp_path, "misnamed", "--log-level", "error") as run:
        await run.expect("mounted")
        assert "on_unknown" not in run.log


@pytest.mark.gen_test
@pytest.mark.parametrize("module", [MODULE, "from made.chat import Missing"])
async def test_generated_code_that_is_older_than_its_schemas_is_noted(tmp_path, module):
    schema = tmp_path / "schemas/chat.json"
    schema.parent.mkdir()
    schema.write_text('{"kind": "persistent", "path": "/chat", "clientMessages": {"say": {}}}', encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "made"\nclient = "ws"', encoding="utf-8")
    generate = await asyncio.create_subprocess_exec(sys.executable, "-m", "codegen", cwd=tmp_path)
    assert await generate.wait() == 0
    async with serving(tmp_path, "make", "--reload", module=module) as run:
        schema.write_text(schema.read_text(encoding="utf-8").replace("say", "shout"), encoding="utf-8")

        await run.expect(r"WARNING tornado_ws\.server: generated code is not up to date: run python -m codegen\n")
