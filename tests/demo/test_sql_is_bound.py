"""No text of a request becomes SQL: hostile ids, tags and keys change nothing and find nothing."""

import hashlib
import re
from urllib.parse import quote

import httpx
import pytest

from runbrowser.demo.launch import DemoProcess

HOSTILE = [
    "1) OR (1=1",
    "1; DROP TABLE run; --",
    "' OR '1'='1",
    '" OR ""="',
    "x' UNION SELECT api_key FROM user --",
    "%",
    "\\",
    "1e3",
    "0x10",
    "١٢٣",
]
PATHS = [
    "run/list/task/{}",
    "run/list/tag/{}",
    "run/list/limit/{}",
    "run/list/limit/2/offset/{}",
    "evaluation/list/function/{}/limit/2",
    "evaluation/list/function/predictive_accuracy/limit/2/sort_order/{}",
    "run/{}",
    "run/trace/{}",
    "flow/{}",
    "setup/{}",
    "setup/list/flow/{}",
    "task/{}",
    "task/list/type/{}",
    "task/list/number_instances/{}",
    "data/{}",
    "data/list/data_name/{}",
    "study/{}",
    "study/list/status/{}",
    "user/list/user_id/{}",
]


def _fingerprint(client: httpx.Client, demo: DemoProcess) -> str:
    paths = ("run/list/limit/10000/show_errors/true", "run/tag/list", "flow/list", "study/list")
    whole = "".join(client.get(demo.v1 + path).text for path in paths)
    return hashlib.sha256(whole.encode()).hexdigest()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_in_a_path_changes_nothing_and_shows_no_key(
    hostile: str, demo: DemoProcess
) -> None:
    with httpx.Client(timeout=60) as client:
        before = _fingerprint(client, demo)
        for path in PATHS:
            reply = client.get(demo.v1 + path.format(quote(hostile, safe="")))
            # PHP dies over a user list without ids; everything else is answered.
            assert reply.status_code in ((412, 500) if "user/list" in path else (200, 412)), path
            assert demo.api_key not in reply.text
        base = demo.v2
        for path in ("run/{}", "run/trace/{}", "flows/{}", "setup/{}", "tasks/{}"):
            reply = client.get(base + path.format(quote(hostile, safe="")))
            assert reply.status_code in (404, 422)
        assert _fingerprint(client, demo) == before


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_in_a_form_changes_nothing(hostile: str, demo: DemoProcess) -> None:
    with httpx.Client(timeout=60) as client:
        before = _fingerprint(client, demo)
        run = re.findall(r"<oml:run_id>(\d+)<", client.get(demo.v1 + "run/list/limit/1").text)[0]
        for form in (
            {"run_id": hostile, "tag": "x", "api_key": demo.api_key},
            {"run_id": run, "tag": hostile + " ", "api_key": demo.api_key},
            {"run_id": run, "tag": "x", "api_key": hostile},
        ):
            for path in ("run/tag", "run/untag"):
                assert client.post(demo.v1 + path, data=form).status_code in (412, 500)
        keyed = client.get(demo.v1 + "run/list/limit/1", params={"api_key": hostile})
        assert "<oml:code>103</oml:code>" in keyed.text
        assert _fingerprint(client, demo) == before
