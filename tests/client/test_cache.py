"""Kept replies: where they lie, when they are used, and what is never among them."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from runbrowser.client.cache import ReplyCache
from runbrowser.client.call import Answer, Call
from runbrowser.client.calls import v1 as calls
from runbrowser.client.calls import v2 as v2_calls
from runbrowser.client.sender import Sender
from runbrowser.errors import OpenMLConnectionError, OpenMLServerError, OpenMLServerException

from .recorded import v1, v2
from .servers import KEY, Driver, Reply, Request, serving
from .test_http import LIST, recording
from .test_run_descriptions import description

Connect = Callable[..., Driver]

EVALUATED = recording("run_get_s19")  # run 900019
UNEVALUATED = recording("run_get_s18")  # run 900018
RUN = calls.get_run(900019)


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def folder_of(root: Path, base: str, *parts: str) -> Path:
    port = urlsplit(base).port
    return root.joinpath(f"1_{port}", "0", "0", "127", *parts)


def test_a_run_is_asked_for_once(connect: Connect, tmp_path: Path) -> None:
    with serving(EVALUATED) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path))
        runs = [driver.send(RUN) for _ in range(3)]
        again = connect(server.base, cache=ReplyCache(tmp_path)).send(RUN)
    assert len(server.requests) == 1
    assert runs[0] == runs[1] == runs[2] == again
    assert runs[0].kept_at is None
    assert runs[1].kept_at is not None


def test_reset_cache_asks_again_and_keeps_the_new_reply(connect: Connect, tmp_path: Path) -> None:
    bodies = iter([description(tag="old"), description(tag="new")])
    with serving(lambda _: Reply(body=next(bodies))) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path))
        call = calls.get_run(5)
        assert driver.send(call).tags[0] == "old"
        assert driver.send(call, reset_cache=True).tags[0] == "new"
        assert driver.send(call).tags[0] == "new"
    assert len(server.requests) == 2


def test_a_reply_lies_where_openml_python_lays_its_own(connect: Connect, tmp_path: Path) -> None:
    with serving(EVALUATED) as server:
        connect(server.base, KEY, cache=ReplyCache(tmp_path)).send(RUN)
    entry = folder_of(tmp_path, server.base, "api", "v1", "xml", "run", "900019")
    assert sorted(path.name for path in entry.iterdir()) == [
        "body.xml",
        "headers.json",
        "meta.json",
    ]
    assert (entry / "body.xml").read_bytes() == v1("run_get_s19").body
    meta = json.loads((entry / "meta.json").read_text())
    assert (meta["status_code"], meta["encoding"]) == (200, "utf-8")
    assert meta["url"] == meta["request"]["url"] == f"{server.base}run/900019"
    assert json.loads((entry / "headers.json").read_text()) == {
        "Content-Type": "text/xml; charset=utf-8"
    }
    port = urlsplit(server.base).port
    old = tmp_path / f"1:{port}" / "0" / "0" / "127" / "runs" / "900019" / "description.xml"
    assert old.read_bytes() == v1("run_get_s19").body


def test_the_folders_of_a_named_host_are_its_parts_reversed(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path)
    sender = Sender("https://www.openml.org/api/v1/xml/")
    cache.after_answer(sender, RUN, Answer(200, "text/xml", v1("run_get_s19").body))
    host = tmp_path / "org" / "openml" / "www"
    assert (host / "api" / "v1" / "xml" / "run" / "900019" / "body.xml").exists()
    assert (host / "runs" / "900019" / "description.xml").exists()
    found = cache.find(sender, RUN)
    assert found is not None
    assert found.result.run_id == 900019
    assert cache.find(Sender("https://test.openml.org/api/v1/xml/"), RUN) is None


def test_a_reply_of_v2_is_kept_as_json(connect: Connect, tmp_path: Path) -> None:
    reply = Reply(body=v2("run_get_s19").body, headers={"content-type": "application/json"})
    with serving(reply) as server:
        driver = connect(f"{server.origin}/v2/", cache=ReplyCache(tmp_path))
        assert driver.send(v2_calls.get_run(900019)) == driver.send(v2_calls.get_run(900019))
    assert len(server.requests) == 1
    assert (folder_of(tmp_path, server.base, "v2", "run", "900019") / "body.json").exists()


def test_files_are_private(connect: Connect, tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        with serving(EVALUATED) as server:
            connect(server.base, cache=ReplyCache(tmp_path / "cache")).send(RUN)
    finally:
        os.umask(mask)
    paths = [tmp_path / "cache", *(tmp_path / "cache").rglob("*")]
    assert len(paths) > 10
    for path in paths:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_no_kept_file_holds_the_key(connect: Connect, tmp_path: Path) -> None:
    keyed = replace(RUN, key="query")
    with serving(EVALUATED) as server:
        driver = connect(server.base, KEY, cache=ReplyCache(tmp_path))
        driver.send(keyed)
        driver.send(keyed)
    assert len(server.requests) == 1
    assert server.requests[0].query == {"api_key": [KEY]}
    for path in tmp_path.rglob("*"):
        assert KEY not in str(path)
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "reply",
    [
        recording("run_get_notfound"),
        recording("w_db_down_list"),
        Reply(500, ""),
        Reply(200, "<html><title>x</title></html>", {"content-type": "text/html"}),
        Reply(200, '<oml:other xmlns:oml="http://openml.org/openml"/>'),
        Reply(200, v1("run_get_s19").body[:500]),
        Reply(raw=b"", close=True),
    ],
    ids=["236", "107", "500", "page", "other", "cut short", "lost"],
)
def test_what_is_no_answer_is_never_kept(connect: Connect, tmp_path: Path, reply: Reply) -> None:
    with serving(reply) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path))
        for _ in range(2):
            with pytest.raises(OpenMLServerError):
                driver.send(RUN)
    assert len(server.requests) == 2
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"]


def test_lists_and_writes_are_never_kept(connect: Connect, tmp_path: Path) -> None:
    with serving(recording("run_list_f_limit")) as server:
        driver = connect(server.base, KEY, cache=ReplyCache(tmp_path))
        driver.send(LIST)
        driver.send(LIST)
    assert len(server.requests) == 2
    assert not list(tmp_path.rglob("body.*"))


def test_a_run_without_evaluations_is_kept_for_ten_minutes(
    connect: Connect, tmp_path: Path
) -> None:
    clock = Clock()
    call = calls.get_run(900018)
    with serving(UNEVALUATED) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path, clock=clock))
        driver.send(call)
        clock.now += 599
        driver.send(call)
        assert len(server.requests) == 1
        clock.now += 2
        driver.send(call)
        assert len(server.requests) == 2


def test_an_evaluated_run_is_kept_for_good(connect: Connect, tmp_path: Path) -> None:
    clock = Clock()
    with serving(EVALUATED) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path, clock=clock))
        driver.send(RUN)
        clock.now += 10 * 365 * 86400
        assert driver.send(RUN).kept_at == 1_700_000_000.0
    assert len(server.requests) == 1


def test_offline_an_old_reply_stands_in_and_says_from_when_it_is(
    connect: Connect, tmp_path: Path
) -> None:
    clock = Clock()
    call = calls.get_run(900018)
    with serving(UNEVALUATED) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path, clock=clock))
        driver.send(call)
    clock.now += 86400
    run = driver.send(call)
    assert run.kept_at == 1_700_000_000.0
    with pytest.raises(OpenMLConnectionError):
        driver.send(call, reset_cache=True)
    with pytest.raises(OpenMLConnectionError):
        driver.send(calls.get_run(1))


def test_a_server_that_answers_is_believed_over_an_old_reply(
    connect: Connect, tmp_path: Path
) -> None:
    clock = Clock()
    call = calls.get_run(900018)
    replies = iter([UNEVALUATED, recording("run_get_notfound")])
    with serving(lambda _: next(replies)) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path, clock=clock))
        driver.send(call)
        clock.now += 86400
        with pytest.raises(OpenMLServerException):
            driver.send(call)
    with pytest.raises(OpenMLConnectionError):
        driver.send(call)  # what the server no longer has is not kept


@pytest.mark.parametrize("write", [calls.tag(5, "x"), calls.untag(5, "x"), calls.delete(5)])
@pytest.mark.parametrize("lost", [False, True])
def test_a_write_outdates_the_kept_run_even_if_its_reply_is_lost(
    connect: Connect, tmp_path: Path, write: Call[object], lost: bool
) -> None:
    names = {"run/tag": "w_tag_ok_second", "run/untag": "w_untag_ok", "run/5": "w_delete_ok"}

    def handler(request: Request) -> Reply:
        if request.method == "GET":
            return Reply(body=description())
        return Reply(raw=b"", close=True) if lost else recording(names[write.path])

    with serving(handler) as server:
        driver = connect(server.base, KEY, cache=ReplyCache(tmp_path))
        driver.send(calls.get_run(5))
        driver.send(calls.get_run(5))
        if lost:
            with pytest.raises(OpenMLConnectionError):
                driver.send(write)
        else:
            driver.send(write)
        assert driver.send(calls.get_run(5)).kept_at is None
    assert [request.method for request in server.requests] == ["GET", write.method, "GET"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"x", v1("run_get_s19").body[:100], b"\x00" * 50_000],
    ids=["empty", "x", "cut short", "zeros"],
)
def test_a_damaged_reply_is_set_aside_and_fetched_again(
    connect: Connect, tmp_path: Path, damage: bytes
) -> None:
    with serving(EVALUATED) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path))
        whole = driver.send(RUN)
        for path in (*tmp_path.rglob("body.xml"), *tmp_path.rglob("description.xml")):
            path.write_bytes(damage)
        assert driver.send(RUN) == whole
        assert len(server.requests) == 2
        assert driver.send(RUN) == whole
    assert len(server.requests) == 2
    entry = folder_of(tmp_path, server.base, "api", "v1", "xml", "run", "900019")
    assert (entry / "damaged-body.xml").read_bytes() == damage


def test_a_damaged_description_of_the_reply_does_not_matter(
    connect: Connect, tmp_path: Path
) -> None:
    with serving(EVALUATED) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path))
        driver.send(RUN)
        for path in tmp_path.rglob("meta.json"):
            path.write_bytes(b"[" * 100_000)
        assert driver.send(RUN).run_id == 900019
    assert len(server.requests) == 1


@pytest.mark.parametrize("layout", ["new", "old"])
def test_what_openml_python_kept_is_read_and_left_alone(
    connect: Connect, tmp_path: Path, layout: str
) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    with serving(EVALUATED) as server:
        port = urlsplit(server.base).port
        if layout == "new":
            entry = folder_of(theirs, server.base, "api", "v1", "xml", "run", "900019")
            body = entry / "body.xml"
        else:
            body = theirs / f"1:{port}" / "0/0/127/runs/900019/description.xml"
        body.parent.mkdir(parents=True)
        body.write_bytes(v1("run_get_s19").body)
        os.utime(body, (1_600_000_000, 1_600_000_000))
        driver = connect(server.base, cache=ReplyCache(ours, also_read=[theirs]))
        run = driver.send(RUN)
        assert (run.run_id, run.kept_at) == (900019, 1_600_000_000.0)
        assert not ours.exists()
        body.write_bytes(b"damaged")
        assert driver.send(RUN).run_id == 900019
        assert body.read_bytes() == b"damaged"
    assert len(server.requests) == 1


def test_an_error_that_another_tool_kept_is_not_believed(connect: Connect, tmp_path: Path) -> None:
    with serving(EVALUATED) as server:
        entry = folder_of(tmp_path, server.base, "api", "v1", "xml", "run", "900019")
        entry.mkdir(parents=True)
        (entry / "body.xml").write_bytes(v1("run_get_notfound").body)
        (entry / "meta.json").write_text('{"status_code": 412}')
        assert connect(server.base, cache=ReplyCache(tmp_path)).send(RUN).run_id == 900019
    assert len(server.requests) == 1


def test_the_oldest_replies_go_when_there_are_too_many(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path, size=300_000)
    sender = Sender("https://www.openml.org/api/v1/xml/")
    body = v1("run_get_s19").body  # 20 kB, kept twice
    for run_id in range(1, 41):
        cache.after_answer(sender, calls.get_run(run_id), Answer(200, "text/xml", body))
        for path in tmp_path.rglob("*"):
            if path.is_file() and str(run_id) in path.parent.name:
                os.utime(path, (1_600_000_000 + run_id, 1_600_000_000 + run_id))
    kept = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert kept <= 300_000 + 3 * len(body)
    found = [n for n in range(1, 41) if cache.find(sender, calls.get_run(n)) is not None]
    assert found == list(range(found[0], 41))
    assert 3 <= len(found) <= 9


@pytest.mark.parametrize(
    "path",
    ["../../../etc/passwd", "%2e%2e/%2e%2e/x", "a/../../b", "run/" + "9" * 3000, "a%2Fb", "a%00b",
     ".lock", "run/1?x=../../y", "x:y", "~"],
)  # fmt: skip
def test_no_address_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    cache = ReplyCache(tmp_path / "cache")
    sender = Sender("http://..example..org:80/")
    call = Call("try it", "GET", path, lambda answer: answer.body, keep=True)
    cache.after_answer(sender, call, Answer(200, "text/xml", b"<x/>"))
    found = cache.find(sender, call)
    assert found is not None
    assert found.result == b"<x/>"
    outside = [p for p in tmp_path.rglob("*") if not p.is_relative_to(tmp_path / "cache")]
    assert outside == []


def test_two_addresses_never_share_a_reply(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path)
    sender = Sender("http://h.org/")
    paths = ["a", "a_", "a%3A", "a?b", "a%2Fb", "a/b", "x" * 300, "x" * 301, "b%20", "b"]
    made = [Call("try", "GET", p, lambda answer: answer.body, keep=True) for p in paths]
    for call in made:
        body = f"<{call.path}>".encode()
        cache.after_answer(sender, call, Answer(200, "text/xml", body))
    found = {call.path: kept.result for call in made if (kept := cache.find(sender, call))}
    assert all(result == f"<{path}>".encode() for path, result in found.items())
    assert set(paths) - set(found) <= {"a?b"}  # its folder is that of a/b, which came later


def test_a_folder_that_cannot_be_written_stops_nobody(connect: Connect, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    with serving(EVALUATED) as server:
        driver = connect(server.base, cache=ReplyCache(in_the_way))
        assert driver.send(RUN).run_id == driver.send(RUN).run_id == 900019
    assert len(server.requests) == 2


WRITER = """
import sys
from pathlib import Path
from runbrowser.client.cache import ReplyCache
from runbrowser.client.call import Answer
from runbrowser.client.calls import v1
from runbrowser.client.sender import Sender
cache, call = ReplyCache(Path(sys.argv[1])), v1.get_run(5)
sender = Sender("http://h.org/api/v1/xml/")
head = '<oml:run xmlns:oml="http://openml.org/openml"><oml:run_id>5</oml:run_id>'
for n in range(40):
    tags = f"<oml:tag>{sys.argv[2]}{n}</oml:tag>" * 400
    cache.after_answer(sender, call, Answer(200, "text/xml", f"{head}{tags}</oml:run>".encode()))
    found = cache.find(sender, call)
    assert found is not None and len(set(found.result.tags)) == 1 and len(found.result.tags) == 400
