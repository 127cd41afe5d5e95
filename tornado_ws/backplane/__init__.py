"""Backplanes: what connects the processes that serve one application."""

from .base import Backplane, Publication
from .memory import MemoryBackplane

__all__ = ["Backplane", "MemoryBackplane", "Publication"]
