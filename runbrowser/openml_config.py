"""Reads the config file of openml-python in all the forms that it has had, the broken ones too."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(r"([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)\Z", re.DOTALL)
_DUMPED_FIELD = re.compile(r"""['"](server|apikey)['"]\s*:\s*(?:None|'([^']*)'|"([^"]*)")""")


def parse_openml_config(text: str) -> dict[str, str]:
    """The keys of openml-python's file in whatever form it is.

    ``key = value`` lines with or without section headers, quotes, comments and a byte order mark;
    the last of several wins. The ``servers = {<APIVersion...`` that openml-python itself writes
    and cannot read again gives ``server``, ``apikey`` and ``server_v2``, unless lines of their own
    do. A value that is the key's own name (``apikey = apikey``), as ``openml configure`` of 0.15.1
    writes for what is not set, is none. What cannot be understood is left out.
    """
    found: dict[str, str] = {}
    for raw in text.lstrip("\ufeff").splitlines():
        line = raw.strip()
        if not line or line[0] in "#;[":
            continue
        match = _LINE.match(line)
        if match is None:
            continue
        value = match[2].strip()
        if value[:1] in ("'", '"') and value.find(value[0], 1) > 0:
            value = value[1 : value.find(value[0], 1)]
        elif not value.startswith("{"):
            value = re.split(r"\s[#;]", value, maxsplit=1)[0].strip()
        found[match[1].lower()] = value
    for version, inside in _dumped(found.pop("servers", "")):
        for name, single, double in _DUMPED_FIELD.findall(inside):
            if not single and not double:
                continue
            if version == "V1":
                found.setdefault(name, single or double)
            elif name == "server":
                found.setdefault("server_v2", single or double)
    return {
        name: value
        for name, value in found.items()
        if value and value.lower() not in ("none", name)
    }


def _dumped(text: str) -> Iterator[tuple[str, str]]:
    """The versions in a dump of openml-python's servers, and what stands in the braces of each."""
    for part in text.split("APIVersion.")[1:]:
        _, opening, rest = part.partition("{")
        inside, closing, _ = rest.partition("}")
        if opening and closing and part[:2] in ("V1", "V2"):
            yield part[:2], inside
