"""Example applications for tornado-ws."""
