"""Conversion between JSON text and typed messages, validated by the schema.

Imports: ``errors``, ``endpoint``, ``config_checks``, ``channels``.

Entry point: :class:`.codec.Codec`.
"""
