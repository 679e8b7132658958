"""Which way a request goes: straight to its host, or through the proxy that the environment names.

httpx takes proxies from the environment when a client is made, and fails there for a variable that
it cannot use, also where no proxy is wanted. Here the way is looked for with each request: a host
on this machine is never asked for through a proxy, and a variable that cannot be used is named
when a request would need it.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import httpx

from runbrowser.text import display

Transport = TypeVar("Transport", httpx.HTTPTransport, httpx.AsyncHTTPTransport)


_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)


class UnusableProxyError(httpx.ProxyError):
    """A proxy that the environment names cannot be used; the message is a sentence."""


class ProxyFailedError(httpx.ProxyError):
    """A proxy that the environment names does not do its work; the message names both."""


class Routes:
    """The proxies that the environment names, by scheme and host."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._proxies = urllib.request.getproxies() if environ is None else _named_in(environ)
        self._direct = [
            name
            for entry in self._proxies.get("no", "").split(",")
            if (name := entry.strip().lower())
        ]

    def proxy(self, url: httpx.URL) -> str | None:
        """The proxy for a URL; None where there is none. Raises UnusableProxyError."""
        named = self._proxies.get(url.scheme) or self._proxies.get("all")
        if not named or self._goes_straight(url):
            return None
        address = named if "://" in named else f"http://{named}"
        try:
            parsed = httpx.URL(address)
            scheme, known = parsed.scheme, bool(parsed.host) and (parsed.port or 1) < 65_536
        except httpx.InvalidURL:
            scheme, known = "", False
        if known and scheme in ("http", "https"):
            return address
        where = self._variable(url.scheme, named)
        shown = display(named.rpartition("@")[2], 100)
        if known and scheme in ("socks5", "socks5h"):
            if importlib.util.find_spec("socksio") is not None:
                return address
            raise UnusableProxyError(
                f"{where} names a SOCKS proxy ({shown}), which needs one more package: "
                f"pip install 'runbrowser[socks]', or unset {where}."
            )
        if known and scheme.startswith("socks"):
            raise UnusableProxyError(
                f"{where} names a proxy that cannot be used ({shown}): write socks5://HOST:PORT "
                f"and pip install 'runbrowser[socks]', or unset {where}."
            )
        raise UnusableProxyError(
            f"{where} names no address of a proxy ({shown}): write http://HOST:PORT, "
            f"or unset {where}."
        )

    def failed(self, url: httpx.URL, error: Exception) -> ProxyFailedError:
        """The exception for a request that its proxy did not pass on."""
        named = self._proxies.get(url.scheme) or self._proxies.get("all") or ""
        where = self._variable(url.scheme, named)
        reason = display(str(error) or type(error).__name__, 100).rstrip(".")
        return ProxyFailedError(
            f"the proxy that {where} names ({display(named.rpartition('@')[2], 100)}) does not "
            f"pass it on: {reason}"
        )

    def _variable(self, scheme: str, value: str) -> str:
        for name in (f"{scheme}_proxy", "all_proxy"):
            for variable in (name, name.upper()):
                if self._environ.get(variable) == value:
                    return variable
        return "the system's settings"

    def _goes_straight(self, url: httpx.URL) -> bool:
        host = url.host.lower().strip("[]").rstrip(".")
        address = _address(host)
        if host == "localhost" or host.endswith(".localhost"):
            return True
        if address is not None and (address.is_loopback or address.is_unspecified):
            return True
        return any(_matches(name, host, url.port, address) for name in self._direct)


def _named_in(environ: Mapping[str, str]) -> dict[str, str]:
    """The proxies of an environment; a name in small letters comes before one in capitals."""
    found: dict[str, str] = {}
    for small in (False, True):
        for name, value in environ.items():
            if name.lower().endswith("_proxy") and (name == name.lower()) is small:
                found[name.lower().removesuffix("_proxy")] = value
    return {name: value for name, value in found.items() if value}


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _matches(name: str, host: str, port: int | None, address: Address | None) -> bool:
    """Whether an entry of NO_PROXY means a host: a name, one with a port, an address or a network,
    in brackets or not.
    """
    if name == "*":
        return True
    name = name.rpartition("://")[2].rstrip("/") if "://" in name else name
    if name.startswith("["):
        name, _, rest = name[1:].partition("]")
        wanted = rest.removeprefix(":")
    elif name.count(":") == 1:
        name, _, wanted = name.partition(":")
    else:
        wanted = ""
    if wanted and wanted != str(port or ""):
        return False
    if address is not None:
        try:
            return address in ipaddress.ip_network(name, strict=False)
        except ValueError:
            return False
    name = name.lstrip("*").lstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


class _Ways(Generic[Transport]):
    """One transport for the straight way and one for each proxy, made when they are needed."""

    def __init__(self, make: Callable[..., Transport], options: dict[str, Any]) -> None:
        self._make: Callable[..., Transport] = make
        self._options = options
        self.routes = Routes()
        self._made: dict[str | None, Transport] = {None: make(**options)}

    def to(self, url: httpx.URL) -> tuple[Transport, bool]:
        """The transport for a URL, and whether it leads to a proxy. Raises UnusableProxyError."""
        proxy = self.routes.proxy(url)
        if proxy not in self._made:
            try:
                self._made[proxy] = self._make(proxy=proxy, **self._options)
            except (ValueError, ImportError) as error:
                raise UnusableProxyError(
                    f"The proxy cannot be used ({display(error, 100)})."
                ) from None
        return self._made[proxy], proxy is not None

    def all(self) -> list[Transport]:
        """What is to be closed."""
        return list(self._made.values())


class RoutedTransport(httpx.BaseTransport):
    """Sends each request the way that the environment wants it to go."""

    def __init__(self, **options: Any) -> None:
        self._ways: _Ways[httpx.HTTPTransport] = _Ways(httpx.HTTPTransport, options)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx.BaseTransport."""
        way, proxied = self._ways.to(request.url)
        try:
            return way.handle_request(request)
        except _NOT_CONNECTED as error:
            if not proxied:
                raise
            raise self._ways.routes.failed(request.url, error) from None

    def close(self) -> None:
        """Closes all connections."""
        for transport in self._ways.all():
            transport.close()


class AsyncRoutedTransport(httpx.AsyncBaseTransport):
    """As RoutedTransport, with coroutines."""

    def __init__(self, **options: Any) -> None:
        self._ways: _Ways[httpx.AsyncHTTPTransport] = _Ways(httpx.AsyncHTTPTransport, options)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx.AsyncBaseTransport."""
        way, proxied = self._ways.to(request.url)
        try:
            return await way.handle_async_request(request)
        except _NOT_CONNECTED as error:
            if not proxied:
                raise
            raise self._ways.routes.failed(request.url, error) from None

    async def aclose(self) -> None:
        """Closes all connections."""
        for transport in self._ways.all():
            await transport.aclose()
