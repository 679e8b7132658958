"""Serves an application on a real socket for as long as a test needs it."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette


@contextlib.contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The base URL, such as http://127.0.0.1:1234/, of a server that ends with the block."""
    config = uvicorn.Config(
        app, http="h11", ws="none", lifespan="off", log_config=None, server_header=False
    )
    server = uvicorn.Server(config)
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.should_exit = True
            thread.join()
            app.state.engine.close()
            app.state.store.close()
