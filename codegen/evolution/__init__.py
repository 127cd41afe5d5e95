"""Evolution of endpoints: comparison of two versions by direction, and the released contracts.

Imports: ``deep_stack``, ``source``, ``model``, ``keywords``, ``runtime_schema``, ``contract``.

Entry points: :func:`compare`, :func:`contract_document` and :class:`LockFile`.
"""

from __future__ import annotations

from .changes import Change
from .contract_document import ContractDocument, contract_document
from .endpoint_comparison import compare, compare_folders, compatible_contracts
from .lock_file import LockFile, Release

__all__ = [
    "Change",
    "ContractDocument",
    "LockFile",
    "Release",
    "compare",
    "compare_folders",
    "compatible_contracts",
    "contract_document",
]
