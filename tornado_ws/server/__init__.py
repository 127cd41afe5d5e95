"""Handlers, actions and the controller that applications mount.

Imports: ``errors``, ``endpoint``, ``config_checks``, ``channels``, ``validation``, ``websocket``,
``limits``, ``session``.

Entry points: :class:`.controller.WebSocketController` and the base classes in :mod:`.handler`.
"""
