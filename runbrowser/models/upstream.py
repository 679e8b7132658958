"""A run as openml-python's object, for code that was written for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runbrowser.errors import UsageError

if TYPE_CHECKING:
    from runbrowser.models.run import Run


def openml_run(run: Run) -> Any:
    """An ``openml.runs.OpenMLRun`` with what the run has. UsageError without openml-python."""
    try:
        from openml.runs import OpenMLRun
    except ImportError:
        raise UsageError(
            "to_openml makes an object of openml-python's: pip install openml."
        ) from None
    if run.task_id is None:
        raise UsageError(f"Run {run.run_id} names no task, which openml-python cannot do without.")
    made = OpenMLRun(
        run_id=run.run_id,
        task_id=run.task_id,
        task_type=run.task_type,
        task_evaluation_measure=run.task_evaluation_measure,
        flow_id=run.flow_id,
        flow_name=run.flow_name,
        dataset_id=run.dataset_id,
        setup_id=run.setup_id,
        setup_string=run.setup_string,
        parameter_settings=[
            {"oml:name": one.name, "oml:value": one.value}
            | ({} if one.component is None else {"oml:component": str(one.component)})
            for one in run.parameter_settings
        ],
        uploader=run.uploader,
        uploader_name=run.uploader_name,
        tags=list(run.tags),
        evaluations=dict(run.evaluations),
        fold_evaluations=run.fold_evaluations,
        sample_evaluations=run.sample_evaluations,
        output_files=run.output_files,
        predictions_url=run.predictions_url,
        run_details=run.run_details,
    )
    made.error_message = run.error_message
    return made
