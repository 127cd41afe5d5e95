"""Application protocol of one connection: requests, replies, streams and calls of handler methods.

Imports: ``errors``, ``endpoint``, ``validation``, ``websocket``, ``limits``.

Entry point: :class:`.session.Session`.
"""
