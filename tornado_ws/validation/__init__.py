"""Conversion between JSON text and typed messages, validated by the schema.

Imports: ``errors``, ``endpoint``, ``channels``.

Entry point: :class:`.codec.Codec`.
"""
