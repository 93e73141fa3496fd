"""The valid zoo: honest float32 variants of the port. Not one false alarm, on golden and on random cases."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from darkparity.bounds import ANY, FINITE, TWO_PASS, Profile
from darkparity.compare import compare
from darkparity.dialects import DIALECTS
from darkparity.implementations import Port, numpy_port
from darkparity.question import Question, live_expectation
from darkparity.spec import AXES, LAYER_OPERATIONS, MAKE, OPERATIONS, ROUTINES, inputs_of

ROW = DIALECTS["darknet"]
Array = np.ndarray


def fresh() -> ModuleType:
    """A copy of the NumPy port whose functions can be replaced one by one."""
    spec = importlib.util.spec_from_file_location("zoo_port", numpy_port.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(values: Array) -> Array:
    """A -> (channels, m)."""
    return np.ascontiguousarray(values.transpose(1, 0, 2)).reshape(values.shape[1], -1)


def serial(terms: Array) -> Array:
    """One float32 accumulator, in memory order, as DarkNet's loops."""
    return np.add.accumulate(terms, axis=1, dtype=np.float32)[:, -1]


def summing(total: Callable[[Array], Array]) -> ModuleType:
    module = fresh()
    module._sum = np.errstate(all="ignore")(lambda values: total(rows(values)))
    return module


def permuted(terms: Array) -> Array:
    return serial(terms[:, np.random.default_rng(7).permutation(terms.shape[1])])


def accumulators_into_updates() -> ModuleType:
    """DarkNet's C adds one partial sum per image into bias_updates and scale_updates themselves."""
    module = fresh()

    def add(updates: Array, terms: Array) -> Array:
        for image in terms:
            updates = updates + serial(np.ascontiguousarray(image))
        return updates

    @np.errstate(all="ignore")
    def backward_bias(bias_updates: Array, delta: Array, dialect: Any) -> Array:
        return add(bias_updates, delta)

    @np.errstate(all="ignore")
    def backward_scale_cpu(x_norm: Array, delta: Array, scale_updates: Array, dialect: Any) -> Array:
        return add(scale_updates, delta * x_norm)

    module.backward_bias, module.backward_scale_cpu = backward_bias, backward_scale_cpu
    return module


def reciprocals() -> ModuleType:
    """Every division as a product with a rounded reciprocal, as DarkNet's 1./m."""
    module = fresh()
    one, each = np.float32(1), module._each

    @np.errstate(all="ignore")
    def mean_cpu(x: Array, dialect: Any) -> Array:
        return module._sum(x) * (one / module._count(x))

    @np.errstate(all="ignore")
    def _variance(x: Array, mean: Array, ddof: int) -> Array:
        deviation = x - each(mean)
        return module._sum(deviation * deviation) * (one / module._count(x, ddof))

    @np.errstate(all="ignore")
    def normalize_cpu(x: Array, mean: Array, variance: Array, dialect: Any) -> Array:
        return (x - each(mean)) * each(one / module._root(variance, dialect.normalize))

    module.mean_cpu, module._variance, module.normalize_cpu = mean_cpu, _variance, normalize_cpu
    return module


def factored() -> ModuleType:
    """normalize_delta with one factor per channel and term, its last two terms added first."""
    module = fresh()
    each = module._each

    @np.errstate(all="ignore")
    def normalize_delta_cpu(x: Array, mean: Array, variance: Array, mean_delta: Array, variance_delta: Array,
                            delta: Array, dialect: Any) -> Array:  # fmt: skip
        m, two = module._count(x), np.float32(2)
        scale = np.float32(1) / module._root(variance, dialect.normalize_delta)
        rest = (x - each(mean)) * each(variance_delta * (two / m)) + each(mean_delta / m)
        return delta * each(scale) + rest

    module.normalize_delta_cpu = normalize_delta_cpu
    return module


