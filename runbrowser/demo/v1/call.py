"""One call of the V1 API, read from the request and ready for the code that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..auth import ANYBODY, User
from ..engine.worker import Engine
from ..faults import Faults
from ..store import Store
from .reply import legal_in_xml
from .xmlout import php_json, plain, special


@dataclass(frozen=True)
class Upload:
    """One file of a multipart form."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """What was asked, by whom, and what there is to answer from.

    method: in lower case. segments: the path behind run/, flow/ and so on,
    percent-encoded as it came. fields, files: the body of a POST. base_url: ends with '/'.
    well_formed: escape what V1 does not.
    """

    store: Store
    engine: Engine
    method: str
    segments: list[str]
    base_url: str
    user: User = ANYBODY
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    well_formed: bool = False

    def text(self, value: Any) -> str:
        """A text for a template that V1 pastes as it is into XML, which one `&` breaks."""
        return special(legal_in_xml(plain(value))) if self.well_formed else plain(value)

    def json_text(self, value: Any) -> str:
        """A text for a template that V1 pastes as it is between the quotes of JSON."""
        return php_json(plain(value))[1:-1] if self.well_formed else plain(value)
