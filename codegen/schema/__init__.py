"""Documents checked against their meta-schemas, with every ``$ref`` resolved.

Imports: ``source``, ``identifiers``, ``model``.

Entry point: :func:`.resolve.resolve`.
"""
