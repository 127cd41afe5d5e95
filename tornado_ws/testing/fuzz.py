"""Random messages for a handler, and the shortest sequence of them that makes it fail."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tornado.web import Application

from ..endpoint import MessageType
from ..errors import ConfigurationError
from ..loggers import HANDLER
from ..server.controller import WebSocketController
from ..server.handler import PersistentHandler
from ..validation.json_values import encode, read
from .fuzz_target import Attack, Failure, Target

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from .schema_strategies import SchemaStrategies

__all__ = ["fuzz"]


def fuzz(
    handler: type[PersistentHandler[Any, Any]],
    params: object | None = None,
    *,
    app: Callable[[], Application] | None = None,
    headers: Mapping[str, str] | None = None,
    examples: int = 100,
    messages: int = 6,
    timeout: float = 1.0,
    seed: int | None = None,
    replay: Sequence[str] = (),
) -> None:
    """Send random messages to a handler, over a real connection, until one of its methods fails.

    Most messages are valid: of each type, with values at the edges of their schema. Others have an invalid value in one
    place; these must be refused without a call of a method. Requests of the server get random replies. Each sequence
    of messages has a connection of its own.

    Call it in a test function that is not asynchronous. It needs Hypothesis.

    Args:
        handler: Handler class.
        params: Parameters of the connection, typed or as a mapping; by default random ones.
        app: Function that returns an application for each sequence; by default all sequences have one, which contains
            only the handler.
        headers: Headers of the handshake, such as a cookie.
        examples: Number of sequences.
        messages: Maximum number of messages of a sequence.
        timeout: Maximum time that a method is awaited, in seconds; after it, the next message follows.
        seed: Number that determines all random values; by default another one for each call.
        replay: Frames to send instead of random ones, as the failure quotes them.

    Raises:
        ConfigurationError: If no URL can contain ``params``.
        AssertionError: If a method raises an exception other than an error of the schema, also that for a message which
            it sends and its schema rejects. The text contains the shortest sequence that was found.
    """
    try:
        import hypothesis
        from hypothesis import errors, strategies

        from .schema_strategies import SchemaStrategies
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{error}; run: pip install 'tornado-ws[testing]'", name=error.name) from None

    given = params
    endpoint, found = handler.endpoint, list[tuple[Attack, Failure]]()
    schemas = SchemaStrategies(endpoint.schema, formats=endpoint.formats)
    frames = [_frames(strategies, schemas, message) for message in endpoint.client]
    sequences = strategies.lists(strategies.one_of(frames), max_size=messages) if frames else strategies.just([])
    connections = strategies.just(params)
    if params is None and endpoint.params is not None:
        connections = schemas.valid(endpoint.params.schema)
    asked = {one.name: schemas.valid(one.reply.schema) for one in endpoint.server if one.reply is not None}

    def make() -> Target:
        made = Application(WebSocketController().persistent(handler)) if app is None else app()
        return Target(made, endpoint, timeout=timeout)

    @hypothesis.seed(random.getrandbits(64) if seed is None else seed)
    @hypothesis.settings(
        max_examples=1 if replay else examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],  # the others repeat messages, or trace each line
        suppress_health_check=[*hypothesis.HealthCheck],
    )
    @hypothesis.given(
        connections,
        strategies.just([json.loads(text) for text in replay]) if replay else sequences,
        strategies.fixed_dictionaries(asked),
    )
    def attempt(params: Any, frames: list[dict[str, Any]], replies: dict[str, Any]) -> None:
        attack = Attack(params=params, frames=frames, replies=replies)
        target = runner.run(make().start()) if shared is None else shared
        try:
            failure = runner.run(target.failure(attack, headers))
        except ConfigurationError:
            if params is given:
                raise
            hypothesis.reject()
        finally:
            if shared is None:
                runner.run(target.stop())
        if failure is not None:
            found.append((attack, failure))
            raise AssertionError(failure.problem)

    disabled, HANDLER.disabled = HANDLER.disabled, True
    with asyncio.Runner() as runner:
        shared = runner.run(make().start()) if app is None else None
        try:
            attempt()
        except (AssertionError, errors.Flaky) as failed:
            if not found:
                raise
            is_flaky = isinstance(failed, errors.Flaky)
            attack, failure = found[0 if is_flaky else -1]
            raise AssertionError(_described(handler, attack, failure, is_flaky=is_flaky)) from failure.error
        finally:
            HANDLER.disabled = disabled
            if shared is not None:
                runner.run(shared.stop())


def _frames(strategies: Any, schemas: SchemaStrategies, message: MessageType) -> SearchStrategy[dict[str, Any]]:
    """Return the strategy for frames of a message, without ids."""
    members = {"type": strategies.just(message.name)}
    optional = {} if message.cursor is None else {"resume": schemas.valid(message.cursor.schema)}
    data: list[dict[str, Any]] = [{}]
    if message.payload is not None:
        valid, nearly = (make(message.payload.schema) for make in (schemas.valid, schemas.nearly_valid))
        data = [{"data": valid}, {"data": valid}, {"data": nearly}]
    made: SearchStrategy[dict[str, Any]] = strategies.one_of(
        [strategies.fixed_dictionaries({**members, **one}, optional=optional) for one in data]
    )
    return made


def _described(handler: type[PersistentHandler[Any, Any]], attack: Attack, failure: Failure, *, is_flaky: bool) -> str:
    """Return the fault, the messages that led to it, and the call that repeats them."""
    texts = [json.dumps(frame, ensure_ascii=False) for frame in failure.frames]
    params = None if attack.params is None else read(encode(attack.params))
    lines = [f"{handler.__qualname__}.{failure.problem}"]
    lines += [] if params is None else [f"  params: {json.dumps(params, ensure_ascii=False)}"]
    lines += [f"  {number}. {text}" for number, text in enumerate(texts, 1)]
    lines.append(f"reproduce it: fuzz({handler.__name__}, {params!r}, replay={texts!r})")
    if is_flaky:
        lines.append("the same messages did not fail again: does it depend on earlier connections?")
    return "\n".join(lines)
