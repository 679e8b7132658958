"""Two thousand calls through a network that cuts, delays, resets, garbles and refuses at random.

A proxy stands between the clients and the demo. What it does to a request is drawn from a seed
(chaos.py). Two threads on one blocking client and four tasks on one async client share a cache on
the disk and read, list, tag, untag, delete and publish. Then it is looked, past the proxy, whether
what they were told is so.

A garbled reply is always one whose damage can be seen: its structure, its packing, its length or
its kind is wrong. OpenML's replies carry no checksum, so another letter inside a run's text can be
noticed by nobody; nor is the description of another run taken for wrong, since OpenML's own
fixtures hold run 100 where run 1 is asked for.

The environment variable CHAOS_SEED gives another seed; a failure names the one it had.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from runbrowser.client.cache import ReplyCache
from runbrowser.client.calls import v1 as calls
from runbrowser.client.calls import v2 as v2_calls
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.client.resources import settle
from runbrowser.client.resources.evaluations import AsyncEvaluationV1API, EvaluationV1API
from runbrowser.client.resources.runs import (
    AsyncRunV1API,
    AsyncRunV2API,
    RunV1API,
    RunV2API,
)
from runbrowser.client.retry import RetryPolicy
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.catalogue import unpack
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import AnswerError, OpenMLServerError, OpenMLServerException, RunbrowserError
from runbrowser.models import Run, RunFilter
from runbrowser.text import display

from .chaos import FAULTS, XML, Answered, Fault, Proxy, as_it_came, before, chance, message

SEED = int(os.environ.get("CHAOS_SEED", "20260731"))
CALLS = 2_000
WORKERS = 6  # two threads, four tasks
END = 100  # seconds after which a call that has not ended counts as hanging

QUICK = RetryPolicy("quick", attempts=4, unreachable=2, total=5.0, wait=lambda attempt: 0.002)
TIMEOUT = httpx.Timeout(3.0)

KINDS = {
    "get": 26,
    "get v2": 4,
    "list": 14,
    "frame": 2,
    "trace": 7,
    "evaluations": 8,
    "tag": 16,
    "untag": 10,
    "delete": 7,
    "publish": 6,
}


@dataclass(frozen=True)
class Job:
    """One call: ``run`` is what it is about; ``text`` a tag, unique for each that is set."""

    kind: str
    run: int
    text: str = ""


@dataclass
class Ended:
    """How a call ended: with a result or an exception."""

    job: Job
    result: Any = None
    error: BaseException | None = None


@dataclass
class Runs:
    """Who does what with which runs."""

    steady: list[int]  # nobody changes these
    traced: list[int]
    tagged: list[int]  # all workers tag these
    doomed: list[int]  # each is deleted once


@dataclass
class Story:
    """All that happened."""

    runs: Runs
    proxy: Proxy
    ended: list[Ended] = field(default_factory=list)
    unfinished: int = 0
    folder: Path = Path()

    def of(self, *kinds: str) -> list[Ended]:
        return [ended for ended in self.ended if ended.job.kind in kinds]


def plan(runs: Runs, seed: int) -> list[list[Job]]:
    """Each worker's calls in order. Only a worker that has set a tag takes it off again."""
    rng = random.Random(seed)
    doomed = list(runs.doomed)
    lists: list[list[Job]] = [[] for _ in range(WORKERS)]
    tags: list[list[tuple[int, str]]] = [[] for _ in range(WORKERS)]
    for number in range(CALLS):
        worker = number % WORKERS
        (kind,) = rng.choices(tuple(KINDS), tuple(KINDS.values()))
        if (kind == "untag" and not tags[worker]) or (kind == "delete" and not doomed):
            kind = "get"
        text = ""
        match kind:
            case "get":
                run = rng.choice((*runs.steady, *3 * runs.tagged, *runs.doomed[::8]))
            case "trace":
                run = rng.choice(runs.traced)
            case "tag":
                run, text = rng.choice(runs.tagged), f"chaos-{number}"
                tags[worker].append((run, text))
            case "untag":
                run, text = tags[worker].pop(rng.randrange(len(tags[worker])))
            case "delete":
                run = doomed.pop(rng.randrange(len(doomed)))
            case "publish":
                run, text = 0, f"chaos-publish-{number}"
            case _:
                run = rng.choice(runs.steady)
        lists[worker].append(Job(kind, run, text))
    return lists


