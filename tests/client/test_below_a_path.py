"""The application below a path, behind real proxies: prefixes, TLS, limits of bodies, reloads and restarts."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.nginx import run_nginx

from .conftest import Behind, Tab

pytestmark = pytest.mark.browser

STRIPPED = "location /app/ { proxy_pass http://BACKEND/; }"
# In a location, `proxy_set_header` would replace all headers of the server.
ANNOUNCED = f"proxy_set_header X-Forwarded-Prefix /app; {STRIPPED}"
KEPT = """
location /app/lab/    { proxy_pass http://BACKEND; }
location /app/_/      { proxy_pass http://BACKEND; }
location /app/action  { proxy_pass http://BACKEND; }
location /app/        { proxy_pass http://BACKEND/; }
"""
PROXY = {"trusted_proxies": ["127.0.0.1"]}

# The target of each client, without a server: the class of the connections records it.
RECORD = """(base) => {
	let target;
	class Recorded { constructor(url) { target = String(url); this.readyState = 3; } close() {} }
	const client = new Lab({room: 'a'}, {WebSocket: Recorded, ...(base !== null && {base})});
	client.open();
	return new Promise((done) => client.listen('$state', () => target && done(target.replace(location.origin, ''))));
}"""


@pytest.mark.parametrize(
    ("page", "base", "target"),
    [
        ("app/", None, "/lab/a"),
        ("app/", "", "/lab/a"),
        ("app/", "/", "/lab/a"),
        ("app/", "/app", "/app/lab/a"),
        ("app/", "/app/", "/app/lab/a"),
        ("app/", "/app/deep", "/app/deep/lab/a"),
        ("app/", "./", "/app/lab/a"),
        ("app/", ".", "/app/lab/a"),
        ("app/page", "./", "/app/lab/a"),
        ("app/deep/page", "..", "/app/lab/a"),
        ("app/deep/page", "../", "/app/lab/a"),
        ("app/", "https://example.org", "https://example.org/lab/a"),
        ("app/", "https://example.org/", "https://example.org/lab/a"),
        ("app/", "https://example.org/app", "https://example.org/app/lab/a"),
        ("app/", "wss://example.org/app/?x=1#y", "wss://example.org/app/lab/a"),
        ("app/", "//example.org/app", "http://example.org/app/lab/a"),
    ],
)
def test_base_is_a_prefix_of_the_path(tab: Tab, page: str, base: str | None, target: str) -> None:
    tab.page.evaluate("(path) => history.replaceState(null, '', path)", f"/{page}")

    assert target == tab.page.evaluate(RECORD, base)


@pytest.mark.parametrize(
    ("locations", "settings"),
    [
        (ANNOUNCED, {**PROXY, "origins": ["https://127.0.0.1:*"]}),
        (STRIPPED, {"public_path": "/app/"}),
        (KEPT, {"public_path": "/app"}),
        (KEPT, {"public_path": "/app", **PROXY, "origins": ["https://127.0.0.1:*"]}),
    ],
    ids=["announced", "stripped", "kept", "kept-trusted"],
)
@pytest.mark.parametrize("base", ["./", "/app"])
def test_both_kinds_of_socket_work_below_a_path_with_tls(
    behind: Behind, locations: str, settings: dict[str, object], base: str
) -> None:
    with behind(locations=locations, tls=True, path="app/", **settings) as tab:
        tab.open({"base": base})
        assert "a" == tab.get("c.request('echo', 'a')")

        tab.do("window.job = new Job({action: 'action'}); job.open()")
        tab.wait("job.last.done === 42")

        assert [] == tab.reports


def test_page_with_a_wrong_base_learns_that_nothing_is_there(behind: Behind) -> None:
    with behind(locations="location /app/ { return 404; }") as tab:
        tab.make({"base": "/app/"})
        tab.do("c.open()")

        tab.wait("c.error?.kind === 'misconfigured'")

        assert "not_found" == tab.get("c.error.reason.code")


def test_limit_of_bodies_does_not_apply_to_messages(behind: Behind) -> None:
    limit = "client_max_body_size 1k; location /app/ { proxy_pass http://BACKEND/; }"
    with behind(locations=limit, tls=True, path="app/", public_path="/app/") as tab:
        tab.open({"base": "./"})
        assert 100_000 == tab.get("c.request('echo', 'x'.repeat(100_000)).then((text) => text.length)")

        body = "const body = new FormData(); body.append('file', 'x'.repeat(2000))"
        tab.do(f"{body}; window.job = new Job({{action: 'action', init: {{body}}}}); job.open()")
        tab.wait("job.status === 'closed'")

        assert ["refused", 413] == tab.get("[job.error.kind, job.error.code]")


def test_reload_of_the_proxy_does_not_disturb_connections(behind: Behind) -> None:
    with behind(locations=STRIPPED, path="app/", public_path="/app/") as tab:
        tab.open({"base": "./"})
        assert tab.nginx is not None

        tab.nginx.send_signal(signal.SIGHUP)
        tab.page.wait_for_timeout(500)

        assert "a" == tab.get("c.request('echo', 'a')")
        assert ["connecting", "open"] == tab.log
        tab.open({"base": "./"}, name="other")
        assert "b" == tab.get("other.request('echo', 'b')")


def test_page_resumes_after_a_restart_of_the_proxy(behind: Behind, tmp_path: Path) -> None:
    with behind(locations=STRIPPED, path="app/", public_path="/app/") as tab:
        tab.open({"base": "./"})
        tab.do("c.send('say', {text: 'before'})")
        tab.wait("c.last.said")
        assert tab.nginx is not None

        tab.nginx.terminate()
        tab.nginx.wait()
        tab.wait("c.attempt >= 2 && c.status === 'waiting'")
        assert ["network", None] == tab.get("[c.error.kind, c.error.reason ?? null]")
        tab.do("c.send('say', {text: 'meanwhile'})")
        again = tmp_path / "again"
        again.mkdir()
        config = (tmp_path / "nginx.conf").read_text(encoding="utf-8")
        site = config[config.index("server {") :].rstrip().removesuffix("}")
        with run_nginx(again, site, tab.server.port):
            tab.wait("c.last.said?.text === 'meanwhile'")
            tab.wait("c.recovered === true")

        assert [] == tab.reports
