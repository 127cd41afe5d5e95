"""Backplane for several processes and machines, based on Redis or Valkey, without a driver of others."""

from __future__ import annotations

from .redis_backplane import RedisBackplane

__all__ = ["RedisBackplane"]
