"""What a user of openml-python does on a demo server, from a model to a published run and back.

Runs in an environment that has openml-python and nothing of ours:

    python scripts/peer_story.py '{"v1": "http://127.0.0.1:PORT/api/v1/xml/", "api_key": "..."}'

The argument is the line that `runbrowser demo` prints. Prints one line of JSON for each run that
was published: what openml-python itself reads of it once the server has evaluated it; then how
many runs it can list (the demo's lists break it unless the demo is started with --well-formed).
"""

import json
import sys
import tempfile
import time

import openml
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

PATIENCE = 60.0
MODELS = (
    (9101, "predictive_accuracy", LinearDiscriminantAnalysis()),
    (
        9102,
        "predictive_accuracy",
        make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=2)),
    ),
    (9108, "mean_absolute_error", DecisionTreeRegressor(max_depth=4, random_state=3)),
    (
        9101,
        "predictive_accuracy",
        GridSearchCV(DecisionTreeClassifier(random_state=4), {"max_depth": [1, 3]}, cv=2),
    ),
)


def evaluated(run_id: int) -> openml.runs.OpenMLRun:
    """The run, once the server has evaluated it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        run = openml.runs.get_run(run_id, ignore_cache=True)
        if run.evaluations:
            return run
        if time.monotonic() > deadline:
            sys.exit(f"run {run_id} was not evaluated within {PATIENCE:.0f} s")
        time.sleep(0.1)


def publish(task_id: int, measure: str, model: object) -> dict[str, object]:
    """Run a model on a task, publish the run, and read it back."""
    task = openml.tasks.get_task(task_id)
    run = openml.runs.run_model_on_task(model, task, avoid_duplicate_runs=True)
    run.publish()
    told = evaluated(run.run_id)
    again = openml.runs.initialize_model_from_run(run.run_id)
    own = [
        value
        for folds in run.fold_evaluations.get(measure, {}).values()
        for value in folds.values()
    ]
    attempts = 0
    if hasattr(model, "cv"):
        attempts = len(openml.runs.get_run_trace(run.run_id).trace_iterations)
    return {
        "run_id": run.run_id,
        "task_id": task_id,
        "flow": told.flow_name,
        "measure": measure,
        "server": told.evaluations[measure],
        "mean_of_folds": sum(own) / len(own) if own else None,
        "model": type(again).__name__,
        "model_is_the_same": str(model) == str(again),
        "attempts": attempts,
        "found_again": run.run_id in openml.runs.functions.run_exists(task_id, told.setup_id),
    }


def main() -> None:
    """Publish every model of the story to the server that the first argument tells of."""
    server = json.loads(sys.argv[1])
    openml.config.server = server["v1"].rstrip("/")
    openml.config.apikey = server["api_key"]
    with tempfile.TemporaryDirectory() as cache:
        openml.config.set_root_cache_directory(cache)
        for task_id, measure, model in MODELS:
            print(json.dumps(publish(task_id, measure, model)), flush=True)
        listed = openml.runs.list_runs(display_errors=True, size=10_000, output_format="dataframe")
        print(json.dumps({"listed": len(listed)}))


if __name__ == "__main__":
    main()
