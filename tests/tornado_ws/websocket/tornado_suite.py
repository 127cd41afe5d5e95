"""Tornado's own tests of its WebSocket handler, run on the strict handler."""

from __future__ import annotations

import logging
import unittest

import tornado.test.websocket_test as suite
import tornado.websocket

from tornado_ws.websocket import StrictWebSocketHandler

DIFFERENT = {
    "DefaultCompressionTest": ("test_message_sizes", "uses counters of the frame loop that is replaced"),
    "FloodTest": ("test_pong_most_recent_ping", "replaces a method of the frame loop that is replaced"),
    "WebSocketTest": ("test_http_request", "expects 400 for a request without an upgrade, which is answered with 426"),
}


def main() -> None:
    for name in ("tornado.access", "tornado_ws"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    stock = tornado.websocket.WebSocketHandler
    for value in list(vars(suite).values()):
        if isinstance(value, type) and issubclass(value, stock) and stock in value.__bases__:
            value.__bases__ = tuple(StrictWebSocketHandler if base is stock else base for base in value.__bases__)
    for case, (test, reason) in DIFFERENT.items():
        setattr(getattr(suite, case), test, unittest.skip(reason)(lambda self: None))
    unittest.main(module=suite)


if __name__ == "__main__":
    main()
