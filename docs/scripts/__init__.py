"""Generators for the parts of the pages that restate code: ``python -m docs.scripts``."""
