"""The house holds: classes of the browser are composed, not inherited, and none is too big."""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator

import pytest

import runbrowser.tui
from runbrowser.tui.screens.main import MainScreen

DEEPEST = 2
MOST_LINES = 400
MOST_METHODS = 40


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(runbrowser.tui.__path__, "runbrowser.tui."):
        yield module.name


def _classes() -> list[type]:
    found = {}
    for name in _modules():
        module = importlib.import_module(name)
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ == name and not issubclass(cls, BaseException):
                found[f"{name}.{cls.__qualname__}"] = cls
    return list(found.values())


def _own_bases(cls: type) -> list[type]:
    """The class and those it is made of that are ours; a protocol is no room but a promise."""
    return [
        base
        for base in cls.__mro__
        if base.__module__.startswith("runbrowser.") and not getattr(base, "_is_protocol", False)
    ]


def _depth(cls: type) -> int:
    if not _own_bases(cls):
        return 0
    return 1 + max((_depth(base) for base in cls.__bases__), default=0)


def _size(cls: type) -> tuple[int, int]:
    """Lines and methods, with those of own bases."""
    lines = methods = 0
    for base in _own_bases(cls):
        source = inspect.getsource(base)
        lines += source.count("\n")
        body = ast.parse(textwrap.dedent(source)).body[0]
        assert isinstance(body, ast.ClassDef)
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        methods += sum(isinstance(node, functions) for node in body.body)
    return lines, methods


@pytest.mark.parametrize("cls", _classes(), ids=lambda cls: f"{cls.__module__}.{cls.__qualname__}")
def test_no_class_of_the_browser_is_a_tower_or_a_hall(cls: type) -> None:
    lines, methods = _size(cls)
    assert _depth(cls) <= DEEPEST
    assert lines <= MOST_LINES
    assert methods <= MOST_METHODS


def test_the_main_screen_is_layout_and_focus() -> None:
    source = inspect.getsource(importlib.import_module(MainScreen.__module__))
    assert source.count("\n") <= 250


@pytest.mark.parametrize(
    "name", [name for name in _modules() if name.startswith("runbrowser.tui.features.")]
)
def test_features_know_no_screen_and_no_widget_but_what_they_open(name: str) -> None:
    module = importlib.import_module(name)
    tree = ast.parse(inspect.getsource(module))
    at_the_top = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    imported = [node.module or "" for node in at_the_top]
    assert not [m for m in imported if m.startswith("runbrowser.tui.widgets")]
    assert not [m for m in imported if m.startswith("runbrowser.tui.screens")]
