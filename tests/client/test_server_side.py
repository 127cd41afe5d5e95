"""Server-side rendering of pages."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from .project import ENVIRONMENT, Project

pytestmark = [pytest.mark.browser]


def test_rendering_on_the_server_opens_no_connection(project: Project) -> None:
    rendered = subprocess.run(
        ["node", "render.mjs"], cwd=project.web, env=ENVIRONMENT, capture_output=True, text=True, timeout=60
    )

    assert 0 == rendered.returncode, rendered.stderr
    found = json.loads(rendered.stdout)
    assert [] == found["opened"]
    texts = [text.strip() for text in re.findall(r"<p>(.*?)</p>", re.sub(r"<!--.*?-->", "", found["body"]))]
    assert ["idle false 0", "idle", "false idle"] == texts
    assert ["no-browser", "no-browser", "no-browser", "waiting", 0, "end", 0] == found["uses"]
