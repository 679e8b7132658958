"""What was read last, bounded by number and by how much it holds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from runbrowser.models import Run
    from runbrowser.triage.recompute import Analysis

T = TypeVar("T")

MOST_RUNS = 50
MOST_CHARACTERS = 20_000_000
"""Of all runs together."""

MOST_NUMBERS = 5_000_000
"""Of all analyses together, 40 MB."""

_OBJECT = 200  # characters that take the memory of a parameter, evaluation, file or tag
_MANY = 20_000  # such parts; their texts are not looked at, which would hold up a key


class Recent(Generic[T]):
    """The values by run id that were noted or looked at last: at most ``most``, and no more than
    weigh ``most_weight`` together; the last one is kept in any case.
    """

    def __init__(self, weigh: Callable[[T], int], most: int, most_weight: int) -> None:
        self._weigh, self._most, self._most_weight = weigh, most, most_weight
        self._values: OrderedDict[int, tuple[T, int]] = OrderedDict()

    def get(self, run_id: int) -> T | None:
        """A value, if it is still at hand."""
        found = self._values.get(run_id)
        return None if found is None else found[0]

    def note(self, run_id: int, value: T) -> None:
        """Another value, or one in place of that which was there; the oldest may have to go."""
        self._values[run_id] = value, self._weigh(value)
        self._values.move_to_end(run_id)
        weight = sum(weight for _, weight in self._values.values())
        while len(self._values) > self._most or (
            len(self._values) > 1 and weight > self._most_weight
        ):
            _, (_, lost) = self._values.popitem(last=False)
            weight -= lost

    def touch(self, run_id: int) -> None:
        """Keeps a value that is looked at again longer than others."""
        if run_id in self._values:
            self._values.move_to_end(run_id)

    def forget(self, run_ids: Iterable[int]) -> None:
        """These are at hand no more."""
        for run_id in run_ids:
            self._values.pop(run_id, None)

    def __iter__(self) -> Iterator[T]:
        return iter([value for value, _ in self._values.values()])


def weight_of_run(run: Run) -> int:
    """About how many characters take the memory that a run takes."""
    parts = (run.parameter_settings, run.evaluation_list, run.files, run.tags, run.input_data)
    number = sum(map(len, parts))
    texts = [run.error_message, run.evaluation_error, run.setup_string, run.description_text]
    if number <= _MANY:
        texts += [setting.value for setting in run.parameter_settings]
        texts += [evaluation.array_data for evaluation in run.evaluation_list]
    return number * _OBJECT + sum(len(text) for text in texts if text)


def weight_of_analysis(analysis: Analysis) -> int:
    """About how many numbers an analysis holds: those of its classes, and of pairs of them."""
    pairs = 0 if analysis.confusion is None else len(analysis.confusion.count)
    classes = 0 if analysis.labels is None else len(analysis.labels)
    return 3 * pairs + (len(analysis.measures) + 10) * classes
