"""What may be made to go wrong on the demo server, so that clients can be tried against it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Faults:
    """Faults that hold for as long as the server runs.

    delay: seconds each request waits before it is worked on (requests wait side by side).
    database_down: every V1 call answers 107, before anything is done.
    elasticsearch_down: tag, untag and delete are done, but answered with 105.
    """

    delay: float = 0.0
    database_down: bool = False
    elasticsearch_down: bool = False
