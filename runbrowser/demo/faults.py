"""What may be made to go wrong on the demo server, so that clients can be tried against it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Faults:
    """Faults that hold for as long as the server runs. Each is an option of ``runbrowser demo``.

    delay: seconds each request waits before it is worked on (requests wait side by side).
    database_down: every V1 call answers 107, before anything is done.
    elasticsearch_down: tag, untag and delete are done, but answered with 105.
    timeout_past: lists with a greater offset are answered 504, as the gateway of openml.org does
    when V1 takes too long; None: never.
    """

    delay: float = field(
        default=0.0, metadata={"metavar": "SECONDS", "help": "Let each request wait so long."}
    )
    database_down: bool = field(
        default=False, metadata={"help": "Answer all of V1 with code 107: no database."}
    )
    elasticsearch_down: bool = field(
        default=False,
        metadata={"help": "Do what is written, then answer with code 105: no search index."},
    )
    timeout_past: int | None = field(
        default=None,
        metadata={"metavar": "OFFSET", "help": "Answer 504 to lists with a greater offset."},
    )
