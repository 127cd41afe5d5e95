"""Tests with real faults: Redis, two processes of an application, and pages with the generated client."""
