"""Cache of generated files in ``.codegen_cache/``, so that a run without changes needs no other layer.

Imports: ``source``, ``emit``, ``settings``.

Entry point: :class:`.output_cache.OutputCache`.
"""