@dataclass
class Api:
    """The APIs over one kind of client; what its methods give is awaited where it has to be."""

    v1: Any
    v2: Any
    evaluations: Any
    suffix: str

    def call(self, job: Job, runs: Runs) -> Any:
        match job.kind:
            case "get":
                return self.v1.get(job.run, description=True)
            case "get v2":
                return self.v2.get(job.run)
            case "list":
                return self.v1.page(RunFilter(ids=tuple(runs.steady)), 100)
            case "frame":
                return self.v1.list(100, 0, ids=runs.steady, display_errors=True)
            case "trace":
                return self.v1.trace(job.run)
            case "evaluations":
                shown = RunFilter(ids=tuple(runs.steady))
                return self.evaluations.rows("predictive_accuracy", shown, 100)
            case "publish":
                return self.v1.publish("run", upload(job.text))
            case "delete":
                return getattr(settle, f"delete{self.suffix}")(self.v1, job.run)
        return getattr(settle, f"{job.kind}{self.suffix}")(self.v1, job.run, job.text)


def upload(tag: str) -> dict[str, Any]:
    """A run that says why it has no predictions, to be found by its tag."""
    description = (
        '<oml:run xmlns:oml="http://openml.org/openml"><oml:task_id>9101</oml:task_id>'
        "<oml:flow_id>9201</oml:flow_id><oml:error_message>chaos</oml:error_message>"
        f"<oml:tag>{tag}</oml:tag></oml:run>"
    )
    return {"description": ("description.xml", description.encode(), "text/xml")}


def work(api: Api, jobs: list[Job], story: Story) -> None:
    """One thread's calls."""
    for job in jobs:
        ended = Ended(job)
        try:
            ended.result = api.call(job, story.runs)
        except BaseException as error:  # noqa: BLE001 - which it may be is looked at in the end
            ended.error = error
        story.ended.append(ended)


async def work_async(api: Api, jobs: list[Job], story: Story) -> None:
    """One task's calls."""
    for job in jobs:
        ended = Ended(job)
        try:
            ended.result = await api.call(job, story.runs)
        except BaseException as error:  # noqa: BLE001 - which it may be is looked at in the end
            ended.error = error
        story.ended.append(ended)


