from __future__ import annotations

import http.server
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections import Counter
from functools import partial
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yaml
from markdown_it import MarkdownIt

from docs.scripts.api import GROUPS
from docs.scripts.roles import MODULES
from docs.scripts.site import INCLUDED, site_links, slug, with_directives
from tests.docs.pages import ROOT, anchors, pages

BASE = "https://example.org/blob/v1"
NAMES = {"index.md", "changelog.md", "tutorial.md", "how-to/scale.md", "reference/python.md", "images/chat.png"}
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
BLOCKS = ("blockquote", "h1", "h2", "h3", "h4", "hr", "li", "ol", "pre", "table", "td", "th", "tr", "ul")
PUBLIC = [
    f"{module}.{name}"
    for module in ("tornado_ws", *(f"tornado_ws.{name}" for name in MODULES))
    for name in import_module(module).__all__
    if name != "pytest_sessionfinish"  # a hook for pytest
]
ROLE = re.compile(r":(attr|class|data|exc|func|meth|mod):")


class _Elements(HTMLParser):
    """Elements and attributes of an HTML page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.resources: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        target = values.get("href", values.get("src"))
        if target is not None and values.get("rel") != "canonical":
            (self.links if tag == "a" else self.resources).append(target)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site that was built without warnings."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=env, timeout=120)

    assert (built.stdout + built.stderr, built.returncode) == ("", 0)
    return folder


@pytest.fixture(scope="module")
def documents(site: Path) -> dict[str, _Elements]:
    """Return the pages of the site, by path."""
    return {
        path.relative_to(site).as_posix(): _Elements(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")
    }


def _article(text: str) -> str:
    """Return the content of a page that is written in Markdown."""
    found = re.search(r"<article.*?>(.*?)</article>", text, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.slow
def test_every_link_of_the_site_has_a_target(site: Path, documents: dict[str, _Elements]) -> None:
    faults = []
    for name, document in documents.items():
        for target in [*document.links, *document.resources]:
            if name == "404.html" or urlsplit(target).scheme:
                continue
            url = urlsplit(urljoin(f"http://site/{name}", target))
            path = unquote(url.path[1:]) or "index.html"
            path = f"{path}index.html" if path.endswith("/") else path
            if not (site / path).is_file() or (url.fragment and unquote(url.fragment) not in documents[path].ids):
                faults.append(f"{name} links to {target}")

    assert faults == []


@pytest.mark.slow
def test_links_to_the_repository_lead_to_files(documents: dict[str, _Elements]) -> None:
    links = {link for document in documents.values() for link in document.links}
    paths = {link.partition("/main/")[2].partition("#")[0] for link in links if link.startswith(f"{URLS['Source']}/")}

    assert "bench/README.md" in paths
    assert [] == [path for path in sorted(paths) if path and not (ROOT / path).exists()]


@pytest.mark.slow
@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_has_the_same_parts_as_on_a_code_host(site: Path, page: Path) -> None:
    name = page.relative_to(ROOT).as_posix()
    path = INCLUDED.get(name, name.removeprefix("docs/"))
    if path == "reference/api.md":
        return  # its tables become the reference
    rendered = _Elements(_article((site / path).with_suffix(".html").read_text(encoding="utf-8")))
    expected = _Elements(MarkdownIt("commonmark").enable("table").render(page.read_text(encoding="utf-8")))

    assert {tag: rendered.tags[tag] for tag in BLOCKS} == {tag: expected.tags[tag] for tag in BLOCKS}
    assert anchors(page) <= rendered.ids


@pytest.mark.slow
def test_reference_has_an_entry_for_every_public_name(documents: dict[str, _Elements]) -> None:
    page = documents["reference/api.html"]

    assert {*PUBLIC, "tornado_ws.Room.send", "tornado_ws.Limits.rooms"} - page.ids == set()
    assert "tornado_ws.WebSocketController.serve_until_signal" in page.ids, "expected a method of a base class"
    assert "#tornado_ws.Room.send" in page.links, "expected a link of a docstring"


@pytest.mark.slow
def test_no_page_shows_a_role(documents: dict[str, _Elements]) -> None:
    assert [] == [name for name, document in documents.items() if ROLE.search(document.text)]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_site_requests_nothing_from_other_hosts(site: Path, browser, scheme: str) -> None:
    handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        context = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 800})
        page = context.new_page()
        requests: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        for name in ("index.html", "how-to/production.html", "reference/api.html", "explanation/which-one.html"):
            page.goto(address + name, wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") == 390, name
        page.locator("label[for=__search]").first.click()
        page.locator(".md-search__input").press_sequentially("BackplaneDown")  # it listens to keys
        page.locator(".md-search-result__item").first.wait_for()
        context.close()
        server.shutdown()

    assert errors == []
    assert [] == [url for url in requests if not url.startswith((address, "blob:", "data:"))]


def test_every_public_name_is_in_one_group() -> None:
    names = [name for group in GROUPS.values() for name in group.split()]

    assert sorted(name if "." in name else f"tornado_ws.{name}" for name in names) == sorted(PUBLIC)


def test_navigation_lists_every_page() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"^ +- (?:[^:\n]+: )?([\w/-]+\.md)$", text, re.MULTILINE)
    docs = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}

    assert sorted(listed) == sorted(docs | {*INCLUDED.values()})


def test_addresses_are_those_of_the_package() -> None:
    lines = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").splitlines()
    settings = yaml.safe_load("\n".join(line for line in lines if re.match(r"(site|repo)_url:", line)))

    assert settings == {"site_url": URLS["Documentation"], "repo_url": URLS["Source"]}


@pytest.mark.parametrize(
    ("source", "link", "expected"),
    [
        ("README.md", "[a](docs/tutorial.md)", "[a](tutorial.md)"),
        ("README.md", "[a](docs/how-to/scale.md#memory)", "[a](how-to/scale.md#memory)"),
        ("README.md", "[a](CHANGELOG.md)", "[a](changelog.md)"),
        ("README.md", "[`a[0]`](bench/README.md)", f"[`a[0]`]({BASE}/bench/README.md)"),
        ("README.md", "[a](docs/missing.md)", f"[a]({BASE}/docs/missing.md)"),
        ("README.md", "[a](#two-commands)", "[a](#two-commands)"),
        ("README.md", "[a](https://example.com/docs/x.md)", "[a](https://example.com/docs/x.md)"),
        ("README.md", "![a](docs/images/chat.png)", "![a](images/chat.png)"),
        ("README.md", "[![a](docs/images/chat.png)](examples)", f"[![a](images/chat.png)]({BASE}/examples)"),
        (
            "README.md",
            '[<img src="docs/images/chat.png">](examples)',
            f'[<img src="images/chat.png">]({BASE}/examples)',
        ),
        ("README.md", "`[a](docs/tutorial.md)`", "`[a](docs/tutorial.md)`"),
        ("README.md", "```md\n[a](docs/tutorial.md)\n```", "```md\n[a](docs/tutorial.md)\n```"),
        ("README.md", "```svelte\n<p></p>\n```", "```html\n<p></p>\n```"),
        ("docs/how-to/scale.md", "[a](../reference/python.md)", "[a](../reference/python.md)"),
        ("docs/how-to/scale.md", "[a](../../README.md)", "[a](../index.md)"),
        ("docs/how-to/scale.md", "[a](../scripts/api.py)", f"[a]({BASE}/docs/scripts/api.py)"),
        ("docs/how-to/scale.md", "[a](../../examples/deploy)", f"[a]({BASE}/examples/deploy)"),
    ],
)
def test_links_and_code_suit_the_site(source: str, link: str, expected: str) -> None:
    name = INCLUDED.get(source, source.removeprefix("docs/"))

    assert site_links(link, source, name, BASE, NAMES) == expected


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("Two commands", "two-commands"), ("`init` & co.", "init--co"), ("`snake_case`: names", "snake_case-names")],
)
def test_anchors_are_those_of_a_code_host(heading: str, anchor: str) -> None:
    assert slug(heading, "-") == anchor


def test_tables_of_names_become_directives() -> None:
    rows = "| [`Room`](../a.py) | Room. |\n| [`tornado_ws.testing.Client`](../b.py) | Client. |\n"
    table = f"| name | |\n| --- | --- |\n{rows}"

    assert with_directives(f"## A\n\n{table}\nb") == "## A\n\n::: tornado_ws.Room\n\n::: tornado_ws.testing.Client\n\nb"
