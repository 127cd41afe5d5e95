"""Server side of endpoints: handlers, actions, rooms and the controller that applications mount them with.

Imports: ``errors``, ``endpoint``, ``config_checks``, ``channels``, ``validation``, ``websocket``,
``limits``, ``session``.

Entry points: :class:`.controller.WebSocketController` and the base classes in :mod:`.handler`.
"""