"""


@pytest.mark.timeout(120)
def test_two_processes_that_keep_the_same_reply_never_mix_it(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name], stderr=subprocess.PIPE
        )
        for name in "ab"
    ]
    for process in processes:
        _, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors.decode()
    assert not list(tmp_path.rglob("damaged-*"))


def test_the_cache_tells_what_it_keeps_by_server_and_can_be_cleared(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "kept")
    assert cache.contents() == []
    assert cache.clear() == 0
    answer = Answer(200, "text/xml", EVALUATED.body)
    for server in ("http://127.0.0.1:8080/api/v1/xml/", "http://other.example/api/v1/xml/"):
        cache.after_answer(Sender(server), RUN, answer)
    held = cache.contents()
    assert {one.server for one in held} == {"127.0.0.1:8080", "other.example"}
    assert all(one.replies == 1 and one.size > 2 * len(EVALUATED.body) for one in held)
    freed = cache.clear("other.example")
    assert freed == next(one.size for one in held if one.server == "other.example")
    assert [one.server for one in cache.contents()] == ["127.0.0.1:8080"]
    assert cache.find(Sender("http://127.0.0.1:8080/api/v1/xml/"), RUN) is not None
    cache.clear()
    assert cache.contents() == []
    assert cache.find(Sender("http://127.0.0.1:8080/api/v1/xml/"), RUN) is None
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [".lock"]


def test_two_servers_on_one_host_share_nothing(connect: Connect, tmp_path: Path) -> None:
    case = Path(__file__).parent.parent / "data" / "cases" / "two-servers-on-one-host"

    def handler(request: Request) -> Reply:
        name = "one" if request.path.startswith("/one/") else "two"
        return Reply(body=(case / f"{name}.xml").read_bytes())

    with serving(handler) as server:
        for _ in range(2):
            values = []
            for name in ("one", "two"):
                base = f"{server.origin}/{name}/api/v1/xml/"
                cache = ReplyCache(tmp_path, also_read=(tmp_path,))
                run = connect(base, cache=cache).send(calls.get_run(103))
                values += list(run.evaluations.values())
            assert values == [0.11, 0.99]
        assert len(server.requests) == 2
        port = urlsplit(server.base).port
    held = ReplyCache(tmp_path).contents()
    assert sorted(one.server for one in held) == [f"127.0.0.1:{port}/one", f"127.0.0.1:{port}/two"]
    assert ReplyCache(tmp_path).clear(f"127.0.0.1:{port}/one") > 0
    assert [one.server for one in ReplyCache(tmp_path).contents()] == [f"127.0.0.1:{port}/two"]


def test_a_lock_that_another_process_never_gives_back_costs_no_reply(
    connect: Connect, tmp_path: Path
) -> None:
    """A process that holds the lock, and is stopped: what is asked for comes, and is not kept."""
    code = (
        "import fcntl, sys, time\n"
        f"lock = open({str(tmp_path / '.lock')!r}, 'ab')\n"
        "fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with serving(lambda request: Reply(body=description())) as server:
        driver = connect(server.base, KEY, cache=ReplyCache(tmp_path))
        driver.send(calls.get_run(5))
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdout is not None and holder.stdin is not None
            assert holder.stdout.readline() == "held\n"
            os.kill(holder.pid, signal.SIGSTOP)
            try:
                assert driver.send(calls.get_run(6)).run_id == 5  # comes, is not kept
                assert driver.send(calls.get_run(5)).run_id == 5  # is at hand
                with pytest.raises(OpenMLServerError):
                    driver.send(calls.tag(5, "x"))  # outdates run 5, lock or not
                driver.send(calls.get_run(5))
            finally:
                os.kill(holder.pid, signal.SIGCONT)
                holder.stdin.close()
        asked = [request.path.rpartition("/")[2] for request in server.requests]
    assert asked == ["5", "6", "tag", "5"]


def test_keeping_a_reply_does_not_wait_for_the_disk(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []
    monkeypatch.setattr(os, "fsync", waits.append)
    with serving(EVALUATED) as server:
        driver = connect(server.base, cache=ReplyCache(tmp_path))
        assert driver.send(RUN).run_id == 900019
        assert driver.send(RUN).kept_at is not None
    assert len(server.requests) == 1
    assert not waits
