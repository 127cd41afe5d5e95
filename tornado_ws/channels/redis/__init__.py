"""Backplane for several processes and machines, based on Redis or Valkey."""

from __future__ import annotations

from .redis_backplane import RedisBackplane

__all__ = ["RedisBackplane"]
