"""Entry point of ``python -m tornado_ws``."""

from __future__ import annotations

import sys

from .command.cli import main

if __name__ == "__main__":
    sys.exit(main())
