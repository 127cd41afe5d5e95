"""Command line of the server: ``python -m tornado_ws serve app:make``.

Imports: ``errors``, ``config_checks``, ``loggers``, ``http_server``, ``server``.

Entry point: :func:`.cli.main`.
"""
