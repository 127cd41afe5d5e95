"""The demo: rooms to talk in, and a transcript to take away."""
