from __future__ import annotations

import pytest

from tornado_ws.command.cli import _port_of_environment, main


def test_help_teaches_the_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--help"])

    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert "python -m tornado_ws serve app:make --processes auto" in text
    assert "reconnect" in text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "the following arguments are required: command"),
        (["serve"], "the following arguments are required: module:function"),
        (["serve", "app:make", "--processes", "0"], "expected auto or a positive number, got '0'"),
        (["serve", "app:make", "--processes", "many"], "expected auto or a positive number, got 'many'"),
        (["serve", "app:make", "--unix-socket-mode", "9"], "expected octal permissions such as 660, got '9'"),
    ],
)
def test_invalid_arguments_are_refused(arguments, text, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "python -m tornado_ws: application: no module 'no_such_module' in this folder; such as app:make"),
        (["--reload", "--processes", "2"], "python -m tornado_ws: processes: expected 1 with --reload, got 2"),
        (["--spread", "-5"], "python -m tornado_ws: spread: expected a number of at least 0, got -5.0"),
        (["--timeout", "nan"], "python -m tornado_ws: timeout: expected a number of at least 0, got nan"),
        (
            ["--port", "9102", "--processes", "3", "--metrics-port", "9100"],
            "python -m tornado_ws: metrics-port: expected ports other than 9102, got 9100",
        ),
        (
            ["--processes", "3", "--metrics-port", "65534"],
            "python -m tornado_ws: metrics-port: expected a number from 1 to 65533, got 65534",
        ),
        (["--metrics-port", "0"], "python -m tornado_ws: metrics-port: expected a number from 1 to 65535, got 0"),
        (["--port", "-1"], "python -m tornado_ws: port: expected a number from 0 to 65535, got -1"),
        (["--body-timeout", "0"], "python -m tornado_ws: body_timeout: expected a number greater than 0, got 0.0"),
    ],
)
def test_unusable_setting_is_one_line(options, text, capsys):
    assert main(["serve", "no_such_module:make", "--port", "0", *options]) == 2

    error = capsys.readouterr().err
    assert error.startswith(text)
    assert error.count("\n") == 1


@pytest.mark.parametrize("port", ["-5", "80x", "65536", "8 0"])
def test_port_of_the_environment_is_named_if_it_cannot_be_used(port, monkeypatch, capsys):
    monkeypatch.setenv("PORT", port)

    assert main(["serve", "no_such_module:make"]) == 2
    text = f"the environment variable PORT: expected a number from 0 to 65535, got '{port}'"
    assert text in capsys.readouterr().err
    assert main(["serve", "no_such_module:make", "--port", "0"]) == 2
    assert "no module 'no_such_module'" in capsys.readouterr().err


@pytest.mark.parametrize(("port", "used"), [("0", 0), ("9001", 9001), ("", 8888)])
def test_port_is_that_of_the_environment(port, used, monkeypatch):
    monkeypatch.setenv("PORT", port)

    assert used == _port_of_environment()
