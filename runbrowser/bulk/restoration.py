"""Makes of a copy in the trash what is uploaded to publish its run again, and says what changed.

The uploaded description goes out again without what belonged to the old run, with a mark by which
the new run is found again should the server's reply be lost.
"""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from runbrowser.bulk.copies import RUN
from runbrowser.bulk.description import (
    ERROR_MESSAGE_MOST,
    NAMESPACE,
    RUN_DETAILS_RULE,
    SETUP_STRING_MOST,
    check_files,
    read_description,
)
from runbrowser.bulk.entry import Entry
from runbrowser.bulk.plan import Item
from runbrowser.bulk.publication import Upload
from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.client.call import Answer
from runbrowser.client.wire.run_description import read_run
from runbrowser.errors import AnswerError, UsageError

_OML = f"{{{NAMESPACE}}}"
_KEPT = ("task_id", "flow_id", "setup_string", "error_message", "run_details", "parameter_setting")
_NOT_PLAIN = re.compile(r"[^\t\n\r\x20-\x7e]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def again(entry: Entry, token: str) -> tuple[Upload, list[Remark]]:
    """What is uploaded to publish the run of a copy again, and what was changed in it.

    ``token`` marks the description. UsageError when the copy is damaged.
    """
    root, notes = _root(entry)
    content, changed = _adjusted(root, f" again from run {entry.run_id}, {token} ")
    files: dict[str, tuple[str, bytes]] = {}
    for file in entry.files:
        if file["kind"] == "file" and file["name"] != "description" and file["name"] not in files:
            files[str(file["name"])] = (str(file["filename"]), entry.content(file))
    read = read_description(content)
    problems = [*read.problems, *check_files(read, files)]
    if entry.missing or entry.named("predictions") is None:
        # It had none before, or the user deleted it knowing that they are lost.
        problems = [p for p in problems if p.element != "predictions"]
    size = len(content) + sum(len(body) for _, body in files.values())
    return Upload(read, content, files, tuple(problems), size), [*notes, *changed]


def _root(entry: Entry) -> tuple[ElementTree.Element, list[Remark]]:
    """The uploaded description, or one made from what the server told of the run."""
    own = entry.named("description")
    if own is not None:
        try:
            return ElementTree.fromstring(entry.content(own)), []  # noqa: S314 no entities pass
        except ElementTree.ParseError:
            pass
    server = next(file for file in entry.files if file["file"] == RUN)
    answer = Answer(200, "text/xml", entry.content(server), entry.server)
    try:
        run = read_run(answer)
    except AnswerError as error:
        raise UsageError(f"The copy cannot be read: {error}") from None
    root = ElementTree.Element(_OML + "run")
    for name, text in (
        ("task_id", run.task_id),
        ("flow_id", run.flow_id),
        ("setup_string", run.setup_string),
        ("error_message", run.error_message or None),
        ("run_details", run.run_details or None),
    ):
        if text is not None:
            ElementTree.SubElement(root, _OML + name).text = str(text)
    for parameter in run.parameter_settings:
        setting = ElementTree.SubElement(root, _OML + "parameter_setting")
        for name, text in (
            ("name", parameter.name),
            ("value", parameter.value),
            ("component", parameter.component),
        ):
            if text is not None:
                ElementTree.SubElement(setting, _OML + name).text = str(text)
    return root, [remark(Reason.DESCRIBED_BY_SERVER)]


def _adjusted(root: ElementTree.Element, mark: str) -> tuple[bytes, list[Remark]]:
    """The description with what a new run may bring alone, its texts within today's limits."""
    notes: list[Remark] = []
    new = ElementTree.Element(_OML + "run")
    new.append(ElementTree.Comment(mark))
    for name in _KEPT:
        for element in root.findall(_OML + name):
            text, change = _within(name, element.text or "")
            notes += [change] if change is not None else []
            if text is None:
                continue
            copy = ElementTree.SubElement(new, element.tag)
            copy.text = text if not len(element) else None
            copy.extend(element)
    for element in new.iter():
        if element.text and _NOT_XML.search(element.text):
            element.text = _NOT_XML.sub("\ufffd", element.text)
            notes.append(remark(Reason.TEXT_NOT_XML, element.tag.removeprefix(_OML)))
    notes = list(dict.fromkeys(notes))
    scores = root.findall(f"{_OML}output_data/{_OML}evaluation")
    if scores:
        ElementTree.SubElement(new, _OML + "output_data").extend(scores)
    ElementTree.indent(new)
    ElementTree.register_namespace("oml", NAMESPACE)
    text = ElementTree.tostring(new, encoding="unicode")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode() + b"\n", notes


def _within(name: str, text: str) -> tuple[str | None, Remark | None]:
    """A text as today's schema takes it (None: not at all), and a remark if that changed it."""
    if name in ("error_message", "setup_string"):
        most = ERROR_MESSAGE_MOST if name == "error_message" else SETUP_STRING_MOST
        fit = _NOT_PLAIN.sub("?", text)[:most]
        if not fit and name == "error_message":
            return None, None
        if len(fit) < len(text):
            return fit, remark(Reason.TEXT_CUT, name, most)
        if fit != text:
            return fit, remark(Reason.TEXT_MADE_PLAIN, name)
    elif (
        name == "run_details"
        and text
        and (RUN_DETAILS_RULE.allowed.fullmatch(text) is None or len(text) > RUN_DETAILS_RULE.most)
    ):
        return None, remark(Reason.DETAILS_LEFT_OUT)
    elif name == "run_details" and not text:
        return None, None
    return text, None


def as_item(entry: Entry) -> Item:
    """An Item for a plan that restores the copy."""
    told = entry.told
    uploader = told.get("uploader")
    item = Item(
        entry.run_id,
        uploader if isinstance(uploader, int) else None,
        tags=entry.tags,
        about=f"{told.get('flow_name') or 'flow ?'} on task {told.get('task_id')}",
        error=str(told.get("error_message") or ""),
    )
    return replace(item, entry=entry.name)
