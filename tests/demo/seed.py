"""A catalogue with the rows of the recorded servers, read out of their recorded replies.

The reader here is made of expressions over V1's templates and knows nothing of the client.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from .recordings import WIRE, read, text

LIST_ROW = re.compile(
    r"  <oml:run>\n    <oml:run_id>(\d+)</oml:run_id>\n    <oml:task_id>(\d+)</oml:task_id>\n"
    r"    <oml:task_type_id>(\d+)</oml:task_type_id>\n    <oml:setup_id>(\d+)</oml:setup_id>\n"
    r"    <oml:flow_id>(\d+)</oml:flow_id>\n    <oml:uploader>(\d*)</oml:uploader>\n"
    r"\t\t<oml:upload_time>(.*?)</oml:upload_time>\n"
    r"    <oml:error_message>(.*?)</oml:error_message>\n"
    r"    <oml:run_details>(.*?)</oml:run_details>\n  </oml:run>\n",
    re.DOTALL,
)
EVALUATION_ROW = re.compile(
    r"<oml:run_id>(\d+)</oml:run_id>\s+<oml:uploader>(\d+)</oml:uploader>\s+"
    r"<oml:task_id>(\d+)</oml:task_id>\s+<oml:setup_id>(\d+)</oml:setup_id>\s+"
    r"<oml:flow_id>(\d+)</oml:flow_id>\s+<oml:flow_name>(.*?)</oml:flow_name>\s+"
    r"<oml:data_id>(\d+)</oml:data_id>\s+<oml:data_name>(.*?)</oml:data_name>\s+"
    r"<oml:evaluation_engine_id>1</oml:evaluation_engine_id>\s+"
    r"<oml:function>(.*?)</oml:function>\s+<oml:upload_time>(.*?)</oml:upload_time>\s+"
    r"(?:<oml:value>(.*?)</oml:value>)?\s*(?:<oml:array_data>(.*?)</oml:array_data>)?\s*"
    r"(?:<oml:values>.*?</oml:values>)?\s*</oml:evaluation>",
    re.DOTALL,
)
_PARAMETER = re.compile(
    r"<oml:parameter_setting>\n      <oml:name>(.*?)</oml:name>\n"
    r"      <oml:value>(.*?)</oml:value>\n      <oml:component>(\d+)</oml:component>\n",
    re.DOTALL,
)
_SCORE = re.compile(
    r'<oml:evaluation(?: repeat="(\d+)" fold="(\d+)")?>\n          <oml:name>(.*?)</oml:name>\n'
    r"\s+(?:<oml:value>(.*?)</oml:value>)?\s+(?:<oml:array_data>(.*?)</oml:array_data>)?"
    r"\s+</oml:evaluation>",
    re.DOTALL,
)
_FILE = re.compile(
    r"<oml:file_id>(\d+)</oml:file_id>\n\s+<oml:name>(.*?)</oml:name>\n\s+"
    r"<oml:url>.*?/data/download/\d+/(.*?)</oml:url>"
)
_SETUP_PARAMETER = re.compile(
    r"<oml:id>(\d+)</oml:id>\s+<oml:flow_id>(\d+)</oml:flow_id>\s+<oml:flow_name>.*?</oml:flow_name>"
    r"\s+<oml:full_name>.*?</oml:full_name>\s+(?:<oml:name>.*?</oml:name>\s+)?"
    r"<oml:parameter_name>(.*?)</oml:parameter_name>(?: <!-- legacy -->)?\s+"
    r"<oml:data_type>(.*?)</oml:data_type>\s+<oml:default_value>(.*?)</oml:default_value>\s+"
    r"<oml:value>(.*?)</oml:value>",
    re.DOTALL,
)
_FLOW_ROW = re.compile(
    r"<oml:id>(\d+)</oml:id>\s+<oml:full_name>(.*?)</oml:full_name>\s+<oml:name>(.*?)</oml:name>\s+"
    r"<oml:version>(\d+)</oml:version>\s+<oml:external_version>(.*?)</oml:external_version>\s+"
    r"<oml:uploader>(\d*)</oml:uploader>",
    re.DOTALL,
)


def _cases(prefix: str, ending: str = "body") -> Iterator[str]:
    """Cases of V1 whose recorded reply is a document that succeeded."""
    for path in sorted((WIRE / "v1").glob(f"{prefix}*.json")):
        told = json.loads(path.read_text("utf-8"))
        if (
            told["status"] == 200
            and "gzip" not in path.name
            and ("json" in told["content_type"]) == (ending == "json")
        ):
            yield told["case"]


def _element(document: str, name: str) -> str | None:
    found = re.search(rf"<oml:{name}>(.*?)</oml:{name}>", document, re.DOTALL)
    return None if found is None else found[1]


class Seed:
    """Rows by their ids, collected first and written in one go."""

    def __init__(self) -> None:
        self.runs: dict[int, dict[str, Any]] = {}
        self.tasks: dict[int, dict[str, Any]] = {}
        self.datasets: dict[int, dict[str, Any]] = {}
        self.flows: dict[int, dict[str, Any]] = {}
        self.setups: dict[int, dict[str, Any]] = {}
        self.users: dict[int, str] = {}
        self.parameters: dict[tuple[int, str], dict[str, Any]] = {}
        self.values: dict[int, list[tuple[int, str, str]]] = {}
        self.tags: dict[int, set[str]] = {}
        self.scores: dict[int, list[tuple[Any, ...]]] = {}
        self.files: dict[int, tuple[int, str, str]] = {}
        self.evaluated: dict[int, dict[int, str | None]] = {}
        self.components: dict[tuple[int, str], int] = {}
        self.studies: dict[int, list[int]] = {}

    def run(self, run_id: int, **fields: Any) -> None:
        """Note what is known of a run; what is None says nothing."""
        known = self.runs.setdefault(run_id, {"id": run_id})
        known.update({name: value for name, value in fields.items() if value is not None})
        if "task_id" in known:
            self.tasks.setdefault(known["task_id"], {"id": known["task_id"]})
        if "setup_id" in known:
            setup = self.setups.setdefault(known["setup_id"], {"id": known["setup_id"]})
            if fields.get("flow_id"):
                setup["flow_id"] = fields["flow_id"]
                self.flows.setdefault(fields["flow_id"], {"id": fields["flow_id"]})

    def lists(self) -> None:
        """Rows of run/list."""
        for case in _cases("run_list"):
            for row in LIST_ROW.findall(text(case)):
                run, task, kind, setup, flow, uploader = (int(v or 0) for v in row[:6])
                self.run(
                    run,
                    task_id=task,
                    setup_id=setup,
                    flow_id=flow,
                    uploader=uploader or None,
                    upload_time=row[6] or None,
                    error_message=row[7] or None,
                    run_details=row[8] or None,
                )
                self.tasks[task]["task_type_id"] = kind

    def evaluations(self) -> None:
        """Rows of evaluation/list."""
        for case in _cases("eval_"):
            for row in EVALUATION_ROW.findall(text(case)):
                run, uploader, task, setup, flow = map(int, row[:5])
                self.run(
                    run,
                    uploader=uploader,
                    task_id=task,
                    setup_id=setup,
                    flow_id=flow,
                    upload_time=row[9],
                )
                self.flows[flow]["full_name"] = row[5]
                self.tasks[task]["dataset_id"] = int(row[6])
                self.datasets.setdefault(int(row[6]), {})["name"] = row[7]
                if case != "eval_per_fold":
                    score = (row[8], row[10] or None, row[11] or None, None, None)
                    if score not in self.scores.setdefault(run, []):
                        self.scores[run].append(score)

    def gets(self) -> None:
        """run/{id}: V1's XML and JSON, then V2's, whose texts are whole."""
        for prefix in ("run_get", "w_post_method_override", "w_es_down_tag_check"):
            for case in _cases(prefix):
                if "range" not in case and "gzip" not in case and "legacy_tags" not in case:
                    self._get_xml(text(case))
        for case in _cases("run_get", "json"):
            self._get_json(json.loads(text(case))["run"])
        for path in sorted((WIRE / "v2").glob("run_get_s*.body*")):
            self._get_v2(json.loads(read("v2", path.name.partition(".")[0])))

    def _get_xml(self, document: str) -> None:
        run = int(_element(document, "run_id") or 0)
        setup, flow = (
            int(_element(document, "setup_id") or 0),
            int(_element(document, "flow_id") or 0),
        )
        head = document[: document.index("<oml:setup_string>")]
        self.run(
            run,
            task_id=int(_element(document, "task_id") or 0),
            setup_id=setup,
            flow_id=flow,
            uploader=int(_element(document, "uploader") or 0) or None,
            error_message=_element(head, "error_message"),
            run_details=_element(head, "run_details"),
        )
        self._named(run, flow, _element(document, "uploader_name"), _element(document, "flow_name"))
        string = html.unescape(_element(document, "setup_string") or "")
        self.setups[setup]["setup_string"] = string or None
        self._task(run, _element(document, "task_evaluation_measure"))
        error = _element(head, "error")
        self.evaluated[run] = {} if error is None else {1: html.unescape(error) or None}
        self.values[setup] = [
            (int(component), name, html.unescape(value))
            for name, value, component in _PARAMETER.findall(document)
        ]
        self.tags[run] = set(re.findall(r"<oml:tag>(.*?)</oml:tag>\n", document))
        self.scores[run] = [
            (name, value or None, array or None, repeat or None, fold or None)
            for repeat, fold, name, value, array in _SCORE.findall(document)
        ]
        for file, name, filename in _FILE.findall(document):
            self.files[int(file)] = (run, name, filename)
        data = _element(document, "did")
        if data and data != "-1":
            name, url = (
                _element(document[document.index("<oml:dataset>") :], n) for n in ("name", "url")
            )
            self._data(run, int(data), name or "", url or "")

    def _named(self, run: int, flow: int, user: str | None, flow_name: str | None) -> None:
        if self.runs[run].get("uploader"):
            self.users[self.runs[run]["uploader"]] = user or ""
        self.flows[flow]["full_name"] = flow_name

    def _task(self, run: int, measure: str | None) -> None:
        self.tasks[self.runs[run]["task_id"]]["evaluation_measure"] = measure

    def _data(self, run: int, data: int, name: str, url: str) -> None:
        self.tasks[self.runs[run]["task_id"]]["dataset_id"] = data
        self.datasets.setdefault(data, {}).update(name=name, url=url)

    def _get_json(self, told: dict[str, Any]) -> None:
        def listed(value: Any) -> list[Any]:
            return value if isinstance(value, list) else [value]

        run, flow = int(told["run_id"]), int(told["flow_id"])
        setup = int(told["setup_id"])
        error = told.get("error_message")
        # The conversion strips texts and makes `[]` of blank ones; what V1's XML said is better.
        known = self.runs.get(run, {}).get("error_message")
        self.run(
            run,
            task_id=int(told["task_id"]),
            setup_id=setup,
            flow_id=flow,
            uploader=int(told["uploader"]) if told["uploader"] else None,
            error_message=known if known is not None or error is None else error or "",
            run_details=told.get("run_details"),
        )
        if run in self.scores and run in self.tags:
            return
        self._named(run, flow, told["uploader_name"] or "", told["flow_name"])
        self.setups[setup].setdefault("setup_string", told["setup_string"] or None)
        self._task(run, told.get("task_evaluation_measure"))
        self.evaluated[run] = {1: told["error"] or None} if "error" in told else {}
        self.values.setdefault(
            setup,
            [
                (int(p["component"]), p["name"], p["value"] or "")
                for p in listed(told.get("parameter_setting", []))
            ],
        )
        self.tags[run] = set(listed(told.get("tag", [])))
        output = told.get("output_data", {})
        self.scores[run] = [
            (e["name"], e.get("value"), e.get("array_data"), e.get("repeat"), e.get("fold"))
            for e in listed(output.get("evaluation", []))
        ]
        for file in listed(output.get("file", [])):
            self.files[int(file["file_id"])] = (run, file["name"], file["url"].rpartition("/")[2])
        if "input_data" in told:
            data = told["input_data"]["dataset"]
            self._data(run, int(data["did"]), data["name"], data["url"])

    def _get_v2(self, told: dict[str, Any]) -> None:
        run, setup = told["run_id"], told["setup_id"]
        self.run(
            run,
            task_id=told["task_id"],
            setup_id=setup,
            flow_id=told["flow_id"],
            uploader=told["uploader"],
            error_message=told["error"][0] if told["error"] else None,
        )
        self.setups[setup]["setup_string"] = told.get("setup_string")
        self.tags.setdefault(run, set(told["tag"]))
        self._named(run, told["flow_id"], told["uploader_name"], told["flow_name"])
        self.values[setup] = [
            (p["component"], p["name"], p["value"]) for p in told["parameter_setting"]
        ]
        if run not in self.evaluated:
            self.evaluated[run] = {1: None}
        self.scores[run] = [
            (e["name"], e.get("value"), e.get("array_data"), e.get("repeat"), e.get("fold"))
            for e in told["output_data"]["evaluation"]
        ]
        for file in told["output_data"]["file"]:
            name = {"description": "description.xml"}.get(file["name"], f"{file['name']}.arff")
            self.files.setdefault(file["file_id"], (run, file["name"], name))
        for data in told["input_data"]:
            self._data(run, data["did"], data["name"], data["url"])
        self._task(run, told.get("task_evaluation_measure"))

    def names(self) -> None:
        """Flows, setups, tasks and users from their own calls."""
        for row in _FLOW_ROW.findall(text("x_flow_list")):
            self.flows.setdefault(int(row[0]), {"id": int(row[0])}).update(
                full_name=row[1],
                name=row[2],
                version=int(row[3]),
                external_version=row[4],
                uploader=int(row[5] or 0) or None,
            )
        for case in ("x_flow", "x_flow_long", "x_flow_nasty"):
            self._flow(json.loads(text(f"{case}_json"))["flow"])
        for case in ("x_setup", "x_setup_nasty", "x_setup_list_flow"):
            self._setups(text(case))
        for told in json.loads(read("v2", "x_tasks_list_get")):
            self._listed_task(told)
        for case in ("x_task_list", "x_task_list_type"):
            for block in text(case).split("<oml:task>")[1:]:
                inputs = dict(re.findall(r'input name="(.*?)">(.*?)<', block))
                qualities = dict(re.findall(r'quality name="(.*?)">(.*?)<', block))
                self._listed_task(
                    {
                        "task_id": int(_element(block, "task_id") or 0),
                        "task_type_id": int(_element(block, "task_type_id") or 0),
                        "did": int(_element(block, "did") or 0),
                        "name": _element(block, "name"),
                        "input": [{"name": n, "value": v} for n, v in inputs.items()],
                        "quality": [{"name": n, "value": v} for n, v in qualities.items()],
                    }
                )
        for case in ("x_task", "x_task_regression", "x_task_clustering"):
            self._described_task(json.loads(text(f"{case}_json"))["task"])
        for user, name in re.findall(
            r"<oml:id>(\d+)</oml:id>\n    <oml:username>(.*?)</oml:username>",
            text("x_user_list_ids") + text("x_user_list_markup"),
        ):
            self.users.setdefault(int(user), name)

    def _flow(self, told: dict[str, Any]) -> int:
        flow = int(told["id"])
        names = ("name", "custom_name", "class_name", "external_version", "description", "language")
        self.flows.setdefault(flow, {"id": flow}).update(
            {name: told.get(name) for name in (*names, "dependencies")},
            version=int(told["version"]),
            uploader=int(told["uploader"]),
            upload_date=told["upload_date"],
        )
        self.flows[flow].setdefault("full_name", f"{told['name']}({told['version']})")
        for parameter in _many(told.get("parameter")):
            key = (flow, parameter["name"])
            self.parameters.setdefault(key, {}).update(
                data_type=parameter["data_type"] or "",
                default_value=parameter["default_value"] or "",
                description=parameter["description"] or "",
            )
        for component in _many(told.get("component")):
            child = self._flow(component["flow"])
            self.components[(flow, component["identifier"])] = child
        return flow

    def _setups(self, document: str) -> None:
        blocks = re.split(r"(?=<oml:setup_id>)", document)[1:]
        for block in blocks:
            setup, flow = (
                int(_element(block, "setup_id") or 0),
                int(_element(block, "flow_id") or 0),
            )
            self.setups.setdefault(setup, {"id": setup})["flow_id"] = flow
            self.values[setup] = []
            for number, owner, name, kind, default, value in _SETUP_PARAMETER.findall(block):
                name, value = html.unescape(name), html.unescape(value)
                self.parameters.setdefault((int(owner), name), {}).update(
                    id=int(number), data_type=kind, default_value=html.unescape(default)
                )
                self.values[setup].append((int(owner), name, value))

    def _listed_task(self, told: dict[str, Any]) -> None:
        inputs = {row["name"]: row["value"] for row in told["input"]}
        task = self.tasks.setdefault(told["task_id"], {"id": told["task_id"]})
        task.update(
            task_type_id=told["task_type_id"],
            dataset_id=told["did"],
            estimation_procedure_id=int(inputs["estimation_procedure"]),
            evaluation_measure=inputs.get("evaluation_measures"),
            target=inputs.get("target_feature"),
        )
        sizes = {row["name"]: int(float(row["value"])) for row in told.get("quality", [])}
        self.datasets.setdefault(told["did"], {}).update(
            name=told["name"],
            number_of_instances=sizes.get("NumberOfInstances"),
            number_of_features=sizes.get("NumberOfFeatures"),
            number_of_classes=sizes.get("NumberOfClasses"),
        )

    def _described_task(self, told: dict[str, Any]) -> None:
        inputs = {row["name"]: row.get(row["name"], row.get("data_set")) for row in told["input"]}
        task = self.tasks.setdefault(int(told["task_id"]), {"id": int(told["task_id"])})
        task.update(
            task_type_id=int(told["task_type_id"]),
            dataset_id=int(inputs["source_data"]["data_set_id"]),
            target=inputs["source_data"].get("target_feature"),
            estimation_procedure_id=int(inputs["estimation_procedure"]["id"]),
        )


def _many(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def collected() -> Seed:
    """All rows that the recorded replies tell of."""
    seed = Seed()
    seed.lists()
    seed.evaluations()
    seed.gets()
    seed.tags[900058].discard("esdown")  # set by a later case, see stages.py
    seed.names()
    return seed
