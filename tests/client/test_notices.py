"""What PHP writes into V1's answers costs nothing and is told; what cannot be read is counted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbrowser.client.call import Answer, Call
from runbrowser.client.calls import v1 as calls
from runbrowser.client.wire import run_description, tables, v2, writes
from runbrowser.errors import OpenMLServerException
from runbrowser.models import RunFilter, RunState

from .pages import FOOT, HEAD, answer_of, page_of, read, row_of, run_row
from .readers import conclude
from .recorded import v1
from .servers import Driver, Reply, serving
from .test_run_descriptions import description

CASES = Path(__file__).parent.parent / "data" / "cases"
Connect = Callable[..., Driver]

CODE_IGNITER = (
    '<div style="border:1px solid #990000;padding-left:20px;margin:0 0 10px 0;">\n\n'
    "<h4>A PHP Error was encountered</h4>\n\n<p>Severity: Notice</p>\n"
    "<p>Message:  Undefined variable: x</p>\n<p>Filename: v1/Api_run.php</p>\n"
    "<p>Line Number: 155</p>\n\n\n\t<p>Backtrace:</p>\n\t\n\t\t\n\t\t\t"
    '<p style="margin-left:10px">\n\t\t\tFile: /var/www/x.php<br />\n\t\t\tLine: 3<br />\n'
    "\t\t\tFunction: view\t\t\t</p>\n\n</div>"
)
NOTICES = {
    "CodeIgniter": CODE_IGNITER,
    "an exception": CODE_IGNITER.replace("A PHP Error", "An uncaught Exception"),
    "PHP in HTML": "<br />\n<b>Warning</b>:  Undefined array key 3 in <b>/var/www/a.php</b> "
    "on line <b>155</b><br />\n",
    "PHP in words": "\nDeprecated: htmlentities(): Passing null in /var/www/a.php on line 7\n",
    "PHP on a console": "PHP Notice:  Undefined index: q in /var/www/a.php on line 7\n",
    "xdebug": "<br />\n<font size='1'><table class='xdebug-error xe-notice' dir='ltr'>\n"
    "<tr><th align='left' colspan=\"5\"><span style='color: #fce94f'>( ! )</span> Notice: "
    "Undefined variable $x in /var/www/a.php on line <i>9</i></th></tr>\n</table></font>\n",
    "two of them": CODE_IGNITER + "\n" + CODE_IGNITER,
}
each_notice = pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)


def case(name: str, file: str) -> Answer:
    return answer_of((CASES / name / file).read_bytes())


def test_a_notice_before_or_between_rows_costs_no_run() -> None:
    before = read((CASES / "php-notice-before" / "run_list.xml").read_bytes())
    assert [(row.run_id, row.error_message) for row in before] == [(1, None), (2, None)]
    between = read((CASES / "php-notice-between" / "run_list.xml").read_bytes())
    assert [(row.run_id, row.error_message) for row in between] == [
        (1, None),
        (2, None),
        (3, "out of memory"),
    ]
    for page in (before, between):
        assert page.unread == () and page.received == len(page)
        assert len(page.notices) == 1
        assert page.notices[0].startswith("A PHP Error was encountered Severity: Warning")


ROWS = [run_row(1, "a & b < c"), run_row(2, None, "x"), run_row(3)]
PLACES = {
    "before the list": ("<oml:runs", 0),
    "after the root": ("\n\t  <oml:run>", 0),
    "between two rows": ("</oml:run>", len("</oml:run>")),
    "between two elements": ("</oml:task_id>", len("</oml:task_id>")),
    "after a message": ("</oml:error_message>", len("</oml:error_message>")),
    "in place of an id": ("</oml:uploader>", 0),
    "at the end": (FOOT, len(FOOT)),
}


@each_notice
@pytest.mark.parametrize("place", PLACES)
def test_a_notice_may_stand_anywhere_but_in_a_text(notice: str, place: str) -> None:
    page = page_of(ROWS)
    mark, further = PLACES[place]
    at = page.index(mark) + further
    found = read(page[:at] + notice + page[at:])
    rows = list(found)
    if place == "in place of an id":  # "2<div...": the notice came after a number
        page = page.replace("<oml:uploader>2<", "<oml:uploader><", 1)
        at = page.index(mark)
        rows = list(read(page[:at] + notice + page[at:]))
        assert rows == [ROWS[0]._replace(uploader=None), *ROWS[1:]]
        return
    assert rows == ROWS
    assert found.unread == ()
    assert len(found.notices) == 1


NUMBERS = ("run_id", "task_id", "task_type_id", "setup_id", "flow_id", "uploader", "upload_time")


@each_notice
@pytest.mark.parametrize("name", NUMBERS)
def test_a_notice_right_before_a_number_costs_no_number(notice: str, name: str) -> None:
    page = page_of(ROWS)
    at = page.index(f"<oml:{name}>") + len(f"<oml:{name}>")
    found = read(page[:at] + notice + page[at:])
    assert list(found) == ROWS
    assert found.unread == ()
    assert len(found.notices) == 1


@each_notice
def test_a_message_that_quotes_a_notice_is_a_message(notice: str) -> None:
    rows = [run_row(1, notice), run_row(2, f"x {notice} y", notice), run_row(3)]
    page = read(page_of(rows))
    assert list(page) == rows
    assert page.notices == ()


@pytest.mark.parametrize("noise", ["<!-- x -->", "<hr>", "string(3) 'abc'\n"])
def test_anything_else_between_two_whole_rows_costs_neither(noise: str) -> None:
    page = page_of(ROWS)
    at = page.index("</oml:run>") + len("</oml:run>")
    found = read(page[:at] + noise + page[at:])
    assert list(found) == ROWS
    assert (found.unread, len(found.notices)) == ((), 1)


READERS: dict[str, tuple[str, Callable[[Answer], Any]]] = {
    "run_get_s20": ("run", run_description.read_run),
    "run_get_s36": ("run", run_description.read_run),
    "eval_array": ("evaluations", tables.read_evaluations),
    "x_user_list_ids": ("users", tables.read_users),
    "x_task_list": ("tasks", tables.read_tasks),
    "x_flow": ("flow", tables.read_flow),
    "evaluationmeasure_list": ("evaluation_measures", tables.read_measures),
    "tag_list_legacy": ("run_tag_list", tables.read_tags),
    "w_tag_ok_second": ("run_tag", lambda a: writes.read_tags_after(a, "run_tag")),
    "w_upload_ok": ("upload_run", writes.read_published_id),
    "w_delete_ok": ("run_delete", writes.read_deleted),
}


@each_notice
@pytest.mark.parametrize("name", READERS)
def test_every_reader_reads_past_a_notice(name: str, notice: str) -> None:
    root, reader = READERS[name]
    body = v1(name).body.decode()
    inside = body.index(">", body.index(f"<oml:{root}")) + 1
    closing = body.index("\n", body.index("</oml:", inside))  # after the first closing tag
    clean = reader(answer_of(body))
    for text in (notice + body, body[:inside] + notice + body[inside:], body + notice):
        answer = answer_of(text)
        assert reader(answer) == clean
        assert len(answer.notices) == 1
    if root not in ("run", "run_tag_list"):
        answer = answer_of(body[:closing] + notice + body[closing:])
        assert reader(answer) == clean
        assert len(answer.notices) == 1


@each_notice
def test_a_refusal_after_a_notice_is_the_refusal(notice: str) -> None:
    body = v1("w_delete_notowned").body.decode()
    answer = Answer(412, "text/html", (notice + body).encode())
    with pytest.raises(OpenMLServerException) as caught:
        conclude(answer, "delete")
    assert caught.value.code == 393


def test_a_description_is_kept_without_the_notice() -> None:
    run = run_description.read_run(answer_of(CODE_IGNITER + description()))
    assert run.description_text == description()
    assert len(run.notices) == 1


def test_rows_in_another_order_are_read() -> None:
    (row,) = tables.read_evaluations(case("evaluation-list-in-other-order", "evaluation_list.xml"))
    assert (row.run_id, row.uploader, row.value) == (12, 1, 0.9876)
    assert row.flow_name == "sklearn.tree.DecisionTreeClassifier(3)"


def test_what_cannot_be_read_is_counted_by_every_reader() -> None:
    bad_row = "<oml:evaluation><oml:task_id>1</oml:task_id></oml:evaluation>"
    text = f'<oml:evaluations xmlns:oml="http://openml.org/openml">{bad_row}</oml:evaluations>'
    rows = tables.read_evaluations(answer_of(text))
    assert (rows, len(rows.unread)) == ([], 1)
    no_number = text.replace(
        bad_row,
        "<oml:evaluation><oml:run_id>7</oml:run_id><oml:function>f</oml:function>"
        "<oml:value>\ufffd</oml:value></oml:evaluation>",
    )
    rows = tables.read_evaluations(answer_of(no_number))
    assert [(row.run_id, row.value) for row in rows] == [(7, None)]
    assert len(rows.unread) == 1
    users = (
        '<oml:users xmlns:oml="http://openml.org/openml"><oml:user><oml:id>1</oml:id><oml:username>'
        "A</oml:username></oml:user><oml:user><oml:username>B</oml:username></oml:user></oml:users>"
    )
    named = tables.read_users(answer_of(users))
    assert (named, len(named.unread)) == ({1: "A"}, 1)
    run = run_description.read_run(
        answer_of(description().replace("<oml:value>0.5<", "<oml:value>half<"))
    )
    assert run.unread == ("f_measure: half",)
    assert run.evaluations["f_measure"] == "[1,2]"
    document = {"run_id": 1, "tag": [], "output_data": {"evaluation": ["x", {"name": "a"}]}}
    two = v2.read_run(Answer(200, "application/json", json.dumps(document).encode()))
    assert (len(two.unread), len(two.evaluation_list)) == (1, 1)


def test_what_is_odd_about_a_reply_is_told_to_whoever_made_the_client(connect: Connect) -> None:
    told: list[str] = []

    def on_notice(call: Call[Any], sentence: str) -> None:
        told.append(sentence)

    with serving(Reply(body=CODE_IGNITER + page_of(ROWS))) as server:
        driver = connect(server.base, on_notice=on_notice)
        assert list(driver.send(calls.list_runs(RunFilter(), 10))) == ROWS
    (sentence,) = told
    assert sentence.startswith("The server wrote a PHP notice into its answer (list runs)")
    assert "Undefined variable: x" in sentence


def test_a_write_is_told_as_done_past_a_notice(connect: Connect) -> None:
    told: list[str] = []
    body = v1("w_delete_ok").body.decode()
    with serving(Reply(body=CODE_IGNITER + body)) as server:
        driver = connect(
            server.base, "a" * 32, on_notice=lambda call, sentence: told.append(sentence)
        )
        assert driver.send(calls.delete(5)) is True
    assert len(told) == 1


def test_a_byte_that_is_no_utf_8_is_the_same_everywhere() -> None:
    pd = pytest.importorskip("pandas")
    page = read((CASES / "latin-1-byte" / "run_list.xml").read_bytes())
    assert [row.error_message for row in page] == [None, "cha\ufffdne invalide"]
    stream = io.StringIO()
    page.frame().to_csv(stream)
    assert "cha\ufffdne invalide" in stream.getvalue()
    assert isinstance(page.frame(), pd.DataFrame)


def test_half_a_surrogate_pair_of_v2_is_a_replacement_character() -> None:
    body = b'{"run_id": 1, "error": ["a\\ud83d"], "setup_string": "\\udcee", "tag": ["\\ud800"]}'
    run = v2.read_run(Answer(200, "application/json", body))
    assert (run.error_message, run.setup_string, run.tags) == ("a\ufffd", "\ufffd", ("\ufffd",))
    assert run.state is RunState.FAILED


def test_a_list_of_another_template_is_still_counted() -> None:
    text = f"{HEAD}{row_of(ROWS[0])}words that are no row\n{FOOT}"
    assert len(read(text).unread) == 1
