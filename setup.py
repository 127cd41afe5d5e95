"""Builds tornado-ws; everything it states is in pyproject.toml."""

from setuptools import setup

setup()
