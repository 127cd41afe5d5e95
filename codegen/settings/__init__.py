"""Settings of a project, from ``[tool.tornado-ws]`` in pyproject.toml and from command-line options.

Imports: ``source``, ``model``, ``schema``.

Entry point: :func:`.project_settings.read_settings`.
"""
