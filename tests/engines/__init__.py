"""Tests of the client and of the demo in three browser engines."""
