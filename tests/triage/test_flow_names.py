"""Short names for flows: what a person would call them, whatever the full name holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.triage.flow_names import ARROW, distinct_names, short_name, steps

SCALED_SVC = (
    "sklearn.pipeline.Pipeline(scaler=sklearn.preprocessing._data.StandardScaler,"
    "svc=sklearn.svm._classes.SVC)(3)"
)
SEARCH = (
    "sklearn.model_selection._search.GridSearchCV(estimator=sklearn.pipeline.Pipeline("
    "imputer=sklearn.impute._base.SimpleImputer,"
    "forest=sklearn.ensemble._forest.RandomForestClassifier))(12)"
)


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("sklearn.tree._classes.DecisionTreeClassifier(1)", "DecisionTreeClassifier"),
        (SCALED_SVC, f"StandardScaler{ARROW}SVC"),
        (SEARCH, f"GridSearchCV(SimpleImputer{ARROW}RandomForestClassifier)"),
        ("weka.J48(2)", "J48"),
        ("mlr.classif.ranger(11)", "classif.ranger"),
        ("weka.Bagging_J48(1)", "Bagging_J48"),
        ("sklearn.compose._column_transformer.ColumnTransformer(a=x.A,b=x.B)", "ColumnTransformer"),
        ("sklearn.ensemble.AdaBoost(base=sklearn.tree.Tree)(1)", "AdaBoost(Tree)"),
        ("TESTvectorized", "TESTvectorized"),
    ],
)
def test_a_full_name_becomes_what_a_person_would_say(full: str, short: str) -> None:
    assert short_name(full) == short


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        (SCALED_SVC, ("StandardScaler", "SVC")),
        ("a.Pipeline(one=a.Pipeline(x=b.X,y=b.Y),two=c.Z)", ("X", "Y", "Z")),
        ("a.Pipeline()(1)", ("Pipeline",)),
    ],
)
def test_the_steps_of_a_pipeline_stand_in_their_order(full: str, parts: tuple[str, ...]) -> None:
    assert steps(full) == parts


def test_where_there_is_little_room_words_go_that_the_task_tells() -> None:
    assert short_name(SEARCH, 40) == f"Grid(SimpleImputer{ARROW}RandomForest)"


def test_then_the_first_steps_go_and_the_last_one_stays() -> None:
    full = "p.Pipeline(a=x.Alpha,b=x.Beta,c=x.Gamma,d=x.Delta)"
    assert short_name(full, 100) == ARROW.join(("Alpha", "Beta", "Gamma", "Delta"))
    assert short_name(full, 20) == f"…{ARROW}Gamma{ARROW}Delta"
    assert short_name(full, 12) == f"…{ARROW}Delta"
    assert short_name(full, 2) == "…Delta"  # not the name of the flow that is Delta alone
    assert short_name("x.Delta", 2) == "Delta"


STANDARD = "p.Pipeline(a=x.StandardScaler,b=x.LogisticRegression)(1)"
MIN_MAX = "p.Pipeline(a=x.MinMaxScaler,b=x.LogisticRegression)(1)"
ALONE = "x.LogisticRegression(1)"
AGAIN = "p.Pipeline(a=x.StandardScaler,b=x.LogisticRegression)(2)"
LIKE = "p.Pipeline(a=x.StandardScaler,b=x.LogisticRegressionCV)(1)"


@pytest.mark.parametrize("width", [8, 12, 16, 20, 24, 40, 80])
def test_two_different_flows_never_look_the_same(width: int) -> None:
    full = dict(enumerate((STANDARD, MIN_MAX, ALONE, AGAIN, LIKE, ""), 8350))
    names = distinct_names(full, width)
    assert len(set(names.values())) == len(full)
    assert all(len(name) <= width for name in names.values())


def test_names_that_shortening_makes_alike_are_shortened_in_another_way() -> None:
    assert distinct_names({1: STANDARD, 2: MIN_MAX}, 26) == {
        1: f"SS{ARROW}LogisticRegression",
        2: f"MMS{ARROW}LogisticRegression",
    }
    assert distinct_names({1: STANDARD, 2: AGAIN}, 60)[2].endswith("LogisticRegression #2")
    assert distinct_names({1: STANDARD}, 60) == {1: f"StandardScaler{ARROW}LogisticRegression"}


@given(st.lists(st.text(max_size=40), min_size=2, max_size=4), st.integers(8, 30))
def test_whatever_they_are_called_no_two_are_the_same(names: list[str], width: int) -> None:
    found = distinct_names(dict(enumerate(names, 1)), width)
    assert len(set(found.values())) == len(names)


@pytest.mark.parametrize(
    "odd",
    [
        "",
        " ",
        "(1)",
        "(((",
        ")))",
        "a(b(c(d(e(f(g(h(i(j))))))))))",
        "Pipeline(a=[1,2],b='[/]')",
        ",,,",
        "a" * 30_000,
        "(" * 5_000,
        "Pipeline(" * 2_000 + ")" * 2_000,
        "a.b.c(" + "x=y," * 3_000 + ")",
    ],
)
def test_odd_names_have_a_short_name_too(odd: str) -> None:
    short = short_name(odd, 30)
    assert isinstance(short, str)
    assert steps(odd)


@given(st.text(max_size=300), st.one_of(st.none(), st.integers(1, 80)))
def test_no_text_is_too_odd(full: str, width: int | None) -> None:
    short = short_name(full, width)
    assert isinstance(short, str)
    assert len(short) <= max(len(full) * len(ARROW), 1)


@given(st.lists(st.from_regex(r"\A[A-Za-z][a-z]{1,8}\Z"), min_size=1, max_size=8))
def test_every_step_of_a_pipeline_is_named(names: list[str]) -> None:
    full = f"sklearn.Pipeline({','.join(f's{i}=m.{name}' for i, name in enumerate(names))})(7)"
    if not {"Pipeline"} & set(names):
        assert steps(full) == tuple(names)
        assert short_name(full) == ARROW.join(names)