def welford() -> ModuleType:
    """Running mean and sum of squares; the routine variance_cpu, which is given a mean, stays."""
    module = fresh()

    @np.errstate(all="ignore")
    def running(x: Array) -> tuple[Array, Array]:
        mean, squares = (np.zeros(x.shape[1], np.float32) for _ in range(2))
        for k, value in enumerate(rows(x).T, 1):
            difference = value - mean
            mean = mean + difference / np.float32(k)
            squares = squares + difference * (value - mean)
        return mean, squares

    def mean_cpu(x: Array, dialect: Any) -> Array:
        return running(x)[0]

    @np.errstate(all="ignore")
    def _variance(x: Array, mean: Array, ddof: int) -> Array:
        return running(x)[1] / module._count(x, ddof)

    routine = fresh().variance_cpu
    module.mean_cpu, module._variance, module.variance_routine = mean_cpu, _variance, routine
    return module


Change = Callable[[Array], Array]


def wrapped(function: Callable[..., Any], arrive: Change, leave: Change) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        def into(value: Any) -> Any:
            return arrive(value) if isinstance(value, np.ndarray) else value

        with np.errstate(all="ignore"):
            got = function(*map(into, args), **{k: into(v) for k, v in kwargs.items()})
            return {n: leave(v) for n, v in got.items()} if isinstance(got, dict) else leave(got)

    return call


def double_inside() -> ModuleType:
    """float64 throughout each call, rounded once at its end."""
    inner, outer = fresh(), fresh()
    inner._sum = lambda values: values.sum((0, 2))
    for name in OPERATIONS.keys() & vars(inner).keys():
        to64, to32 = (lambda v: v.astype(np.float64)), (lambda v: v.astype(np.float32))
        setattr(outer, name, wrapped(getattr(inner, name), to64, to32))
    return outer


def flushing() -> ModuleType:
    """Subnormals flushed to zero on the way into and out of each routine but copy."""
    module = fresh()

    def flush(values: Array) -> Array:
        return np.where(np.abs(values) < 2.0**-126, np.float32(0), values)

    kept = {*LAYER_OPERATIONS, MAKE, "copy_cpu", "scal_cpu", "axpy_cpu"}
    for name in (OPERATIONS.keys() & vars(module).keys()) - kept:
        setattr(module, name, wrapped(getattr(module, name), flush, flush))
    return module


#: name -> (the variant, whether it is two-pass).
ZOO: Mapping[str, tuple[Callable[[], ModuleType], bool]] = {
    "as_shipped": (fresh, True),
    "float64_inside": (double_inside, True),
    "serial": (lambda: summing(serial), True),
    "reversed": (lambda: summing(lambda t: serial(t[:, ::-1])), True),
    "permuted": (lambda: summing(permuted), True),
    "sorted": (lambda: summing(lambda t: serial(np.sort(t, axis=1))), True),
    "pairwise": (lambda: summing(lambda t: t.sum(axis=1)), True),
    "float64_sums": (lambda: summing(lambda t: np.float32(t.sum(axis=1, dtype=np.float64))), True),
    "updates_in_place": (accumulators_into_updates, True),
    "reciprocals": (reciprocals, True),
    "factored": (factored, True),
    "flushing": (flushing, True),
    "welford": (welford, False),
}


@functools.cache
def member(name: str) -> Port:
    module = ZOO[name][0]()
    target = SimpleNamespace(**{n: getattr(module, n) for n in OPERATIONS if hasattr(module, n)})
    if hasattr(module, "variance_routine"):
        target.variance_cpu = module.variance_routine
    return Port(target, name=name, dialect="darknet")


def alarms(port: Port, question: Question, profile: Profile) -> list[str]:
    """Every output of `port` outside its bound."""
    if question.operation not in port.describe().operations:
        return []
    got = port.run(question.operation, ROW, question.arrays, question.attributes)
    found = [compare(n, got[n], e) for n, e in question.expected(profile).items()]
    return [f"{question.id} {c.array} {c.worst_ratio:.4g} at {c.index}" for c in found if not c.conforms]


