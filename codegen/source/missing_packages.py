"""Packages of the optional dependencies, and the commands that install them."""

from __future__ import annotations

__all__ = ["missing_extra"]

EXTRAS = {
    "codegen": ("anyascii", "jinja2", "jsonschema", "jsonschema_rs", "yaml"),
    "pydantic": ("datamodel_code_generator", "pydantic"),
}
"""Imported packages, by the extra of tornado-ws that installs them."""


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """Return one line with the command that installs a missing package; None if no extra contains it."""
    package = (error.name or "").partition(".")[0]
    for extra, packages in EXTRAS.items():
        if package in packages:
            return f"codegen requires {package}; run: pip install 'tornado-ws[{extra}]'"
    return None
