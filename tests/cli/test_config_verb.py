"""``runbrowser config`` as a process."""

from __future__ import annotations

import tomllib

from runbrowser.demo.launch import DemoProcess

from .conftest import KEY, Cli, Replay, recorded, row, run_list


def test_path_names_the_settings_file(cli: Cli) -> None:
    assert cli("config", "path").out == f"{cli.home}/config/config.toml\n"


def test_show_names_where_each_value_comes_from_and_masks_the_key(cli: Cli) -> None:
    own = cli.home / "config"
    own.mkdir()
    (own / "config.toml").write_text('page_size = 50\nretry_policy = "robot"\n')
    theirs = cli.home / "xdg" / "openml"
    theirs.mkdir(parents=True)
    (theirs / "config").write_text(f"apikey={KEY}\nretry_policy = human\n")
    done = cli("config", "show", "--read-only", env={"RUNBROWSER_TIMEOUT": "5"})
    assert done.code == 0
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in done.out.splitlines()}
    assert lines["api_key"] == f"****cdef {theirs / 'config'}"
    assert lines["page_size"] == f"50 {own / 'config.toml'}"
    assert lines["retry_policy"] == f"human {theirs / 'config'}"
    assert lines["read_only"] == "yes command line"
    assert lines["timeout"] == "5.0 RUNBROWSER_TIMEOUT"
    assert lines["fallback"] == "yes default"
    assert KEY not in done.out + done.err


def test_a_broken_settings_file_names_file_and_line(cli: Cli) -> None:
    own = cli.home / "config"
    own.mkdir()
    (own / "config.toml").write_text("page_size = 50\nserver = \n")
    done = cli("list")
    assert (done.code, done.out) == (2, "")
    assert str(own / "config.toml") in done.err
    assert "line 2" in done.err


def test_check_finds_server_and_key_in_order(cli: Cli, demo: DemoProcess) -> None:
    done = cli("config", "check", "--server", demo.v1, "--server-v2", demo.v2,
               env={"OPENML_APIKEY": demo.api_key})  # fmt: skip
    assert done.code == 0, done.err
    assert "is accepted" in done.out
    assert demo.v2 in done.out
    assert demo.api_key not in done.out + done.err


def test_check_without_a_key_is_in_order(cli: Cli, demo: DemoProcess) -> None:
    done = cli("config", "check", "--server", demo.v1)
    assert done.code == 0
    assert "OPENML_APIKEY" in done.out


def test_check_says_when_the_key_is_refused_and_where_it_came_from(
    cli: Cli, demo: DemoProcess
) -> None:
    done = cli("config", "check", "--server", demo.v1, env={"OPENML_APIKEY": "0" * 32})
    assert done.code == 4
    assert "OPENML_APIKEY" in done.out
    assert "refused" in done.out


def test_check_says_when_the_server_is_none(cli: Cli, replay: Replay) -> None:
    assert cli("config", "check", "--server", "http://127.0.0.1:9/").code == 1
    page = (200, "text/html", b"<html><title>Welcome</title></html>")
    replay.answer = lambda asked: page
    done = cli("config", "check", "--server", replay.v1, env={"OPENML_APIKEY": KEY})
    assert done.code == 1
    assert "Welcome" in done.out
    assert len(replay.asked) == 1, "the key is not shown to what is no OpenML server"


def test_check_says_when_v2_is_none(cli: Cli, replay: Replay) -> None:
    replay.answer = lambda asked: (
        run_list([row(1)]) if asked.path.startswith("/api/v1") else recorded("run_bare")
    )
    done = cli("config", "check", "--server", replay.v1, "--server-v2", replay.url)
    assert done.code == 1
    assert "V2" in done.out


def test_a_key_from_openmls_file_is_not_shown_to_another_server(cli: Cli, replay: Replay) -> None:
    theirs = cli.home / "xdg" / "openml"
    theirs.mkdir(parents=True)
    (theirs / "config").write_text(f"apikey = {KEY}\n")
    replay.answer = lambda asked: run_list([row(1)])
    done = cli("config", "check", "--server", replay.v1)
    assert done.code == 0
    assert all(asked.query == {} for asked in replay.asked)
    assert "belongs to www.openml.org" in done.err
    (theirs / "config").write_text(f"apikey = {KEY}\nserver = {replay.v1}\n")
    cli("config", "check")
    assert replay.asked[-1].body == f"api_key={KEY}".encode()  # a form, no address
    assert replay.asked[-1].query == {}


def test_keys_are_printed_with_those_by_default(cli: Cli) -> None:
    own = cli.home / "config"
    own.mkdir()
    (own / "config.toml").write_text('[keys]\nexport = ["W", "?"]\n')
    done = cli("config", "keys")
    line = next(line for line in done.out.splitlines() if line.startswith("export "))
    assert line.split()[:4] == ["export", "W", "?", "x"]
    assert done.code == 2
    assert "? is export's now; help has no key" in done.err


def test_keys_as_toml_are_a_table_to_start_from(cli: Cli) -> None:
    done = cli("config", "keys", "--toml")
    assert done.code == 0
    assert tomllib.loads(done.out) == {"keys": {}}
    assert '\n# export = "x"  # ' in done.out
    own = cli.home / "config"
    own.mkdir()
    (own / "config.toml").write_text(done.out.replace('# export = "x"', 'export = "W"'))
    assert '\nexport = "W"  # ' in cli("config", "keys", "--toml").out


def test_check_tells_what_is_wrong_with_the_keys(cli: Cli, demo: DemoProcess) -> None:
    own = cli.home / "config"
    own.mkdir()
    (own / "config.toml").write_text('[keys]\nexpotr = "W"\ntag = "W"\n')
    done = cli("config", "check", "--server", demo.v1)
    assert done.code == 2
    assert "1 action has other keys" in done.out
    assert "'expotr' is no action; is it export?" in done.out


def test_a_key_that_only_reads_is_told_as_one(cli: Cli, demo: DemoProcess) -> None:
    done = cli(
        "config", "check", "--server", demo.v1,
        env={"OPENML_APIKEY": "0ead0000000000000000000000000e08"},
    )  # fmt: skip
    assert done.code == 0
    assert "is accepted, but only reads" in done.out
    assert "0ead0000000000000000000000000e08" not in done.out + done.err
