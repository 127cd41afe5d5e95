"""Clients that load a server over loopback, for a bounded time."""
