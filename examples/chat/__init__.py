"""Chat with rooms and transcript export: the demo."""
