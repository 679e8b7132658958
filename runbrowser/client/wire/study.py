"""Reads V1's ``study/{id}``: a suite of tasks or a collection of runs."""

from __future__ import annotations

import html
import re

from runbrowser.client.call import Answer
from runbrowser.client.wire.elements import elements, inside
from runbrowser.client.wire.numbers import integer
from runbrowser.errors import AnswerError
from runbrowser.models import StudyInfo

_IDS = {name: re.compile(rf"<oml:{name}>\s*+([0-9]{{1,18}}+)\s*+</oml:{name}>")
        for name in ("task_id", "flow_id")}  # fmt: skip


def read_study(answer: Answer) -> StudyInfo:
    """What a study is and has. AnswerError when the answer is none."""
    found, _ = elements(inside(answer, "study"))
    study_id = integer(found.get("id"))
    if study_id is None:
        raise AnswerError("The answer is no study.", url=answer.url, status=answer.status)
    tasks, flows = (
        tuple(dict.fromkeys(map(int, _IDS[name].findall(found.get(list_name, "")))))
        for list_name, name in (("tasks", "task_id"), ("flows", "flow_id"))
    )
    return StudyInfo(
        study_id,
        found.get("main_entity_type", "").strip(),
        html.unescape(found.get("name", "")).strip(),
        tasks,
        flows,
    )
