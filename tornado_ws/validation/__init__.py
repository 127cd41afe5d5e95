"""Text to typed messages and back, validated by their schema.

Imports: ``errors``, ``endpoint``.

Entry point: :class:`.codec.Codec`.
"""
