"""Measure tornado-ws beside its peers: ``python -m bench``."""
