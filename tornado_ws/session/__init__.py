"""Application protocol of one connection: requests, replies, streams and calls of handler methods.

Imports: ``errors``, ``endpoint``, ``histogram``, ``loggers``, ``channels``, ``validation``, ``websocket``, ``limits``.

Entry point: :class:`.session.Session`.
"""
