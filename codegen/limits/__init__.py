"""Bounds of a message: its size in bytes, and the time that the server needs to validate it.

Imports: ``deep_stack``, ``source``, ``model``, ``keywords``.

Entry points: :func:`.message_size.message_bytes` and :func:`.validation_time.validation_time`.
"""