def profiles_of(name: str) -> tuple[Profile, ...]:
    return (ANY, TWO_PASS) if ZOO[name][1] else (ANY,)


@pytest.mark.parametrize("name", ZOO)
def test_no_false_alarm_on_golden_cases(name: str, questions: tuple[Question, ...]) -> None:
    found = [a for p in profiles_of(name) for q in questions for a in alarms(member(name), q, p)]
    assert not found


def drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """One of seven temperaments: wide magnitudes, a far mean, constant, dyadic, heavy-tailed, plain."""
    kind = rng.integers(0, 7)
    size = 10.0 ** (rng.uniform(-30, 30) if kind == 0 else rng.uniform(-3, 3))
    values = rng.standard_normal(shape) * size
    if kind == 1:
        values += size * 10.0 ** rng.uniform(1, 6)
    elif kind == 2:
        values = np.full(shape, size)
    elif kind == 3:
        values = rng.integers(-9, 10, shape) * 2.0 ** rng.integers(-8, 9)
    elif kind == 4:
        values *= 10.0 ** rng.uniform(-6, 6, shape)
    return values.astype(np.float32)


ASKED = [*(r for r in ROUTINES if "X" not in OPERATIONS[r].inputs), *LAYER_OPERATIONS * 4]


def random_question(seed: int) -> Question:
    """Small shapes; each channel of each array has a temperament of its own; variances down to 1e-30."""
    rng = np.random.default_rng(seed)
    operation = ASKED[rng.integers(len(ASKED))]
    batch, channels, height, width = (int(rng.integers(1, n)) for n in (6, 4, 5, 6))
    shapes = {"A": (batch, 1, height * width), "c": (1,)}
    attributes: dict[str, Any] = {}
    if operation in LAYER_OPERATIONS:
        kind, train = ("BATCHNORM", "CONVOLUTIONAL")[rng.integers(2)], bool(rng.random() < 0.6)
        attributes = {"type": kind, "train": train, "out_h": height, "out_w": width}

    def array(name: str) -> Array:
        parts = [drawn(rng, shapes[AXES[name]]) for _ in range(channels)]
        values = np.ascontiguousarray(np.concatenate(parts, axis=1 if AXES[name] == "A" else 0))
        return np.abs(values) if name in ("variance", "rolling_variance") else values

    arrays = {name: array(name) for name in inputs_of(operation, attributes)}
    expectation = live_expectation(operation, ROW, arrays, attributes)
    name = f"random-{seed} {operation} m={batch * height * width}"
    return Question(name, operation, ROW, attributes, arrays, "", "", expectation)


@functools.cache
def random_questions() -> tuple[Question, ...]:
    return tuple(random_question(seed) for seed in range(500))


@pytest.mark.parametrize("name", ZOO)
def test_no_false_alarm_on_random_cases(name: str) -> None:
    found = [a for p in profiles_of(name) for q in random_questions() for a in alarms(member(name), q, p)]
    assert not found


def test_the_random_cases_are_evidence() -> None:
    """Most elements have a finite bound, and some honest variant comes near it: not lax by orders."""
    elements = vacuous = 0
    for question in random_questions():
        for expected in question.expected(ANY).values():
            elements += expected.value.size
            vacuous += int((expected.vacuous | (expected.allowed != FINITE)).sum())
    assert vacuous < 0.2 * elements


@pytest.mark.parametrize(("name", "least"), [("serial", 0.1), ("reciprocals", 0.1), ("flushing", 0.1)])
def test_the_bounds_are_not_lax(name: str, least: float) -> None:
    worst = 0.0
    for question in random_questions():
        if question.operation in ("normalize_cpu", "scale_bias", "add_bias", "mean_cpu"):
            got = member(name).run(question.operation, ROW, question.arrays, question.attributes)
            judged = (compare(n, got[n], e) for n, e in question.expected(ANY).items())
            worst = max(worst, *(c.worst_ratio for c in judged))
    assert least < worst <= 1
