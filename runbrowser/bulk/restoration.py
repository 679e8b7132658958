"""Publishes a deleted run again from its copy in the trash, and says plainly what is new.

The uploaded description goes out again without what belonged to the old run, with a mark by which
the new run is found again should the server's reply be lost. How far it is stands beside the copy,
so that nothing is published twice, whatever breaks off.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from runbrowser.bulk.copies import RUN
from runbrowser.bulk.delivery import DoubtError, HaltError
from runbrowser.bulk.description import (
    ERROR_MESSAGE_MOST,
    NAMESPACE,
    RUN_DETAILS_RULE,
    SETUP_STRING_MOST,
    check_files,
    read_description,
)
from runbrowser.bulk.journal import Progress
from runbrowser.bulk.outcome import Outcome, State
from runbrowser.bulk.performer import Performer, StoppedError
from runbrowser.bulk.plan import Item, check_tag
from runbrowser.bulk.publication import Upload, find_published, send_upload
from runbrowser.bulk.trash import Entry
from runbrowser.client.call import Answer
from runbrowser.client.wire.run_description import read_run
from runbrowser.errors import AnswerError, OpenMLServerException, RunbrowserError, UsageError
from runbrowser.text import display

_OML = f"{{{NAMESPACE}}}"
_KEPT = ("task_id", "flow_id", "setup_string", "error_message", "run_details", "parameter_setting")
_NOT_PLAIN = re.compile(r"[^\t\n\r\x20-\x7e]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


async def restore(performer: Performer, item: Item, seen: Progress) -> Outcome:
    """Publishes the run of a copy again, sets its tags again and notes the new id beside it."""
    trash = performer.trash
    if trash is None or item.entry is None:
        return Outcome(item.run_id, State.FAILED, "has no copy in the trash")
    try:
        entry = await asyncio.to_thread(trash.get, item.entry)
        done = await _published_before(performer, item, entry)
        if isinstance(done, Outcome):
            return done
        new_id, notes = done if done is not None else await _publish(performer, item, entry)
        performer.sending_now.add(item.run_id)
        words = await _set_tags(performer, entry, new_id)
        await _note(performer, entry, {**entry.restoring, "new_id": new_id, "finished": True})
    except UsageError as error:
        return Outcome(item.run_id, State.FAILED, str(error), entry=item.entry)
    except OpenMLServerException as error:
        return Outcome(item.run_id, State.FAILED, str(error), error.code, entry=item.entry)
    except _LostError as error:
        return Outcome(item.run_id, State.DOUBTFUL, str(error), entry=item.entry)
    said = "; ".join([f"published again as run {new_id}", *notes, *words, *_not_restored(entry)])
    return Outcome(item.run_id, State.DONE, said, entry=item.entry, new_id=new_id)


class _LostError(RunbrowserError):
    """Nobody knows whether the run was published."""


async def _published_before(
    performer: Performer, item: Item, entry: Entry
) -> Outcome | tuple[int, list[str]] | None:
    """What an earlier restore of the copy came to: an outcome, the id that still wants its tags,
    or None when it has to be published.
    """
    told = entry.restoring
    if told.get("finished"):
        words = f"was restored before, as run {entry.restored_as}"
        return Outcome(
            item.run_id, State.ALREADY, words, entry=item.entry, new_id=entry.restored_as
        )
    delivery = performer.delivery
    if entry.server != delivery.http.server:
        raise UsageError(f"This copy is of a run on {display(entry.server, 100)}.")
    if entry.restored_as is not None:
        return entry.restored_as, []
    if "token" in told:
        found = await _find(performer, entry)
        # Not found at once: an upload may be slow, and nothing is published twice.
        rest = delivery.patience.upload - (time.time() - float(told.get("sent_at", 0)))
        if found is None and rest > 0:
            delivery.say(f"Run {item.run_id} may still be on its way; looking in {rest:.0f} s.")
            if await delivery.stopped_within(rest):
                raise StoppedError
            found = await _find(performer, entry)
        if found is not None:
            return found, ["the server's reply was lost"]
    if await delivery.look(item.run_id) is not None:
        words = "is still on the server: there is nothing to restore"
        return Outcome(item.run_id, State.ALREADY, words, entry=item.entry)
    return None


async def _publish(performer: Performer, item: Item, entry: Entry) -> tuple[int, list[str]]:
    token = secrets.token_hex(8)
    upload, notes = await asyncio.to_thread(again, entry, token)
    if upload.problems:
        said = "; ".join(map(str, upload.problems[:3]))
        raise UsageError(f"The server would refuse the description: {said}.")
    # Ids are given once: the new run's is above the old one's, and its mark tells which it is.
    sent = {"token": token, "sent_at": time.time(), "above": entry.run_id}
    await _note(performer, entry, sent)
    try:
        await performer.begin_sending(item.run_id)
        new_id = await send_upload(performer.delivery, upload)
    except DoubtError as doubt:
        found = await _find(performer, entry)
        if found is None:
            raise _LostError(
                f"{doubt}. The run was not found on the server. Try again in a minute: it is "
                "looked for first, and not published twice."
            ) from doubt
        new_id, notes = found, ["the server's reply was lost", *notes]
    except (StoppedError, HaltError, OpenMLServerException):
        await _note(performer, entry, {})  # it never left, or was refused
        raise
    await _note(performer, entry, {"token": token, "new_id": new_id, "restored_at": time.time()})
    return new_id, notes


async def _find(performer: Performer, entry: Entry) -> int | None:
    """The run that was published from the copy, by its mark; None when it is not found."""
    told = entry.restoring
    upload, _ = await asyncio.to_thread(again, entry, str(told["token"]))
    mark = str(told["token"]).encode()
    return await find_published(
        performer.delivery,
        upload.description,
        performer.user_id,
        lambda content: mark in content,
        above=int(told.get("above", entry.run_id)),
    )


async def _set_tags(performer: Performer, entry: Entry, new_id: int) -> list[str]:
    """Sets the old run's tags on the new one; words for what was set and what was not."""
    done, refused = [], []
    for tag in dict.fromkeys(entry.tags):
        shown = display(tag, 64)
        try:
            outcome = await performer.set_tag(Item(new_id), check_tag(tag))
        except UsageError:
            refused.append(f"the tag {shown!r} is refused by today's rule")
            continue
        if outcome.state is State.FAILED:
            refused.append(f"the tag {shown!r} was not set ({outcome.words})")
        else:
            done.append(shown)
    return ([f"tagged {', '.join(done)} by you"] if done else []) + refused


