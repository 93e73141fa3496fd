"""cpp-fused: conforms with its labels; the same bits at every SIMD level, thread count and alignment."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS, dialect
from darkparity.implementations import load
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms
from darkparity.problems.golden.store import default_store
from darkparity.problems.golden.store import problem as question_of
from darkparity.problems.problem import Problem
from darkparity.spec import BACKWARD, FORWARD, LAYER_OPERATIONS, TRAINING_RUN, Call, inputs_of, outputs_of
from support import ROOT, shipped

_core = pytest.importorskip("darkparity._core")
if not hasattr(_core, "fused_forward"):
    pytest.skip("built without cpp-fused", allow_module_level=True)

from darkparity.implementations.shipped import cpp_fused_port  # noqa: E402

LEVELS = _core.simd_levels()
STORE = default_store(ROOT / "golden")
THREADS = (1, 2, 5)
#: Runs shorter than a vector, of one vector, 13 x 13, longer than a block's row; one image, one channel.
SHAPES = [(3, 5, 1), (2, 600, 1), (4, 70, 9), (5, 3, 15), (5, 4, 16), (2, 33, 17), (5, 37, 169), (1, 1, 4099),
          (2, 3, 2500)]  # fmt: skip
#: Enough elements for threads (98,304: WORTH_THREADS in cpp/fused/fused.cpp), odd enough for everything else.
LARGE = [(7, 1500, 11), (9, 65, 169), (3, 7, 5003)]


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    before = _core.simd(), _core.threads()
    yield
    _core.set_simd(before[0])
    _core.set_threads(before[1])


def arrays_of(shape: tuple[int, int, int], seed: int = 0) -> dict[str, np.ndarray]:
    """Every array of both layer functions."""
    draw = np.random.default_rng(seed)
    full = {n: draw.normal(0.3, 1.5, shape) for n in ("input", "output", "delta", "x", "x_norm")}
    channels = ("scales", "biases", "mean", "variance", "rolling_mean", "rolling_variance",
                "bias_updates", "scale_updates")  # fmt: skip
    return {n: a.astype(np.float32) for n, a in
            (full | {n: draw.uniform(0.5, 1.5, shape[1]) for n in channels}).items()}  # fmt: skip


def attributes(shape: tuple[int, ...], type: str = "CONVOLUTIONAL", train: bool = True) -> dict[str, Any]:
    return {"type": type, "train": train, "out_h": shape[2], "out_w": 1}


def call(operation: str, name: str, arrays: dict[str, np.ndarray], how: dict[str, Any]) -> dict[str, np.ndarray]:
    given = {n: arrays[n] for n in inputs_of(operation, how)}
    result: dict[str, np.ndarray] = getattr(cpp_fused_port, operation)(**how, **given, dialect=dialect(name))
    return result


def locked(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Read-only, so that results are fresh arrays."""
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def both(arrays: dict[str, np.ndarray], how: dict[str, Any], name: str = "darknet") -> dict[str, np.ndarray]:
    """Results of forward and backward on the same read-only arrays."""
    results = {f"{FORWARD} {n}": a for n, a in call(FORWARD, name, locked(arrays), how).items()}
    return results | {f"{BACKWARD} {n}": a for n, a in call(BACKWARD, name, arrays, how).items()}


def same_bits(got: dict[str, np.ndarray], expected: dict[str, np.ndarray], where: object) -> None:
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        equal = (got[name] == array) | (np.isnan(got[name]) & np.isnan(array))
        assert equal.all(), f"{where}: {name}"


def asked_of(name: str) -> list[Problem]:
    folders = [f"{name}/{operation}/" for operation in (*LAYER_OPERATIONS, TRAINING_RUN)]
    return [question_of(STORE.read(f), f) for f in STORE.files if f.startswith(tuple(folders))]


@pytest.mark.slow
@pytest.mark.parametrize("name", DIALECTS)
def test_every_fixture_at_every_level(name: str) -> None:
    participant, problems = Participant.of(shipped("cpp-fused")), asked_of(name)
    assert participant.description.labels == {"two_pass", "ieee", "pairwise"}
    for problem in problems:
        _core.set_simd(LEVELS[0])
        result, expected = ask(participant, problem)
        assert isinstance(result.verdict, Conforms), f"{problem.id}\n{problem.fault}\n{result.verdict}"
        assert not result.verdict.unobserved
        assert expected is not None
        for level in LEVELS[1:]:
            _core.set_simd(level)
            got = ask(participant, problem)[1]
            assert got is not None
            same_bits(dict(got), dict(expected), (problem.id, level))


@pytest.mark.parametrize("shape", LARGE)
@pytest.mark.parametrize("name", ["darknet", "pytorch", "alexeyab-gpu"])
def test_threads_and_levels_change_no_bit(name: str, shape: tuple[int, int, int]) -> None:
    for train in (True, False):
        how = attributes(shape, "BATCHNORM", train)
        expected = both(arrays_of(shape), how, name)
        for level, threads in itertools.product(LEVELS, THREADS):
            _core.set_simd(level)
            _core.set_threads(threads)
            same_bits(both(arrays_of(shape), how, name), expected, (level, threads, train))


