"""training_run: hundreds of steps that conform, and two ports that go wrong at one step, which is named."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from darkparity.cases import CASES, Case
from darkparity.dialects import DIALECTS
from darkparity.implementations import Implementation, Port, load
from darkparity.implementations.shipped import numpy_port
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Crashed, Deviates, Inconclusive, Verdict
from darkparity.oracle.bounds import Profile
from darkparity.problems.problem import Problem
from darkparity.problems.select import live
from darkparity.spec import BACKWARD, FORWARD, OPERATIONS, TRAINING_RUN, steps_of

SOURCE = Path(numpy_port.__file__).read_text("utf-8")
#: A line of the NumPy port -> what a port gets wrong there.
_USE = "    mean, variance, is_inverse_std = _statistics_for_backward(state, train, dialect)\n"
ALIASED = (_USE, f"{_USE}    state.update(mean=mean, variance=variance)\n")
DECAY = ("weights.decay, rolling", "0.9, rolling")


def named(name: str) -> Case:
    return next(case for case in CASES if (case.operation, case.name) == (TRAINING_RUN, name))


@cache
def problem(case: str, dialect: str = "darknet") -> Problem:
    return live(named(case), DIALECTS[dialect])


def changed(old: str, new: str) -> Port:
    """The NumPy port with one line replaced."""
    assert SOURCE.count(old) == 1
    module = ModuleType("changed")
    exec(compile(SOURCE.replace(old, new), "changed.py", "exec"), module.__dict__)
    return Port(module, name="changed")


def verdict(port: Implementation, case: str, dialect: str = "darknet") -> Verdict:
    return ask(Participant.of(port), problem(case, dialect))[0].verdict


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["darknet", "alexeyab-cudnn"])
def test_a_hundred_steps_with_switching_modes_conform(implementation: Implementation, dialect: str) -> None:
    assert len(steps_of(named("hundred_steps").attributes)) == 100
    found = verdict(implementation, "hundred_steps", dialect)
    assert isinstance(found, Conforms), found
    assert {"output", "rolling_variance", "delta", "scale_updates"} <= {c.array for c in found.comparisons}
    assert all(c.elements > c.vacuous for c in found.comparisons)


@pytest.mark.slow
def test_what_conforms_for_long_is_still_evidence_at_the_end() -> None:
    """A deviation of the 100th step alone is found: the carried bounds have not gone lax."""
    rolling = problem("hundred_steps").expected(Profile())["rolling_variance"]
    assert np.all(rolling.bound[-1] < 1e-4 * np.abs(rolling.value[-1]))


@pytest.mark.slow
@pytest.mark.parametrize(("port", "case", "stage"), [
    (ALIASED, "aliased_rolling", "step 1 (Ib): mean must come back unchanged"),
    (ALIASED, "hundred_steps", "step 3 (Ib): mean must come back unchanged"),
    (DECAY, "decay_from_trajectory", "step 1 (T): somewhere from scal_cpu to axpy_cpu"),  # step 0 starts from zero
    (DECAY, "hundred_steps", "step 0 (Tb): somewhere from scal_cpu to axpy_cpu"),
])  # fmt: skip
def test_a_wrong_port_deviates_at_the_step_where_it_goes_wrong(port: tuple[str, str], case: str, stage: str) -> None:
    found = verdict(changed(*port), case)
    assert isinstance(found, Deviates)
    assert found.stage == stage


def test_aliasing_goes_unseen_without_inference_backward() -> None:
    """The control: training steps alone show nothing of it."""
    assert isinstance(verdict(changed(*ALIASED), "decay_from_trajectory"), Conforms)


def test_the_decay_can_be_read_off_the_trajectory() -> None:
    """From zero, rolling(k) = decay rolling(k-1) + gain batch(k): the decay comes back from the run."""
    for port, decay in ((load("numpy"), 0.99), (changed(*DECAY), 0.9)):
        _, arrays = ask(Participant.of(port), problem("decay_from_trajectory"))
        assert arrays is not None
        rolling, batch = (arrays[n].astype(np.float64) for n in ("rolling_mean", "mean"))
        found = (rolling[1:] - 0.01 * batch[1:]) / rolling[:-1]
        np.testing.assert_allclose(np.median(found), decay, rtol=1e-4)


def test_a_run_is_not_offered_it_is_composed() -> None:
    assert TRAINING_RUN not in changed(*DECAY).describe().operations


#: What a forward of the NumPy port hands back, and which arrays of a run are then its own throughout.
SECRETIVE = {
    "what a user sees": (
        {"output", "rolling_mean", "rolling_variance"},
        {"output", "rolling_mean", "rolling_variance", "bias_updates"},
    ),
    "output alone": ({"output"}, {"bias_updates"}),  # inference rests on rolling statistics that were never returned
    "all but x": (
        {"output", "x_norm", "mean", "variance", "rolling_mean", "rolling_variance"},
        {"output", "x_norm", "mean", "variance", "rolling_mean", "rolling_variance", "bias_updates", "scale_updates",
         "mean_delta"},
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", SECRETIVE)
def test_arrays_that_never_came_back_are_not_judged(kind: str) -> None:
    """A right port that keeps arrays to itself: neither they nor what is computed from them is judged."""
    returned, judged = SECRETIVE[kind]
    found = verdict(reduced({"forward_batchnorm_layer": returned}), "modes_switching")
    assert isinstance(found, Conforms), found
    assert {c.array for c in found.comparisons} == judged
    assert set(found.unobserved) == set(OPERATIONS[TRAINING_RUN].outputs) - judged - {"rolling_weight"}


def test_a_port_that_hands_nothing_back_is_no_pass() -> None:
    nothing = reduced({"forward_batchnorm_layer": {"output"}, "backward_batchnorm_layer": {"net_delta"}})
    assert isinstance(verdict(nothing, "modes_switching"), Inconclusive)


def reduced(kept: dict[str, set[str]]) -> Port:
    """The NumPy port, handing back only some arrays of these functions."""
    module = ModuleType("reduced")
    exec(compile(SOURCE, "reduced.py", "exec"), module.__dict__)
    for name, arrays in kept.items():
        setattr(module, name, keeping(getattr(module, name), arrays))
    return Port(module, name="reduced")


def keeping(function: Callable[..., dict[str, Any]], arrays: set[str]) -> Callable[..., dict[str, Any]]:
    @wraps(function)
    def less(*given: Any, **named: Any) -> dict[str, Any]:
        return {name: array for name, array in function(*given, **named).items() if name in arrays}

    return less


def test_a_port_may_have_a_training_run_of_its_own() -> None:
    """It returns every output stacked over the steps; one that is not is refused by its shape."""
    answers = {name: e.value for name, e in problem("aliased_rolling").expected(Profile()).items()}
    both = {FORWARD: lambda x: x, BACKWARD: lambda x: x}
    whole = Port(SimpleNamespace(training_run=lambda modes, input: answers, **both), name="whole")
    assert isinstance(verdict(whole, "aliased_rolling"), Conforms)
    last = {**answers, "mean": answers["mean"][-1]}
    found = verdict(Port(SimpleNamespace(training_run=lambda: last, **both), name="last"), "aliased_rolling")
    assert isinstance(found, Crashed)
    assert found.message == "training_run: mean: expected shape (6, 3), got (3,)"
