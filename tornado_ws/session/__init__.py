"""Protocol of one client above WebSocket frames: requests, replies, streams and the calls of handler methods.

Imports: ``errors``, ``endpoint``, ``channels``, ``validation``, ``websocket``, ``limits``.

Entry point: :class:`.session.Session`.
"""
