"""From settings to servers: the same for the browser and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from runbrowser.client.calls import v1
from runbrowser.config import Settings
from runbrowser.errors import UsageError
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter
from runbrowser.openml.access import Access, resolved
from runbrowser.openml.opening import source_of
from runbrowser.secret import ApiKey
from tests.tui.counting import Counting

KEY = ApiKey("0123456789abcdef0123456789abcdef")


@pytest.fixture
def quiet(tmp_path: Path) -> Settings:
    """Settings of nobody's home."""
    return Settings(api_key=KEY, cache_dir=tmp_path, origins={"read_only": "--read-only"})


def _settings(quiet: Settings, **more: object) -> Settings:
    from dataclasses import replace

    return replace(quiet, **more)  # type: ignore[arg-type]


async def test_what_only_reads_refuses_every_write_before_anything_is_sent(
    counted: Counting, quiet: Settings
) -> None:
    access = Access(_settings(quiet, server=counted.v1, read_only=True), keep=False)
    assert access.why_read_only == "This session only reads (--read-only)."
    with access.client() as http, pytest.raises(UsageError, match="this session only reads"):
        http.send(v1.tag(1, "x"))
    async with access.async_client() as http:
        with pytest.raises(UsageError, match="this session only reads"):
            await http.send(v1.tag(1, "x"))
    source = source_of(access)
    assert (source.why_read_only, source.abilities.writes) == (access.why_read_only, False)
    await source.close()
    assert counted.asked == []


def test_a_missing_key_is_no_setting_to_only_read(quiet: Settings) -> None:
    assert Access(_settings(quiet, api_key=None)).why_read_only == ""


def test_me_is_the_user_of_the_settings_or_nobody() -> None:
    assert resolved(parse("uploader:me"), 16) == parse("uploader:16")
    assert resolved(RunFilter(uploader=(3,), mine=True), 16).uploader == (3, 16)
    assert resolved(parse("task:59"), None) == parse("task:59")
    with pytest.raises(UsageError, match="RUNBROWSER_USER_ID"):
        resolved(parse("uploader:me"), None)


async def test_blocking_and_other_clients_say_what_is_odd_each_thing_once(
    counted: Counting, quiet: Settings
) -> None:
    said: list[str] = []
    access = Access(_settings(quiet, server=counted.v1), False, said.append)
    clients: Sequence[object] = (access.client(), access.async_client())
    notices = {client.on_notice for client in clients}  # type: ignore[attr-defined]
    assert len(notices) == 1
    (notice,) = notices
    for _ in range(2):
        notice(v1.list_runs(parse("task:59"), 1), "This is odd.")
    assert said == ["This is odd."]
