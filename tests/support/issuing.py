"""HTTP handler that issues one-time URLs without an action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tornado.web import RequestHandler


class UseFrom(RequestHandler):
    """Handler that answers a POST with the URL that a function issues, or with status 500 and its exception."""

    def initialize(self, use: Callable[[RequestHandler], Awaitable[str]]) -> None:
        self.use = use

    async def post(self) -> None:
        try:
            self.finish(await self.use(self))
        except Exception as error:
            self.set_status(500)
            self.finish(f"{type(error).__name__}: {error}")
