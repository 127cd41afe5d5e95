"""Tests of tornado-ws; they mirror the modules."""
