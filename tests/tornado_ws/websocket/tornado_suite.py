"""Tornado's own tests of its WebSocket handler, run on the strict handler."""

from __future__ import annotations

import logging
import unittest

import tornado.test.websocket_test as suite
import tornado.websocket

from tornado_ws.websocket import StrictWebSocketHandler

# These use private parts of the frame loop that is replaced: counters of bytes, and calls of a method.
PRIVATE = {"DefaultCompressionTest": "test_message_sizes", "FloodTest": "test_pong_most_recent_ping"}


def main() -> None:
    for name in ("tornado.access", "tornado_ws"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    stock = tornado.websocket.WebSocketHandler
    for value in list(vars(suite).values()):
        if isinstance(value, type) and issubclass(value, stock) and stock in value.__bases__:
            value.__bases__ = tuple(StrictWebSocketHandler if base is stock else base for base in value.__bases__)
    for case, test in PRIVATE.items():
        setattr(getattr(suite, case), test, unittest.skip("uses private parts of Tornado")(lambda self: None))
    unittest.main(module=suite)


if __name__ == "__main__":
    main()
