"""Schema files as JSON values with positions, and the problems found in them.

Imports: nothing of this package.

Entry point: :func:`.load.load`.
"""
