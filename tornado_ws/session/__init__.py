"""The protocol of one client: requests, replies, streams and the calls of its handler.

Imports: ``errors``, ``endpoint``, ``channels``, ``validation``, ``websocket``, ``limits``.

Entry point: :class:`.session.SessionState`.
"""
