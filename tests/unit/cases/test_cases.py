"""The table of cases: complete, well formed, named after faults, and small enough to store."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from darkparity.cases import CASES, NETWORK_LAYERS, Case, case_named, cases_of
from darkparity.cases.recipe import KINDS, Fill
from darkparity.dialects import DIALECTS, Dialect, LayerType
from darkparity.spec import (
    AXES,
    BACKWARD,
    FORWARD,
    LAYER_OPERATIONS,
    TRAINING_RUN,
    Call,
    check_call,
    inputs_of,
)

STORED = 2048  # elements of an array that a golden fixture lists; more: a recipe (docs/golden-format.md)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.operation}-{case.name}")


def fills_in(value: object) -> Iterator[Fill]:
    if isinstance(value, Fill):
        yield value
        for _, parameter in value.parameters:
            yield from fills_in(parameter)
    elif isinstance(value, tuple):
        for item in value:
            yield from fills_in(item)


def named(operation: str, name: str) -> Case:
    case = case_named(operation, name)
    assert case is not None
    return case


@every_case
def test_inputs_keep_the_contract(case: Case) -> None:
    arrays = case.arrays()
    check_call(Call(case.operation, DIALECTS["darknet"], arrays, case.full_attributes))
    every = case.arrays(DIALECTS["caffe"]) if case.operation in (*LAYER_OPERATIONS, TRAINING_RUN) else arrays
    assert set(case.fills) == set(every), "a fill of a case is never used"


@every_case
def test_name_and_fault_are_readable(case: Case) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", case.name)
    assert case.fault.endswith(".")
    assert len(case.fault.split()) >= 3
    assert set(case.dialects) <= set(DIALECTS)


@every_case
def test_delta_is_never_all_ones(case: Case) -> None:
    delta = case.arrays().get("delta")
    assert delta is None or not np.all(delta == 1)


def test_identifiers_are_unique() -> None:
    names = Counter((case.operation, case.name) for case in CASES)
    assert max(names.values()) == 1


@pytest.mark.parametrize("operation", LAYER_OPERATIONS)
@pytest.mark.parametrize("kind", LayerType)
@pytest.mark.parametrize("train", [True, False])
def test_every_type_and_mode_is_asked(operation: str, kind: str, train: bool) -> None:
    asked = [c.attributes for c in CASES if c.operation == operation]
    assert {"type": kind, "train": train} in asked


def test_every_kind_of_fill_is_used() -> None:
    used = {fill.kind for case in CASES for recipe in case.fills.values() for fill in fills_in(recipe)}
    assert used == set(KINDS)


def test_an_array_does_not_depend_on_the_order_of_cases() -> None:
    forwards = {(c.operation, c.name): {k: v.tobytes() for k, v in c.arrays().items()} for c in CASES}
    for case in reversed(CASES):
        assert {k: v.tobytes() for k, v in case.arrays().items()} == forwards[case.operation, case.name]


def test_stored_arrays_stay_small() -> None:
    sizes = [v.size for c in CASES for k, v in c.arrays().items() if AXES[k] != "c" and v.size <= STORED]
    assert sum(sizes) < 70_000  # golden fixtures stay below 8 MB
    large = [c for c in CASES if any(v.size > STORED for v in c.arrays().values())]
    assert len(large) <= 13


@pytest.mark.parametrize("operation", LAYER_OPERATIONS)
def test_the_minimum_cover_is_there(operation: str) -> None:
    entry = "input" if operation == FORWARD else "x"
    tiny = named(operation, "tiny_variance")
    assert tiny.shape == (2, 4, 3, 5)
    assert 0.5e-4 < tiny.arrays()[entry].std() < 2e-4
    assert np.isinf(named(operation, "infinity_in_one_channel").arrays()[entry]).any(axis=(0, 2)).sum() == 1
    whole = named(operation, "integers_around_4096").arrays()[entry]
    assert np.all(whole == np.rint(whole))
    assert abs(whole.mean() - 4096) < 8
    assert named(operation, "one_element_per_channel").shape == (1, 4, 1, 1)
    assert named(operation, "above_4096_elements").shape == (16, 2, 32, 32)


def test_accumulators_start_away_from_zero() -> None:
    arrays = named(BACKWARD, "accumulators_not_zero").arrays()
    assert arrays["delta"].shape == (3, 5, 35)
    assert np.all(arrays["bias_updates"] != 0)
    assert np.all(arrays["scale_updates"] != 0)


@pytest.mark.parametrize(
    ("array", "test"),
    [
        ("x", np.isnan), ("delta", np.isnan), ("delta", np.isinf), ("input", np.isnan), ("input", np.isinf),
        ("output", np.isnan), ("rolling_mean", np.isnan), ("rolling_variance", np.isinf),
        ("rolling_variance", lambda values: values < 0), ("scales", lambda values: values == 0),
        ("scales", lambda values: values < 0), ("variance", lambda values: values == 0),
    ],
)  # fmt: skip
def test_special_values_are_where_they_are_claimed(array: str, test: np.ufunc) -> None:
    layers = (case.arrays() for case in CASES if case.operation in LAYER_OPERATIONS)
    assert any(np.any(test(arrays[array])) for arrays in layers if array in arrays)


def test_special_values_come_only_from_named_cases() -> None:
    claim = re.compile("infinit|infinity|nan|poisoned|special|zero_times|zero_factor|overflow")
    for case in CASES:
        finite = all(np.isfinite(values).all() for values in case.arrays().values())
        assert finite or claim.search(case.name), case


def test_inference_backward_separates_rolling_from_batch_statistics() -> None:
    arrays = named(BACKWARD, "inference_rolling_statistics").arrays()
    assert np.all(np.abs(arrays["mean"] - arrays["rolling_mean"]) > 0.5)
    assert np.all(arrays["variance"] > 2 * arrays["rolling_variance"])


def test_real_photograph_is_not_square() -> None:
    _, _, height, width = named(FORWARD, "photograph").shape
    assert height != width


def test_blas_gaps_and_tails_exist() -> None:
    copies = [case for case in CASES if case.operation == "copy_cpu"]
    assert any(case.tail for case in copies)
    gaps = named("copy_cpu", "target_gaps_survive")
    assert gaps.arrays()["Y"].size == 1 + 8 * 3


def test_no_case_is_named_by_chance() -> None:
    assert case_named("normalize_cpu", "tiny_variance") in CASES
    assert case_named("normalize_cpu", "photograph") != case_named("variance_cpu", "photograph")
    assert case_named("normalize_cpu", "no_such_case") is None


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_every_array_has_a_fill_in_every_dialect(dialect: Dialect) -> None:
    layers = [case for layer in NETWORK_LAYERS for case in layer.cases]
    for case in (c for c in (*CASES, *layers) if c.defined_in(dialect)):
        needed = inputs_of(case.operation, case.full_attributes, dialect)
        assert set(needed) <= set(case.fills), f"{case.operation} {case.name}"


def test_dialects_without_routines_are_asked_for_layers_only() -> None:
    for dialect in DIALECTS.values():
        asked = {case.operation for case in cases_of(dialect)}
        assert asked == {FORWARD} if dialect.inference_only else asked >= set(LAYER_OPERATIONS)
        assert dialect.routines or not any(name.endswith("_cpu") for name in asked)
