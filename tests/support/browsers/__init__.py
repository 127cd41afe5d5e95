"""Three browser engines behind one interface: :class:`Engine` starts tabs, :class:`Tab` is used by tests."""

from .engine import ENGINES, Engine, Tab, start

__all__ = ["ENGINES", "Engine", "Tab", "start"]
