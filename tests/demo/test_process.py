"""The demo server as a process: how it starts, what it says, and that it always ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from runbrowser.demo.launch import DemoProcess, start

WAIT = 30.0
SERVER = [sys.executable, "-m", "runbrowser.demo"]


def _until(happened: Callable[[], bool]) -> bool:
    """Whether something happens before the (generous) time is over."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.05)
    return happened()


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be collected has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state.rpartition(")")[2].split()[0] == "Z"


def _refuses(base: str) -> bool:
    try:
        httpx.get(base, timeout=WAIT)
    except httpx.ConnectError:
        return True
    return False


def test_it_announces_itself_with_one_line_of_json_when_it_listens(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        SERVER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert set(told) == {"v1", "v2", "api_key", "user_id"}
    assert httpx.get(told["v1"] + "run/list/limit/1").status_code == 200
    assert httpx.get(told["v2"] + "evaluationmeasure/list").status_code == 200
    assert len(told["api_key"]) == 32
    process.terminate()
    rest, errors = process.communicate(timeout=WAIT)
    assert (rest, errors, process.returncode) == ("", "", 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_its_folder_is_removed(number: int, tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(SERVER, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    process.stdout.readline()
    assert list(tmp_path.glob("runbrowser-demo-*/catalogue.db"))
    process.send_signal(number)
    assert process.wait(WAIT) == 0
    process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_many_signals_at_any_time_leave_no_folder_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    for rounds in range(4):
        process = subprocess.Popen(SERVER, stdout=subprocess.PIPE, text=True, env=environment)
        # Before, while and after the catalogue is unpacked; once when it listens.
        if rounds:
            assert _until(lambda: bool(list(tmp_path.iterdir())))
            time.sleep(0.1 * rounds)
        else:
            assert process.stdout is not None
            process.stdout.readline()
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.001)
        assert process.stdout is not None
        process.stdout.close()
        assert list(tmp_path.iterdir()) == []


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time; from runbrowser.demo.launch import start\n"
            "demo = start(); print(demo.pid, demo.v1, flush=True); time.sleep(600)",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    pid, base = parent.stdout.readline().split()
    assert not _refuses(base)
    parent.kill()
    parent.wait(WAIT)
    parent.stdout.close()
    assert _until(lambda: _is_gone(int(pid)))
    assert _refuses(base)
    assert _until(lambda: list(tmp_path.iterdir()) == [])


def test_a_parent_that_died_before_the_first_look_is_noticed() -> None:
    # Process 1 is never the parent of a process started here.
    ended = subprocess.run(
        [*SERVER, "--parent=999999999"], capture_output=True, text=True, timeout=WAIT
    )
    assert ended.returncode == 0


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*SERVER, f"--port={port}"], capture_output=True, text=True, timeout=WAIT
        )
        assert ended.returncode == 1
        assert ended.stdout == ""
        assert ended.stderr == f"Cannot listen on 127.0.0.1:{port}: Address already in use.\n"
        with pytest.raises(RuntimeError, match="did not start: Cannot listen on 127"):
            start(port=port)


def test_a_port_that_is_no_port_is_told_in_one_sentence() -> None:
    ended = subprocess.run([*SERVER, "--port=70000"], capture_output=True, text=True, timeout=WAIT)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "Port 70000 is not between 0 and 65535.\n"


def test_without_the_server_s_packages_it_says_what_to_install(tmp_path: Path) -> None:
    # A package of the same name that cannot be found stands for one that is not installed.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['uvicorn'] = None\n")
    ended = subprocess.run(
        SERVER,
        capture_output=True,
        text=True,
        timeout=WAIT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert ended.returncode == 1
    assert "pip install 'runbrowser[demo]'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_stopping_twice_does_no_harm() -> None:
    process = start()
    process.stop()
    process.stop()
    assert _is_gone(process.pid)


def test_the_launcher_needs_the_standard_library_alone() -> None:
    program = (
        "import sys, runbrowser.demo.launch\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)))"
    )
    ended = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, timeout=WAIT
    )
    known = {"__main__", "runbrowser"}
    assert {name for name in ended.stdout.split() if not name.startswith("_")} <= known


def test_slow_replies_do_not_wait_for_each_other() -> None:
    with start(delay=0.5) as process, httpx.Client(timeout=WAIT) as client:
        client.get(process.v1 + "run/list/limit/1")
        began = time.monotonic()
        one = client.get(process.v1 + "run/list/limit/1").elapsed.total_seconds()
        alone = time.monotonic() - began
        began = time.monotonic()
        _at_once(process, 8)
        together = time.monotonic() - began
    assert one >= 0.5
    # One after the other they would take eight times as long as one.
    assert together < 5 * alone


def _at_once(process: DemoProcess, count: int) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(count) as threads, httpx.Client(timeout=WAIT) as client:
        urls = [process.v1 + "run/list/limit/1"] * count
        assert {reply.status_code for reply in threads.map(client.get, urls)} == {200}
