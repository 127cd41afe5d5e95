"""Text to typed messages and back, with the schema's verdict.

Imports: ``errors``, ``endpoint``.

Entry point: :class:`.codec.Codec`.
"""
