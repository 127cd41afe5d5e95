"""Benchmarks of tornado-ws and comparable servers: ``python -m bench``."""
