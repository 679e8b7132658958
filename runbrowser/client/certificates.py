"""The certificates to trust, read when a connection first needs them."""

from __future__ import annotations

import functools
import os
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx

from runbrowser.text import display

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def trusted(environ: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """The certificates that the environment names, else those that come with the client.

    The first of SSL_CERT_FILE, SSL_CERT_DIR, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE that is set
    counts, a file or a folder. Raises ssl.SSLError, in words, when it cannot be read.
    """
    environ = os.environ if environ is None else environ
    variable = next((name for name in _VARIABLES if environ.get(name)), None)
    if variable is None:
        return httpx.create_ssl_context(trust_env=False)
    path = Path(environ[variable])
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=str(path))
        return ssl.create_default_context(cafile=str(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no certificates in it"
        raise ssl.SSLError(
            f"{variable} names certificates that cannot be read ({display(path, 100)}: "
            f"{display(reason, 100)}); mend or unset {variable}"
        ) from None


class LateContext(ssl.SSLContext):
    """Reads the certificates when a connection first needs them: that takes 50 to 100 ms, which
    nobody should wait for who speaks to a server on the same machine.
    """

    _protocols: list[str] | None = None

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Noted for the context that is really used."""
        self._protocols = list(alpn_protocols)
        if "real" in self.__dict__:
            self.real.set_alpn_protocols(self._protocols)

    @functools.cached_property
    def real(self) -> ssl.SSLContext:
        """The context with the certificates."""
        context = trusted()
        if self._protocols:
            context.set_alpn_protocols(self._protocols)
        return context

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        """A blocking connection begins."""
        return self.real.wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """An async connection begins."""
        return self.real.wrap_bio(*args, **kwargs)


@functools.cache
def certificates() -> LateContext:
    """One context for all clients."""
    return LateContext(ssl.PROTOCOL_TLS_CLIENT)
