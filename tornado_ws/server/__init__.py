"""Server side of endpoints: handlers, actions, rooms, and the controller with their routes.

Imports: ``errors``, ``messages``, ``endpoint``, ``argument_checks``, ``config_checks``, ``loggers``,
``rate_limited_log``, ``channels``, ``validation``, ``websocket``, ``http_server``, ``limits``, ``session``,
``presence``.

Entry points: :class:`.controller.WebSocketController` and the base classes in :mod:`.handler`.
"""
