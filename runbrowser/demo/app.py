"""The demo server as one ASGI application: V1 at the root, V2 under a prefix."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Router

from .engine.worker import Engine
from .faults import Faults
from .store import Store
from .v1.endpoint import V1
from .v2 import NotFound, v2_routes


def create_app(
    database: Path,
    *,
    base_url: str,
    v2_prefix: str = "/v2",
    faults: Faults | None = None,
    well_formed: bool = False,
) -> Starlette:
    """An OpenML server over one catalogue file.

    database: made from schema.sql; it is written to. base_url: where the server is reached, for
    the addresses it hands out; ends with '/'. v2_prefix: the path V2 lives under. faults: what is
    to go wrong. well_formed: escape the texts that V1 does not.

    Sources: V1's PHP controllers and V2's FastAPI routers, as observed.
    """
    faults = faults or Faults()
    store = Store(database)
    engine = Engine(store, faults)
    app = Starlette(
        routes=[
            Mount(v2_prefix, app=Router(v2_routes(store, faults, base_url), default=NotFound())),
            Mount("/", app=V1(store, base_url, faults, engine, well_formed)),
        ]
    )
    app.state.store = store
    app.state.engine = engine
    return app
