"""What may be made to go wrong on the demo server, so that clients can be tried against it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Faults:
    """Faults that hold for as long as the server runs. Each is an option of ``runbrowser demo``.

    delay: seconds each request waits before it is worked on (requests wait side by side).
    database_down: every V1 call answers 107, before anything is done.
    elasticsearch_down: tag, untag and delete are done, but answered with 105.
    studies_cascade: a run in a study can be deleted and leaves the study, as with tables whose
    keys cascade; else 394, as the foreign keys of V1's own SQL files have it.
    evaluation_delay: seconds between the upload of a run and its evaluation.
    evaluation_error: what every evaluation fails with; '' for none.
    no_evaluation: published runs stay as they are, as in the months when the engine was down.
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
    studies_cascade: bool = field(
        default=False,
        metadata={"help": "Delete runs that a study lists, instead of answering with code 394."},
    )
    evaluation_delay: float = field(
        default=2.0,
        metadata={"metavar": "SECONDS", "help": "Evaluate a published run after so long (2)."},
    )
    evaluation_error: str = field(
        default="", metadata={"metavar": "TEXT", "help": "Let every evaluation fail with this."}
    )
    no_evaluation: bool = field(default=False, metadata={"help": "Never evaluate published runs."})
    timeout_past: int | None = field(
        default=None,
        metadata={"metavar": "OFFSET", "help": "Answer 504 to lists with a greater offset."},
    )
