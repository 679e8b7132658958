"""Calls that only bulk action makes: files of runs, whole traces, studies, whose key it is."""

from __future__ import annotations

from dataclasses import replace

from runbrowser.client.call import Answer, Call
from runbrowser.client.calls import v1
from runbrowser.client.intake import LARGEST_FILE
from runbrowser.client.wire.elements import begins
from runbrowser.client.wire.tables import read_studies
from runbrowser.errors import AnswerError, UsageError
from runbrowser.models import OutputFile, RunFilter, RunPage
from runbrowser.text import display

NO_TRACE = 572
NO_STUDY = 599
NOT_A_RUN_STUDY = 517


def download(run_id: int, file: OutputFile) -> Call[bytes]:
    """A file of a run, whole; it needs no key. UsageError when the server names no address."""
    url = file.url or ""
    if not url.startswith(("http://", "https://")):
        shown = display(url, 100) or "none"
        raise UsageError(f"the server names no usable address for {display(file.name)} ({shown})")
    name = display(file.name, 60)
    return Call(
        f"download {name} of run {run_id}",
        "GET",
        url,
        lambda answer: answer.body,
        largest=LARGEST_FILE,
    )


def raw_trace(run_id: int) -> Call[bytes | None]:
    """A run's trace as the server gives it; None when it has none (572)."""

    def read(answer: Answer) -> bytes:
        if begins(answer.text, "trace") < 0:
            raise AnswerError("the answer is no trace.", url=answer.url, status=answer.status)
        return answer.text.encode()

    purpose = f"read the trace of run {run_id}"
    return Call(purpose, "GET", f"run/trace/{run_id}", read, on_code={NO_TRACE: lambda: None})


def list_run_studies() -> Call[dict[int, str]]:
    """Names of all studies of runs by id, legacy ones too."""
    path = "study/list/main_entity_type/run"
    return Call("list studies", "GET", path, read_studies, on_code={NO_STUDY: dict})


def list_own(filter: RunFilter, limit: int) -> Call[RunPage]:
    """Runs as their uploader may see them: with the key, V1 lists one's own under an embargo."""
    return replace(v1.list_runs(filter, limit), own=True)


def probe(run_id: int = 1) -> Call[None]:
    """Asks, changing nothing, whether the key may write: reading a run by POST.

    V1 lets a read-only account do nothing but GET (104), and answers a POST to ``run/{id}`` as the
    GET; that there is no such run (235, 236) comes after the key was accepted.
    """
    return Call(
        "check the API key",
        "POST",
        f"run/{run_id}",
        lambda answer: None,
        key="form",
        key_needed=True,
        on_code={235: lambda: None, 236: lambda: None},
    )