def make_it_happen(demo: DemoProcess, proxy: Proxy, runs: Runs, folder: Path) -> Story:
    """Makes all calls; returns when they have ended, or have had their time."""
    story = Story(runs, proxy, folder=folder)
    lists = plan(runs, SEED)
    cache = ReplyCache(folder)
    options: dict[str, Any] = {"timeout": TIMEOUT, "retry": QUICK, "cache": cache}
    servers = (proxy.base(demo.v1), demo.api_key), (proxy.base(demo.v2), None)

    async def tasks() -> None:
        async with (
            AsyncHTTPClient(*servers[0], **options) as old,
            AsyncHTTPClient(*servers[1], **options) as new,
        ):
            api = Api(AsyncRunV1API(old), AsyncRunV2API(new), AsyncEvaluationV1API(old), "_async")
            async with asyncio.timeout(END):
                await asyncio.gather(*(work_async(api, jobs, story) for jobs in lists[2:]))

    with HTTPClient(*servers[0], **options) as old, HTTPClient(*servers[1], **options) as new:
        api = Api(RunV1API(old), RunV2API(new), EvaluationV1API(old), "")
        threads = [
            threading.Thread(target=work, args=(api, jobs, story), daemon=True)
            for jobs in lists[:2]
        ]
        threads.append(threading.Thread(target=asyncio.run, args=(tasks(),), daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(END)
        story.unfinished = sum(thread.is_alive() for thread in threads)
    return story


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    unpack(tmp_path / "catalogue.db")
    with closing(sqlite3.connect(tmp_path / "catalogue.db")) as connection:

        def ids(condition: str, number: int) -> list[int]:
            statement = f"SELECT id FROM run WHERE {condition} ORDER BY id LIMIT {number}"
            return [run_id for (run_id,) in connection.execute(statement)]

        own = ids(f"uploader = {DEMO_USER_ID} AND task_id <> 9109", 170)
        traced = ids("uploader = 4 AND id IN (SELECT run_id FROM trace)", 6)
        others = ids("uploader = 3 AND task_id = 9101", 12)
        return Runs([*others, *traced], traced, own[:20], own[20:])


def test_two_thousand_calls_through_a_broken_network_end_in_words_and_do_what_they_say(
    fresh_demo: DemoProcess, runs: Runs, tmp_path: Path
) -> None:
    try:
        with before(fresh_demo.v1) as proxy:
            proxy.fault = chance(SEED)
            story = make_it_happen(fresh_demo, proxy, runs, tmp_path / "cache")
            check_that_all_calls_ended_in_words(story, fresh_demo.api_key)
            check_that_the_network_was_broken_in_every_way(story)
            with (
                HTTPClient(fresh_demo.v1, fresh_demo.api_key, retry="none") as old,
                HTTPClient(fresh_demo.v2, retry="none") as new,
            ):
                check_that_what_was_read_is_right(story, old, new)
                check_that_no_write_was_doubled(story)
                check_that_the_server_has_what_the_calls_say(story, RunV1API(old))
                check_that_what_was_kept_is_whole_and_right(story, old, new)
    except AssertionError as error:
        error.add_note(f"CHAOS_SEED={SEED}")
        raise


def check_that_all_calls_ended_in_words(story: Story, key: str) -> None:
    assert story.unfinished == 0
    assert len(story.ended) == CALLS
    for ended in story.ended:
        if ended.error is not None:
            assert isinstance(ended.error, RunbrowserError), repr(ended)
            words = str(ended.error)
            assert words.startswith("Could not ") and words.endswith("."), words
            assert display(words) == words and len(words) < 1_000, words
            assert key not in words + getattr(ended.error, "url", "")


def check_that_the_network_was_broken_in_every_way(story: Story) -> None:
    assert len(story.proxy.asked) > CALLS
    assert {asked.fault for asked in story.proxy.asked} == set(FAULTS)
    for kind in KINDS:
        succeeded = [ended for ended in story.of(kind) if ended.error is None]
        assert succeeded, kind
        if kind in ("get", "list", "evaluations", "tag", "publish"):
            assert len(succeeded) < len(story.of(kind)), kind


def check_that_what_was_read_is_right(story: Story, old: HTTPClient, new: HTTPClient) -> None:
    """What nobody changed is what the server says now; a run of the others is the run asked for."""
    runs = story.runs
    steady = {run_id: old.send(calls.get_run(run_id)) for run_id in runs.steady}
    steady_v2 = {run_id: new.send(v2_calls.get_run(run_id)) for run_id in runs.steady}
    traces = {run_id: old.send(calls.get_trace(run_id)) for run_id in runs.traced}
    shown = RunFilter(ids=tuple(runs.steady), show_errors=False)
    page = old.send(calls.list_runs(shown, 100))
    rows = old.send(calls.list_evaluations(shown, "predictive_accuracy", limit=100))
    assert len(rows) > 10
    assert len(page) > 10
    for ended in story.ended:
        job, result = ended.job, ended.result
        if ended.error is not None:
            continue
        match job.kind:
            case "get" if job.run in steady:
                assert result == steady[job.run]
                assert result.description_text.strip() == steady[job.run].description_text.strip()
            case "get":
                assert result.run_id == job.run
            case "get v2":
                assert result == steady_v2[job.run]
            case "trace":
                assert result.iterations == traces[job.run].iterations
            case "list":
                assert list(result) == list(page)
            case "frame":
                assert set(result["run_id"]) >= set(page.columns[0])
            case "evaluations":
                assert result == rows
            case "tag":
                assert job.text in result
            case "untag":
                assert job.text not in result
            case "delete":
                assert result is True


def check_that_no_write_was_doubled(story: Story) -> None:
    """The server saw each write at most once, and the proxy no more often than once and once after
    each 107, which says that nothing was done.
    """
    writes = [asked for asked in story.proxy.asked if asked.method != "GET"]
    arrived = Counter(asked.deed for asked in writes)
    reached = Counter(asked.deed for asked in writes if asked.answered is not None)
    unavailable = Counter(asked.deed for asked in writes if asked.fault == "107")
    assert set(reached.values()) == {1}
    for deed, number in arrived.items():
        assert number <= 1 + unavailable[deed], deed
    assert len(arrived) == len(story.of("tag", "untag", "delete", "publish"))
    assert any(number > 1 for number in arrived.values()), "107 was never followed by another try"


def check_that_the_server_has_what_the_calls_say(story: Story, api: RunV1API) -> None:
    tags = {run_id: set(api.get(run_id).tags) for run_id in story.runs.tagged}
    could_be = tags_that_could_be(story)
    for (run_id, tag), states in could_be.items():
        assert (tag in tags[run_id]) in states, (run_id, tag, states)
    known = {tag for _, tag in could_be}
    assert not {t for there in tags.values() for t in there if t.startswith("chaos-")} - known

    deletes = {ended.job.run: ended for ended in story.of("delete")}
    for run_id in story.runs.doomed:
        ended = deletes.get(run_id)
        there = not api.list(1, 0, ids=[run_id], display_errors=True).empty
        if ended is None:
            assert there, run_id
        elif not isinstance(ended.error, settle.UnsettledError):
            assert there is (ended.error is not None), ended
    for ended in story.of("get"):
        if ended.error is not None and getattr(ended.error, "code", None) == 236:
            assert ended.job.run in deletes, ended

    for ended in story.of("publish"):
        found = api.list(10, 0, tag=ended.job.text, display_errors=True)["run_id"].tolist()
        if ended.error is None:
            assert found == [ended.result], ended
        else:
            assert isinstance(ended.error, OpenMLServerError)
            assert len(found) <= settle.doubtful(ended.error), ended


def tags_that_could_be(story: Story) -> dict[tuple[int, str], set[bool]]:
    """Whether each run may have each tag, from what the calls said."""
    states: dict[tuple[int, str], set[bool]] = {}
    for ended in story.of("tag", "untag"):  # a tag's two calls are in the order they were made
        key, wanted = (ended.job.run, ended.job.text), ended.job.kind == "tag"
        if ended.error is None:
            states[key] = {wanted}
        elif isinstance(ended.error, settle.UnsettledError):
            states[key] = {wanted, *states.get(key, {False})}
        elif isinstance(ended.error, OpenMLServerException) and ended.error.code == 475:
            assert False in states[key], ended
            states[key] = {False}
        else:  # it was not done, so it is as it was before
            states.setdefault(key, {False})
            if len(states[key]) == 2 and "looked at again" in str(ended.error):
                states[key] = {not wanted}
    return states


def check_that_what_was_kept_is_whole_and_right(
    story: Story, old: HTTPClient, new: HTTPClient
) -> None:
    """Every kept reply is what the server answers now, byte for byte, and the cache finds it."""
    cache, origin = ReplyCache(story.folder), story.proxy.origin
    kept = [path for path in story.folder.rglob("body.*") if not path.name.startswith("damaged-")]
    assert len(kept) > 30
    with (
        HTTPClient(story.proxy.base(old.server), retry="none") as behind,
        HTTPClient(story.proxy.base(new.server), retry="none") as behind_v2,
    ):
        for path in kept:
            url = json.loads(path.with_name("meta.json").read_text())["url"]
            found = re.fullmatch(r"(.*/)run/(trace/)?(\d+)", url.removeprefix(origin))
            assert found is not None, url
            client, direct, version = (
                (behind_v2, new, v2_calls) if found[1] == "/v2/" else (behind, old, calls)
            )
            call: Any = (version.get_trace if found[2] else version.get_run)(int(found[3]))
            now = direct.send(replace(call, read=lambda answer: answer.body))
            assert path.read_bytes().strip() == now.strip(), url
            back = cache.find(client, call)
            assert back is not None, url
            assert back.result == direct.send(call), url
    for path in story.folder.rglob("runs/*/description.xml"):  # where openml-python would look
        assert (
            path.read_bytes().strip()
            == old.send(
                replace(calls.get_run(int(path.parent.name)), read=lambda answer: answer.body)
            ).strip()
        )
    names = {path.name for path in story.folder.rglob("*") if path.is_file()}
    assert names <= {
        "body.xml",
        "body.json",
        "meta.json",
        "headers.json",
        "description.xml",
        ".lock",
    }


def test_a_reply_that_was_under_way_while_the_run_was_tagged_is_not_kept(
    fresh_demo: DemoProcess, runs: Runs, tmp_path: Path
) -> None:
    """It was read before the tag was set, and arrives after that."""
    read, tagged = threading.Event(), threading.Event()
    run_id = runs.tagged[0]

    def late(answered: Answered) -> bytes:
        read.set()
        assert tagged.wait(END)
        return as_it_came(answered)

    cache = ReplyCache(tmp_path / "cache")
    with before(fresh_demo.v1) as proxy:
        base = proxy.base(fresh_demo.v1)
        with HTTPClient(base, fresh_demo.api_key, retry="none", cache=cache) as http:
            api = RunV1API(http)
            proxy.fault = lambda asked: Fault(raw=late if asked.method == "GET" else as_it_came)
            found: list[Run] = []
            reader = threading.Thread(target=lambda: found.append(api.get(run_id)), daemon=True)
            reader.start()
            assert read.wait(END)
            api.tag(run_id, "meanwhile")
            tagged.set()
            reader.join(END)
            assert "meanwhile" not in found[0].tags
            proxy.fault = lambda asked: Fault()
            assert "meanwhile" in api.get(run_id).tags


async def test_a_write_that_is_cancelled_outdates_the_kept_run_too(
    fresh_demo: DemoProcess, runs: Runs, tmp_path: Path
) -> None:
    """It had reached the server, and was done."""
    done = threading.Event()
    run_id = runs.tagged[0]

    def never(answered: Answered) -> bytes:
        done.set()
        return b""

    with before(fresh_demo.v1) as proxy:
        base, cache = proxy.base(fresh_demo.v1), ReplyCache(tmp_path / "cache")
        async with AsyncHTTPClient(base, fresh_demo.api_key, retry="none", cache=cache) as http:
            api = AsyncRunV1API(http)
            assert "cancelled" not in (await api.get(run_id)).tags
            proxy.fault = lambda asked: Fault(raw=never, then="stall")
            writing = asyncio.create_task(api.tag(run_id, "cancelled"))
            assert await asyncio.to_thread(done.wait, END)
            writing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await writing
            proxy.fault = lambda asked: Fault()
            assert "cancelled" in (await api.get(run_id)).tags


@pytest.mark.parametrize("verb", ["tag", "untag"])
def test_tags_that_were_cut_off_are_no_answer(
    fresh_demo: DemoProcess, runs: Runs, verb: str
) -> None:
    """Where no length is told, the end of the connection looks like the end of the document."""

    def cut(answered: Answered) -> bytes:
        body = answered.plain.rpartition(b"</oml:run_")[0]
        return message(200, body, XML, sized=False)

    run_id = runs.tagged[0]
    with (
        before(fresh_demo.v1) as proxy,
        HTTPClient(proxy.base(fresh_demo.v1), fresh_demo.api_key, retry="none") as http,
    ):
        api = RunV1API(http)
        for tag in ("one", "two"):
            api.tag(run_id, tag)
        proxy.fault = lambda asked: Fault(raw=cut, then="close")
        with pytest.raises(AnswerError, match="no tags"):
            getattr(api, verb)(run_id, "three" if verb == "tag" else "two")
        proxy.fault = lambda asked: Fault()
        expected = {"one", "two", "three"} if verb == "tag" else {"one"}
        assert set(api.get(run_id).tags) >= expected
