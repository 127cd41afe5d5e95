"""Validation of documents against their meta-schemas, and resolution of references.

Imports: ``source``, ``identifiers``, ``model``.

Entry point: :func:`.resolve.resolve`.
"""
