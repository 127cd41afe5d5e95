"""Conversion between JSON text and typed messages, validated by the schema.

Imports: ``errors``, ``endpoint``.

Entry point: :class:`.codec.Codec`.
"""
