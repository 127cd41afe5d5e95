"""Hypothesis strategy for JSON values."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["JSON"]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
