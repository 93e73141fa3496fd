"""Dialects: who computes them and what tells them apart."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import Port
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms, Deviates, Unsupported
from darkparity.oracle import answer
from darkparity.oracle.bounds import ANY
from darkparity.oracle.deviations.power import SEPARATES, margin
from darkparity.problems.golden.plan import SEPARATING
from darkparity.problems.golden.store import default_store, problem
from darkparity.problems.problem import Problem, live_expectation
from darkparity.spec import AXES, BACKWARD, FORWARD, Call, inputs_of
from support import ROOT, shipped

STORE = default_store(ROOT / "golden")
DARKNETS = ("darknet", "darknet-gpu", "darknet-cudnn", "alexeyab", "alexeyab-gpu", "alexeyab-cudnn")
ALL = (*DARKNETS, "pytorch")
PER_CHANNEL = [name for name, axes in AXES.items() if axes == "c"]
#: A few fixtures of each dialect; the full sweep is tests/conformance/test_shipped.py.
QUICK = ("tiny_variance", "inference_tiny_rolling_variance", "connected", "decay_from_trajectory")


@cache
def fixtures(dialect: str) -> tuple[Problem, ...]:
    files = [n for n in STORE.files if n.startswith(f"{dialect}/")]
    wanted = {(o, c) for o, c in SEPARATING} | {("training_run", "decay_from_trajectory")}
    parts = {n: tuple(n.removesuffix(".json").split("/")[1:]) for n in files}
    return tuple(problem(STORE.read(n), n) for n in files if parts[n] in wanted)


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize("name", ["cpp", "numpy", "torch"])
def test_every_implementation_conforms_in_every_dialect(name: str, dialect: str) -> None:
    participant = Participant.of(shipped(name))
    chosen = [q for q in fixtures(dialect) if q.id.endswith(QUICK)]
    assert len(chosen) >= 5
    for asked in chosen:
        verdict = ask(participant, asked)[0].verdict
        assert isinstance(verdict, Conforms), f"{asked.id}: {verdict}"


@cache
def told_apart(right: str, other: str) -> tuple[float, str]:
    """How far the exact answers of `other` lie from those of `right` on the fixtures of `right`; where."""
    best = (0.0, "nowhere")
    for asked in fixtures(right):
        if asked.operation not in (FORWARD, BACKWARD):
            continue
        answers = answer(Call(asked.operation, DIALECTS[other], asked.arrays, asked.attributes))
        found = margin(asked.expected(ANY), {n: a.expected for n, a in answers.items()})
        best = max(best, (found, asked.id))
        if best[0] >= SEPARATES:
            return best
    return best


@pytest.mark.parametrize("right", ALL)
def test_every_pair_is_told_apart_by_a_fixture(right: str) -> None:
    """Whoever computes another dialect deviates, by at least four bounds."""
    table = {other: told_apart(right, other) for a, other in permutations(ALL, 2) if a == right}
    shown = "\n".join(f"{right} | {other}: {m:.3g} on {case}" for other, (m, case) in table.items())
    assert min(m for m, _ in table.values()) >= SEPARATES, f"margins\n{shown}"


class Native:
    """PyTorch's own batch normalization and autograd, under the names of the layer functions.

    It folds the output to a x + b, which the label says; what it does not return is not judged.
    """

    DARKPARITY = {"name": "native", "dialect": "pytorch", "labels": ("affine",)}

    @staticmethod
    def forward_batchnorm_layer(type: str, train: bool, input: Any, output: Any, scales: Any, biases: Any,
                                rolling_mean: Any, rolling_variance: Any) -> dict[str, Any]:  # fmt: skip
        import torch

        data = torch.from_numpy(input if type == "BATCHNORM" else output)
        running = [torch.from_numpy(a) for a in (rolling_mean, rolling_variance)]
        weights = [torch.from_numpy(a) for a in (scales, biases)]
        y = torch.batch_norm(data, *weights, *running, train, 0.1, 1e-5, False)
        return {
            "output": y.numpy(),
            "rolling_mean": running[0].numpy(),
            "rolling_variance": running[1].numpy(),
        }

    @staticmethod
    def backward_batchnorm_layer(train: bool, delta: Any, x: Any, scales: Any, rolling_mean: Any,
                                 rolling_variance: Any, bias_updates: Any, scale_updates: Any,
                                 mean: Any, variance: Any) -> dict[str, np.ndarray]:  # fmt: skip
        import torch

        leaf = torch.tensor(x, requires_grad=True)
        weight = torch.tensor(scales, requires_grad=True)
        running = [torch.tensor(a) for a in (rolling_mean, rolling_variance)]  # a training call changes them
        bias = torch.zeros_like(weight, requires_grad=True)
        torch.nn.functional.batch_norm(leaf, *running, weight, bias, train).backward(torch.from_numpy(delta))
        assert leaf.grad is not None
        return {"delta": leaf.grad.numpy(), "bias_updates": bias_updates + bias.grad.numpy(),
                "scale_updates": scale_updates + weight.grad.numpy()}  # fmt: skip


@pytest.mark.parametrize("train", [True, False])
def test_the_pytorch_dialect_is_torch_nn_functional_and_autograd(train: bool) -> None:
    """Judged with our bounds; backward on the statistics that its own forward of x has."""
    pytest.importorskip("torch")
    native = Participant.of(Port(Native))
    for asked in consistent(train):
        verdict = ask(native, asked)[0].verdict
        assert isinstance(verdict, Conforms), f"{asked.id}: {verdict}"
        assert verdict.comparisons


def consistent(train: bool) -> list[Problem]:
    """A forward, and the backward of what it left behind, for three geometries."""
    problems = []
    for shape in ((4, 3, 2, 5), (2, 7, 3, 3), (3, 2, 9, 4)):
        rng = np.random.default_rng(shape)
        flat = (shape[0], shape[1], shape[2] * shape[3])
        state = {n: rng.uniform(0.5, 2, shape[1]).astype(np.float32) for n in PER_CHANNEL}
        state |= {n: rng.normal(0.5, 1, flat).astype(np.float32) for n in ("output", "x", "x_norm", "delta")}
        how = {"type": "CONVOLUTIONAL", "train": train, "out_h": shape[2], "out_w": shape[3]}
        for operation in (FORWARD, BACKWARD):
            arrays = {n: state[n] for n in inputs_of(operation, how)}
            call = Call(operation, DIALECTS["pytorch"], arrays, how)
            problems.append(Problem(f"pytorch-{operation}-{shape}", call, "", "", live_expectation(call)))
            x = state["output"].astype(np.float64)
            state |= {"x": state["output"], "mean": x.mean((0, 2)).astype(np.float32),
                      "variance": x.var((0, 2)).astype(np.float32)}  # fmt: skip
    return problems


def test_a_port_of_one_dialect_is_not_asked_another_and_deviates_if_it_claims_it() -> None:
    (asked,) = (q for q in fixtures("darknet-cudnn") if q.id == f"darknet-cudnn-{FORWARD}-first_training_step")
    pinned = ask(Participant.of(Port(Native)), asked)[0].verdict
    assert isinstance(pinned, Unsupported)

    class Claims(Native):
        DARKPARITY = {**Native.DARKPARITY, "dialect": "darknet-cudnn"}

    pytest.importorskip("torch")
    verdict = ask(Participant.of(Port(Claims)), asked)[0].verdict
    assert isinstance(verdict, Deviates)
    assert verdict.worst.array == "rolling_mean"
