"""Command that updates the generated parts of the pages: ``python -m docs.scripts [--check]``.

With ``--check`` it writes nothing and lists stale pages.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from .api import GROUPS, names_table
from .command import help_of, output_of
from .controller import arguments_table
from .corpus import corpus_table
from .generated_files import generated_files_table
from .generator import generator_table
from .keywords import endpoint_table, message_table
from .limits import limits_table
from .listings import listing
from .problems import problem_list
from .sections import replace
from .suite import rejected_list, suite_table, totals_table
from .validation import keyword_table

__all__ = ["PAGES", "main"]

DOCS = Path(__file__).parents[1]

PAGES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "reference/schema.md": {"endpoint-keywords": endpoint_table, "message-keywords": message_table},
    "reference/errors.md": {"codegen-problems": problem_list},
    "reference/command-line.md": {
        "help": help_of,
        "explain": lambda: output_of("--explain"),
        "help-init": lambda: help_of("init"),
        "help-editor": lambda: help_of("editor"),
        "help-serve": lambda: help_of("serve", program="tornado_ws"),
    },
    "reference/json-schema.md": {
        "keywords": keyword_table,
        "drafts": totals_table,
        "suite": suite_table,
        "rejected": rejected_list,
        "corpus": corpus_table,
    },
    "explanation/which-one.md": {"generated-files": generated_files_table},
    "how-to/production.md": {
        "nginx": lambda: listing("examples/deploy/nginx.conf"),
        "unit": lambda: listing("examples/deploy/chat@.service"),
        "restart": lambda: listing("examples/deploy/restart.sh"),
    },
    "how-to/pydantic.md": {"generator": generator_table},
    "reference/api.md": {group: functools.partial(names_table, group) for group in GROUPS},
    "reference/python.md": {"controller": arguments_table, "limits": limits_table},
}
"""Generator of each part, by page and name of the part."""


def main(arguments: list[str]) -> int:
    """Write the pages, and return the exit status."""
    check = arguments == ["--check"]
    stale = 0
    for name, parts in PAGES.items():
        page = DOCS / name
        text = written = page.read_text(encoding="utf-8")
        for part, write in parts.items():
            written = replace(written, part, write())
        if written != text:
            stale += 1
            print(f"{'stale' if check else 'wrote'} docs/{name}")
            if not check:
                page.write_text(written, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
