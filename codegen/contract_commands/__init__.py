"""Commands about contracts: ``diff`` compares the schemas with an earlier version, ``record`` notes a release.

Imports: ``source``, ``model``, ``evolution``, ``settings``, ``pipeline``.

Entry point: :func:`.command.run`.
"""
