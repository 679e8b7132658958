"""A program with a slip in every marked line, each of which a type checker has to find."""

from __future__ import annotations

from runbrowser import FallbackRunAPI, HTTPClient, RunV1API, connect

runs = RunV1API(HTTPClient("http://127.0.0.1/"))
runs.list(10, 0, tsk=59)  # slip
runs.list_all(limit=10)  # slip
FallbackRunAPI(runs).list(10, 0, flows=[1])  # slip
runs.get([1])  # slip
runs.delete(1.5)  # slip
runs.list(10, 0, task=1.5)  # slip
HTTPClient("http://127.0.0.1/", timeout="soon")  # slip
connect(servr="http://127.0.0.1/")  # slip