def shifted(array: np.ndarray, floats: int) -> np.ndarray:
    """The same numbers, `floats` behind a cache line, between two guards of 99."""
    raw = np.full(array.size + 64, 99, np.float32)
    begin = -raw.ctypes.data % 64 // 4 + 16 + floats
    view = raw[begin : begin + array.size].reshape(array.shape)
    view[...] = array
    return view


def guards_stand(view: np.ndarray) -> bool:
    raw = view.base
    while raw.base is not None:
        raw = raw.base
    return int(np.sum(raw == 99)) >= raw.size - view.size


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("shape", [*SHAPES, (2, 9, 70001), (130, 67, 169)])
def test_unaligned_in_place_and_nothing_beside(shape: tuple[int, int, int], level: str) -> None:
    """All arrays shifted alike (large ones are streamed), and each by its own amount (then they are not)."""
    _core.set_simd(level)
    how = attributes(shape)
    expected = both(arrays_of(shape), how)
    for amount in (0, 1, 7, 15, None):
        rows = enumerate(arrays_of(shape).items())
        arrays = {n: shifted(a, i % 16 if amount is None else amount) for i, (n, a) in rows}
        forward = {n: a.copy() for n, a in arrays.items()}  # backward asks for untouched ones
        again = {n: shifted(a, 3) for n, a in forward.items()}
        for operation, given in ((FORWARD, arrays), (BACKWARD, again)):
            got = call(operation, "darknet", given, how)
            written = {n: a for n, a in got.items() if n in given}
            assert all(a is given[n] for n, a in written.items()), "overwritten in place"
            assert all(guards_stand(a) for a in written.values())
            same_bits({f"{operation} {n}": a for n, a in got.items()},
                      {n: a for n, a in expected.items() if n.startswith(operation)}, (amount, operation))  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_as_good_as_float64_two_passes(shape: tuple[int, int, int]) -> None:
    """A mean of a thousand standard deviations: sums of squares would lose it, the second pass does not."""
    m = shape[0] * shape[2]
    arrays = arrays_of(shape)
    arrays["output"] = arrays["output"] + np.float32(1500)
    wide = arrays["output"].astype(np.float64)
    mean = wide.mean((0, 2)).astype(np.float32)
    variance = ((arrays["output"] - mean[:, None]).astype(np.float64) ** 2).sum((0, 2)) / (m - 1)
    got = call(FORWARD, "darknet", arrays, attributes(shape))
    np.testing.assert_allclose(got["variance"], variance, rtol=2**-23)


@pytest.mark.parametrize("operation", LAYER_OPERATIONS)
@pytest.mark.parametrize("type", ["BATCHNORM", "CONVOLUTIONAL"])
def test_what_is_wanted_comes_alone_and_the_same(operation: str, type: str) -> None:
    shape = (3, 5, 40)
    how, arrays, port = attributes(shape, type), locked(arrays_of(shape)), load("cpp-fused")
    given = {n: arrays[n] for n in inputs_of(operation, how)}
    everything = port.run(Call(operation, DIALECTS["darknet"], given, how))
    assert set(everything) == set(outputs_of(operation, how, DIALECTS["darknet"]))
    for wanted in ((), ("output",), ("x_norm", "mean"), ("x",), ("net_delta",), ("delta", "bias_updates")):
        if set(wanted) <= set(everything):
            got = port.run(Call(operation, DIALECTS["darknet"], given, how), wanted)
            same_bits(got, {n: everything[n] for n in wanted}, wanted)


def test_the_callers_arrays_are_lent_not_copied() -> None:
    shape = (2, 3, 20)
    how, arrays = attributes(shape), arrays_of(shape)
    before = {n: a.copy() for n, a in arrays.items()}
    given = {n: arrays[n] for n in inputs_of(FORWARD, how)}
    got = load("cpp-fused").run(Call(FORWARD, DIALECTS["darknet"], given, how))
    same_bits(arrays, before, "inputs")
    assert all(a.flags.writeable for a in arrays.values())
    assert not any(np.shares_memory(a, b) for a in got.values() for b in arrays.values())


def test_refusals() -> None:
    row = cpp_fused_port.core_dialect(DIALECTS["darknet"])
    with pytest.raises(ValueError, match="SIMD level 'mmx' is not one of"):
        _core.set_simd("mmx")
    with pytest.raises(ValueError, match="threads must be at least 1"):
        _core.set_threads(0)
    with pytest.raises(TypeError, match="missing array from"):
        _core.fused_forward(row, True, 1, 1)
    shape = (2, 3, 4)
    arrays = {n: arrays_of(shape)[n] for n in ("output", "scales", "biases", "mean", "variance", "rolling_mean",
                                               "rolling_variance")}  # fmt: skip
    with pytest.raises(ValueError, match="output is read-only"):
        _core.fused_forward(row, True, 4, 1, **{"from": arrays_of(shape)["x"]}, **locked(arrays))
    fresh = {n: a.copy() for n, a in arrays.items()}
    with pytest.raises(ValueError, match=r"out_h.out_w must be"):
        _core.fused_forward(row, True, 5, 1, **{"from": arrays_of(shape)["x"]}, **fresh)
