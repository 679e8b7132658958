"""A web server that shows a program's screen to who has its token, on 127.0.0.1."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable
from hmac import compare_digest

from aiohttp import web
from textual_serve.server import Server

from runbrowser.errors import RunbrowserError

HOST = "127.0.0.1"
_COOKIE = "runbrowser_token"
Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebServer:
    """Textual's server behind three questions: is the request meant for this address, does it come
    from this page, does it bring the token?
    """

    def __init__(self, command: str, port: int = 0) -> None:
        """``command`` is what each page runs; ``port`` 0 takes any that is free. RunbrowserError
        where it cannot be had.
        """
        self.token = secrets.token_urlsafe(24)
        try:
            self._socket = socket.create_server((HOST, port))
        except OSError as error:
            raise RunbrowserError(f"Port {port} of {HOST}: {error.strerror}.") from None
        self.port: int = self._socket.getsockname()[1]
        self.origin = f"http://{HOST}:{self.port}"
        self._server = Server(command, HOST, self.port, "runbrowser", self.origin)

    @property
    def address(self) -> str:
        """What to open; it holds the token, which is kept in a cookie from then on."""
        return f"{self.origin}/?token={self.token}"

    def run(self, ready: Callable[[str], None]) -> int:
        """Serves until SIGINT or SIGTERM; ``ready`` hears the address. The exit code."""
        return asyncio.run(self._run(ready))

    async def _run(self, ready: Callable[[str], None]) -> int:
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, over.set)
        app = await self._server._make_app()
        app.on_startup.clear()  # which would print a picture and the address without its token

        @web.middleware
        async def guarded(request: web.Request, handler: Respond) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app.middlewares.append(guarded)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await runner.setup()
        await web.SockSite(runner, self._socket).start()
        ready(self.address)
        try:
            await over.wait()
        finally:
            await runner.cleanup()
        return 0

    async def _guarded(self, request: web.Request, handler: Respond) -> web.StreamResponse:
        if request.host != f"{HOST}:{self.port}":  # another name that leads here
            raise web.HTTPForbidden(text="This address is not served.")
        if request.headers.get("Origin", self.origin) != self.origin:  # a page of somebody else
            raise web.HTTPForbidden(text="Only this server's own page is answered.")
        given = request.query.get("token", "")
        if given and self._is_token(given):
            answer = web.HTTPFound("/")  # the address bar and the history are to lose it
            answer.set_cookie(_COOKIE, self.token, httponly=True, samesite="Strict", path="/")
            raise answer
        if not self._is_token(request.cookies.get(_COOKIE, "")):
            raise web.HTTPForbidden(text="Open the address that runbrowser web printed.")
        made = await handler(request)
        if not made.prepared:
            made.headers["Content-Security-Policy"] = (
                f"default-src 'self' 'unsafe-inline' data:; connect-src 'self' ws://{HOST}:"
                f"{self.port}; frame-ancestors 'none'"
            )
            made.headers["Cache-Control"] = "no-store"
            made.headers["Referrer-Policy"] = "no-referrer"
        return made

    def _is_token(self, text: str) -> bool:
        return compare_digest(text.encode(), self.token.encode())
