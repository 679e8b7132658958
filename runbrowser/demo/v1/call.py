"""One call of the V1 API, read from the request and ready for the code that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..auth import ANYBODY, User
from ..engine.worker import Engine
from ..faults import Faults
from ..store import Store


@dataclass(frozen=True)
class Upload:
    """One file of a multipart form."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """What was asked, by whom, and what there is to answer from.

    method: in lower case. form: 'xml' or 'json'. segments: the path behind run/, flow/ and so on,
    percent-encoded as it came. fields, files: the body of a POST. base_url: ends with '/'.
    """

    store: Store
    engine: Engine
    method: str
    form: str
    segments: list[str]
    base_url: str
    user: User = ANYBODY
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
