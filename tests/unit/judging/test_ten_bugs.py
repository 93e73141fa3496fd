"""Ten bugs that ports really have, planted one at a time: found, named, and nothing else accused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from darkparity.implementations import load
from darkparity.implementations.shipped import numpy_port
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Deviates
from darkparity.problems.problem import EXACT_ELEMENTS, Problem

SOURCE = Path(numpy_port.__file__).read_text("utf-8")
F, B, TRAINING_RUN = "forward_batchnorm_layer", "backward_batchnorm_layer", "training_run"
ALONE = " (wrong on its own, given exact inputs)"


@dataclass(frozen=True)
class Bug:
    """A replacement in numpy_port.py and what must be said of it.

    deviating: the operations, and no others. stages: layer operation -> where it goes wrong first.
    alone: the routine is wrong on its own, given exact inputs, and the verdict says so.
    """

    name: str
    old: str
    new: str
    deviating: frozenset[str]
    stages: dict[str, str]
    alone: bool


def bug(name: str, old: str, new: str, routines: str, alone: bool = True, **stages: str) -> Bug:
    layers = {{"forward": F, "backward": B}[k]: v for k, v in stages.items()}
    return Bug(name, old, new, frozenset((*routines.split(), *layers, TRAINING_RUN)), layers, alone)


BUGS = (
    bug("epsilon_inside_the_root",
        "deviation /= _each(_root(variance, dialect.normalize))",
        "deviation /= _each(np.sqrt(variance + np.float32(dialect.normalize.value)))",
        "normalize_cpu", forward="normalize_cpu -> output"),
    bug("epsilon_1e-5_for_1e-6",
        "deviation /= _each(_root(variance, dialect.normalize))",
        "deviation /= np.sqrt(_each(variance)) + np.float32(1e-5)",
        "normalize_cpu", forward="normalize_cpu -> output"),
    bug("biased_variance_when_normalizing_only",
        "        output = normalize_cpu(output, mean, variance, dialect)\n        if",
        "        output = normalize_cpu(output, mean, _variance(output, mean, _count(output)), dialect)\n        if",
        "", False, forward="normalize_cpu -> output"),
    bug("biased_rolling_variance_only",
        "_variance(output, mean, _divisor(output, dialect.rolling_ddof, dialect))",
        "_variance(output, mean, _count(output))",
        "", False, forward="somewhere from scal_cpu to axpy_cpu"),
    bug("x_norm_saved_after_scale",
        "            x_norm = output  # scale_bias makes a new one",
        "            x_norm = scale_bias(output, scales, dialect)",
        "", False, forward="copy_cpu -> x_norm"),
    bug("bias_updates_overwritten",
        "return bias_updates + _sum(delta)", "return _sum(delta)",
        "backward_bias", backward="backward_bias -> bias_updates"),
    bug("rolling_statistics_leak_into_mean_and_variance",
        "    mean, variance, is_inverse_std = _statistics_for_backward(state, train, dialect)\n",
        "    mean, variance, is_inverse_std = _statistics_for_backward(state, train, dialect)\n"
        "    state.update(mean=mean, variance=variance)\n",
        "", False, backward="mean must come back unchanged"),
    bug("mean_delta_sign",
        "return -_sum(delta) / _root", "return _sum(delta) / _root",
        "mean_delta_cpu", backward="mean_delta_cpu -> mean_delta"),
    bug("divided_by_m_minus_1",
        "    m = _count(x)\n    through", "    m = _count(x) - np.float32(1)\n    through",
        "normalize_delta_cpu", backward="normalize_delta_cpu -> delta"),
    bug("last_element_of_an_odd_tail_lost",
        "    return np.asarray(values.sum(axis=(0, 2), dtype=np.float32))",
        "    even = values.shape[2] - values.shape[2] % 2 if values.shape[2] > 1 else 1\n"
        "    return np.asarray(values[:, :, :even].sum(axis=(0, 2), dtype=np.float32))",
        "mean_cpu variance_cpu backward_bias backward_scale_cpu mean_delta_cpu variance_delta_cpu",
        forward="mean_cpu -> mean",
        backward="backward_bias -> bias_updates"),
)  # fmt: skip


def plant(bug: Bug, folder: Path) -> Participant:
    """A copy of the NumPy port with the bug in it."""
    assert SOURCE.count(bug.old) == 1, "the text to replace is not there exactly once"
    path = folder / f"{bug.name.replace('-', '_')}.py"
    path.write_text(SOURCE.replace(bug.old, bug.new), "utf-8")
    return Participant.of(load(str(path)))


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS, ids=lambda b: b.name)
def test_it_is_found_and_named(bug: Bug, tmp_path: Path, problems: tuple[Problem, ...]) -> None:
    participant = plant(bug, tmp_path)
    results = [ask(participant, problem)[0] for problem in problems]
    assert {type(r.verdict) for r in results} == {Conforms, Deviates}
    wrong = [(r, q) for r, q in zip(results, problems, strict=True) if isinstance(r.verdict, Deviates)]
    asked = {q.operation for q in problems}
    assert {r.operation for r, _ in wrong} == bug.deviating & asked
    for result, problem in wrong:
        if result.operation in bug.stages:
            replayed = bug.alone and ALONE in result.verdict.stage
            named = bug.stages[result.operation] + ALONE * replayed
            # where only the output comes back and nothing is replayed, all stages from the faulty one on are suspects
            whole = problem.elements <= EXACT_ELEMENTS
            assert replayed or not bug.alone or not whole, problem.id
            ranged = "" if replayed else f"somewhere from {named.partition(' ')[0]} to "
            assert result.verdict.stage == named or (ranged and result.verdict.stage.startswith(ranged)), problem.id
        elif result.operation != TRAINING_RUN:
            assert result.verdict.stage == result.operation, problem.id


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS, ids=lambda b: b.name)
def test_a_run_of_many_steps_names_it_too(bug: Bug, tmp_path: Path, problems: tuple[Problem, ...]) -> None:
    """Step and stage; where a deviation is marginal, a later stage may be the first one out of bound."""
    runs = [q for q in problems if q.operation == TRAINING_RUN]
    if not runs:
        pytest.skip("the golden store holds no training_run yet")
    participant = plant(bug, tmp_path)
    verdicts = [ask(participant, problem)[0].verdict for problem in runs]
    named = Counter(v.stage.partition(": ")[2].partition(" (")[0] for v in verdicts if isinstance(v, Deviates))
    assert named.most_common(1)[0][0] in bug.stages.values()


@pytest.mark.slow
def test_the_unchanged_copy_conforms(tmp_path: Path, problems: tuple[Problem, ...]) -> None:
    """The control: what convicts is the bug, not the copy."""
    path = tmp_path / "copy.py"
    path.write_text(SOURCE, "utf-8")
    participant = Participant.of(load(str(path)))
    assert all(isinstance(ask(participant, problem)[0].verdict, Conforms) for problem in problems)