async def _note(performer: Performer, entry: Entry, told: Mapping[str, Any]) -> None:
    trash = performer.trash
    assert trash is not None  # noqa: S101 restore() has looked
    try:
        await asyncio.to_thread(trash.note_restoring, entry, told)
    except OSError as error:
        reason = display(error.strerror or error)
        raise HaltError(f"The trash cannot be written ({reason}).") from error


def _not_restored(entry: Entry) -> list[str]:
    words = []
    studies = entry.told.get("studies")
    if studies:
        named = ", ".join(f"{number} ({display(name, 60)})" for number, name in studies)
        words.append(f"was in study {named}: add the new run there yourself")
    elif studies is None:
        words.append("which studies it was in is not known")
    if entry.named("trace") is None and any(f["name"] == "trace" for f in entry.files):
        words.append("its trace has no file and stays in the copy alone")
    if entry.missing:
        words.append(f"not restored, since the copy lacks it: {'; '.join(entry.missing)}")
    words.append("evaluations are computed anew")
    return words


def again(entry: Entry, token: str) -> tuple[Upload, list[str]]:
    """What is uploaded to publish the run of a copy again, and words for what was changed in it.

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


def _root(entry: Entry) -> tuple[ElementTree.Element, list[str]]:
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
    return root, ["described as the server had it, the uploaded description being lost"]


def _adjusted(root: ElementTree.Element, mark: str) -> tuple[bytes, list[str]]:
    """The description with what a new run may bring alone, its texts within today's limits."""
    notes = []
    new = ElementTree.Element(_OML + "run")
    new.append(ElementTree.Comment(mark))
    for name in _KEPT:
        for element in root.findall(_OML + name):
            text, words = _within(name, element.text or "")
            notes += [words] if words else []
            if text is None:
                continue
            copy = ElementTree.SubElement(new, element.tag)
            copy.text = text if not len(element) else None
            copy.extend(element)
    for element in new.iter():
        if element.text and _NOT_XML.search(element.text):
            element.text = _NOT_XML.sub("\ufffd", element.text)
            what = element.tag.removeprefix(_OML)
            notes.append(f"characters of {what} that XML cannot hold became \ufffd")
    notes = list(dict.fromkeys(notes))
    scores = root.findall(f"{_OML}output_data/{_OML}evaluation")
    if scores:
        ElementTree.SubElement(new, _OML + "output_data").extend(scores)
    ElementTree.indent(new)
    ElementTree.register_namespace("oml", NAMESPACE)
    text = ElementTree.tostring(new, encoding="unicode")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode() + b"\n", notes


def _within(name: str, text: str) -> tuple[str | None, str]:
    """A text as today's schema takes it (None: not at all), and words if that changed it."""
    if name in ("error_message", "setup_string"):
        most = ERROR_MESSAGE_MOST if name == "error_message" else SETUP_STRING_MOST
        fit = _NOT_PLAIN.sub("?", text)[:most]
        if not fit and name == "error_message":
            return None, ""
        if len(fit) < len(text):
            return fit, f"{name} cut to {most} plain characters, as today's limit wants"
        if fit != text:
            return fit, f"characters of {name} that are not plain became ?"
    elif (
        name == "run_details"
        and text
        and (RUN_DETAILS_RULE.allowed.fullmatch(text) is None or len(text) > RUN_DETAILS_RULE.most)
    ):
        return None, "run_details left out: today's rule refuses them"
    elif name == "run_details" and not text:
        return None, ""
    return text, ""


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
