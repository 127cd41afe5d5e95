"""Clients that load a server over the loopback interface, for a limited time."""
