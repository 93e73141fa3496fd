"""Which cases, which elements, which values: said where all evidence agrees, and not otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.judging.evidence import Evidence
from darkparity.judging.traits.cases import kinds
from darkparity.judging.traits.elements import patterns
from darkparity.judging.traits.impossible import impossible
from darkparity.judging.traits.marks import marks_of
from darkparity.judging.traits.values import traits
from darkparity.problems.problem import Problem, live_expectation
from darkparity.spec import FORWARD, Call, inputs_of

Change = Callable[[np.ndarray], None]


def forward(shape: tuple[int, int, int], width: int, train: bool = False, seed: int = 0) -> Problem:
    """A forward of ordinary numbers."""
    draw = np.random.default_rng(seed)
    _, channels, spatial = shape
    attributes = {"type": "CONVOLUTIONAL", "train": train, "out_h": spatial // width, "out_w": width}
    names = inputs_of(FORWARD, attributes)
    full = ("output", "x", "x_norm")
    arrays = {n: draw.uniform(0.5, 2, shape if n in full else channels).astype(np.float32) for n in names}
    call = Call(FORWARD, DIALECTS["darknet"], arrays, attributes)
    return Problem(f"q-{shape}-{seed}", call, "", "live", live_expectation(call))


def answered(problem: Problem, change: Change, array: str = "output") -> Evidence:
    """The right answer, one array changed."""
    got = {n: e.value.copy() for n, e in problem.expected(Evidence(problem, {}, False).profile).items()}
    change(got[array])
    piece = Evidence(problem, got, False)
    return replace(piece, deviates=bool(piece.wrong))


def said(change: Change, *shapes: tuple[int, int, int, int]) -> list[str]:
    pieces = [answered(forward((b, c, s), w), change) for b, c, s, w in shapes]
    return list(patterns([m for piece in pieces for m in marks_of(piece)]))


def wrong(*at: object) -> Change:
    def change(output: np.ndarray) -> None:
        output[at] += 1

    return change


def columns(output: np.ndarray) -> None:
    width = {21: 7, 12: 4, 30: 10}[output.shape[-1]]
    rows = output.reshape(*output.shape[:2], -1, width)
    rows[..., width - width % 4 :] += 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (wrong(slice(1, None)), "every image after the first"),
        (wrong(slice(None), -1), "the last channel"),
        (wrong(..., slice(None, None, 2)), "one element in 2 of each channel, from element 0 on"),
        (columns, "the last out_w modulo 4 columns of each row"),
    ],
)
def test_a_rule_that_all_cases_keep_to(change: Change, text: str) -> None:
    assert said(change, (3, 4, 21, 7), (2, 6, 12, 4), (4, 3, 30, 10)) == [f"output: wrong are {text}"]


def test_a_range_of_channels_where_no_rule_holds() -> None:
    assert said(wrong(slice(None), slice(3, 6)), (2, 9, 6, 3)) == ["output: wrong are channels 3 to 5 of 9"]


def test_everything_wrong_is_no_pattern() -> None:
    assert said(wrong(...), (2, 4, 6, 3), (1, 3, 4, 2)) == []


def test_a_rule_that_one_case_breaks_is_not_told() -> None:
    first, other = forward((2, 4, 6), 3), forward((2, 4, 6), 3, seed=1)
    pieces = [answered(first, wrong(slice(None), 3)), answered(other, wrong(slice(None), slice(0, 1)))]
    assert "last channel" not in str(list(patterns([m for p in pieces for m in marks_of(p)])))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda y: np.multiply(y, 2, out=y), "off by the factor 2"),
        (lambda y: np.add(y, 0.25, out=y), "off by the constant 0.25"),
        (lambda y: np.copyto(y, y.astype(np.float16)), "every wrong element is a float16: rounded to it on the way"),
        (lambda y: y.fill(7), "every wrong element is 7"),
    ],
)
def test_what_the_values_are(change: Change, text: str) -> None:
    pieces = [answered(forward((2, 3, 8), 4, seed=n), change) for n in range(3)]
    assert list(traits(pieces)) == [f"output: {text}"]


def test_an_array_never_written_and_a_factor_of_the_size() -> None:
    problems = [forward(shape, shape[2], train=True) for shape in ((2, 3, 8), (3, 4, 5))]
    old = [answered(q, lambda a, q=q: np.copyto(a, q.arrays["mean"]), "mean") for q in problems]  # type: ignore[misc]
    times = [answered(q, lambda a, q=q: np.multiply(a, q.arrays["x"].shape[2], out=a), "mean") for q in problems]  # type: ignore[misc]
    assert list(traits(old)) == ["mean: never written"]
    assert list(traits(times)) == ["mean: off by the factor spatial"]


def test_random_values_have_no_trait() -> None:
    draw = np.random.default_rng(5)
    pieces = [
        answered(forward((2, 3, 8), 4, seed=n), lambda y: np.copyto(y, draw.normal(size=y.shape))) for n in (1, 2)
    ]
    assert list(traits(pieces)) == []


def test_the_kind_of_case_that_alone_fails() -> None:
    ordinary = [forward((2, 3, n), n, train=True) for n in (2, 4, 6, 8)]
    single = [forward((1, 3, 1), 1, train=True), forward((1, 2, 1), 1, train=True)]
    assert list(kinds(single, ordinary)) == [f"{FORWARD}: only with m = 1"]
    assert list(kinds([*single, ordinary[0]], ordinary[1:])) == []


@pytest.mark.parametrize(
    ("array", "at", "value", "told"),
    [
        ("variance", np.s_[1], -0.25, "variance is negative"),
        ("output", np.s_[:, 1], np.nan, "NaN in whole channels"),
        ("output", np.s_[0, 1], np.nan, ""),
        ("output", np.s_[:], np.nan, ""),
        ("variance", np.s_[1], 9.0, ""),
    ],
)
def test_a_variance_that_went_negative(array: str, at: tuple[slice, int], value: float, told: str) -> None:
    def change(a: np.ndarray) -> None:
        a[at] = value

    said = list(impossible([answered(forward((2, 3, 12), 4, train=True), change, array)]))
    assert bool(said) == bool(told)
    assert told in "".join(said)
    assert not said or "E[x^2] - E[x]^2" in said[0]
