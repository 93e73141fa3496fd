"""What the shipped Python ports compute: dialect choices, DarkNet's corner cases."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS, LayerType
from darkparity.implementations import Implementation, NotOffered, load
from darkparity.implementations.protocol import EVERY
from darkparity.spec import AXES, BACKWARD, FORWARD, MAKE, OPERATIONS, TRAINING_RUN, Call, inputs_of
from worked_example import DELTA as DY
from worked_example import X


@pytest.fixture(params=["numpy", "torch"], scope="module")
def port(request: pytest.FixtureRequest) -> Implementation:
    if request.param == "torch":
        pytest.importorskip("torch")
    return load(request.param)


def attributes(shape: tuple[int, ...], train: bool = True, type: str = "BATCHNORM") -> dict[str, Any]:
    return {"type": type, "train": train, "out_h": 1, "out_w": shape[2]}


def fresh(port: Implementation, dialect: str, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    sizes = {"batch": shape[0], "w": shape[2], "h": 1, "c": shape[1]}
    return port.run(Call(MAKE, DIALECTS[dialect], {}, sizes))


def step(
    port: Implementation,
    operation: str,
    dialect: str,
    state: dict[str, np.ndarray],
    how: dict[str, Any],
    **given: np.ndarray,
) -> dict[str, np.ndarray]:
    """One layer call; returns the state afterwards."""
    state = {**state, **given}
    arrays = {name: state[name] for name in inputs_of(operation, how, DIALECTS[dialect])}
    return {**state, **port.run(Call(operation, DIALECTS[dialect], arrays, how))}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("type", LayerType)
@pytest.mark.parametrize("train", [True, False])
def test_every_call_returns_exactly_the_specified_outputs(port: Implementation, dialect: str, type: str,
                                                          train: bool) -> None:  # fmt: skip
    shape = (3, 2, 1) if type == "CONNECTED" else (3, 2, 5)
    how, rng = attributes(shape, train, type), np.random.default_rng(1)
    for operation in (FORWARD, BACKWARD):
        arrays = {
            name: rng.uniform(0.5, 2, shape if AXES[name] == "A" else (2,)).astype(np.float32)
            for name in inputs_of(operation, how, DIALECTS[dialect])
        }
        before = {name: array.copy() for name, array in arrays.items()}
        call = Call(operation, DIALECTS[dialect], arrays, how)
        got = port.run(call)
        assert tuple(got) == call.outputs
        assert {a.dtype for a in got.values()} == {np.dtype(np.float32)}
        assert all(np.isfinite(a).all() for a in got.values())
        assert all(np.array_equal(arrays[name], before[name]) for name in before)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("operation", [FORWARD, BACKWARD])
def test_numpy_and_torch_agree_in_every_dialect(operation: str, dialect: str, train: bool) -> None:
    pytest.importorskip("torch")
    shape, rng = (4, 3, 6), np.random.default_rng(7)
    how = attributes(shape, train)
    arrays = {
        name: rng.uniform(0.5, 2, shape if AXES[name] == "A" else (3,)).astype(np.float32)
        for name in inputs_of(operation, how, DIALECTS[dialect])
    }
    one, two = (load(name).run(Call(operation, DIALECTS[dialect], arrays, how)) for name in ("numpy", "torch"))
    for name in one:
        np.testing.assert_allclose(one[name], two[name], rtol=2e-5, atol=2e-6, err_msg=name)


def test_one_value_per_channel_gives_nan_for_ever(port: Implementation) -> None:
    one = np.array([[[3.0]]], np.float32)
    how = attributes(one.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        state = step(port, FORWARD, "darknet", fresh(port, "darknet", one.shape), how, input=one)
    poisoned = ("variance", "rolling_variance", "output", "x_norm")
    assert all(np.isnan(state[name]).all() for name in poisoned)
    assert state["mean"][0] == 3
    assert np.isnan(step(port, FORWARD, "darknet", state, how, input=one)["rolling_variance"]).all()


def test_one_value_per_channel_is_finite_where_the_variance_divides_by_m(port: Implementation) -> None:
    one = np.array([[[3.0]]], np.float32)
    state = step(port, FORWARD, "alexeyab-gpu", fresh(port, "alexeyab-gpu", one.shape), attributes(one.shape),
                 input=one)  # fmt: skip
    assert state["output"].item() == 0
    assert state["rolling_variance"].item() == 0


def test_inference_writes_output_and_x_only(port: Implementation) -> None:
    how = attributes(X.shape)
    trained = step(port, FORWARD, "darknet", fresh(port, "darknet", X.shape), how, input=X)
    after = step(port, FORWARD, "darknet", trained, {**how, "train": False}, input=X[::-1].copy())
    assert np.array_equal(after["x"], X[::-1])
    for name in ("x_norm", "mean", "variance", "rolling_mean", "rolling_variance"):
        assert np.array_equal(after[name], trained[name]), name


def test_alexeyab_saves_x_in_training_only(port: Implementation) -> None:
    how = attributes(X.shape, train=False)
    state = step(port, FORWARD, "alexeyab", fresh(port, "alexeyab", X.shape), how, input=X)
    assert not state["x"].any()


def test_x_is_saved_before_normalizing_and_x_norm_before_the_scale(port: Implementation) -> None:
    start = {**fresh(port, "darknet", X.shape), "scales": np.float32([2]), "biases": np.float32([10])}
    state = step(port, FORWARD, "darknet", start, attributes(X.shape, type="CONVOLUTIONAL"), output=X)
    assert np.array_equal(state["x"], X)
    np.testing.assert_allclose(state["output"], state["x_norm"] * 2 + 10, rtol=1e-6)


def trained_then_backward(port: Implementation, dialect: str) -> tuple[dict[str, np.ndarray], ...]:
    how = attributes(X.shape)
    trained = step(port, FORWARD, dialect, fresh(port, dialect, X.shape), how, input=X)
    idle = {**how, "train": False}
    inferred = step(port, FORWARD, dialect, trained, idle, input=X + np.float32(1))
    return trained, step(port, BACKWARD, dialect, inferred, idle, delta=DY)


def test_inference_backward_uses_rolling_statistics_for_that_call_only(port: Implementation) -> None:
    trained, after = trained_then_backward(port, "darknet")
    for name in ("mean", "variance", "rolling_mean", "rolling_variance"):
        assert np.array_equal(after[name], trained[name]), name
    # x_norm is the one of the training forward, stale by one call.
    assert after["scale_updates"][0] == pytest.approx(float((DY * trained["x_norm"]).sum()), rel=1e-5)
    expected = -DY.sum(dtype=np.float64) / np.sqrt(trained["rolling_variance"][0] + 1e-5)
    assert after["mean_delta"][0] == pytest.approx(expected, rel=1e-5)


def test_inference_backward_overwrites_the_statistics_on_alexeyabs_gpu(port: Implementation) -> None:
    trained, after = trained_then_backward(port, "alexeyab-gpu")
    assert np.array_equal(after["mean"], trained["rolling_mean"])
    assert np.array_equal(after["variance"], trained["rolling_variance"])


def test_inference_backward_keeps_the_batch_statistics_on_alexeyabs_cpu(port: Implementation) -> None:
    trained, after = trained_then_backward(port, "alexeyab")
    expected = -DY.sum(dtype=np.float64) / np.sqrt(trained["variance"][0] + 1e-5)
    assert after["mean_delta"][0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("dialect", ["darknet-cudnn", "alexeyab-cudnn"])
def test_cudnn_saves_the_inverse_deviation_in_variance(port: Implementation, dialect: str) -> None:
    trained, after = trained_then_backward(port, dialect)
    assert trained["variance"][0] == pytest.approx(1 / np.sqrt(X.var(dtype=np.float64) + 1e-5), rel=1e-6)
    rolling = trained["rolling_variance"][0]
    if dialect == "darknet-cudnn":  # the rolling variance itself passes for 1/std
        hat = (X + 1 - trained["rolling_mean"][0]) * rolling
        assert np.array_equal(after["variance"], trained["variance"])
    else:
        hat = (X - trained["rolling_mean"][0]) / np.sqrt(rolling + 1e-5)  # x is the training forward's
        assert after["variance"][0] == pytest.approx(1 / np.sqrt(rolling + 1e-5), rel=1e-6)
    assert after["scale_updates"][0] == pytest.approx(float((DY * hat).sum()), rel=1e-5)


def test_updates_accumulate_over_calls_and_everything_else_is_overwritten(port: Implementation) -> None:
    how = attributes(X.shape)
    state = step(port, FORWARD, "darknet", fresh(port, "darknet", X.shape), how, input=X)
    once = step(port, BACKWARD, "darknet", state, how, delta=DY)
    twice = step(port, BACKWARD, "darknet", once, how, delta=DY)
    for name in ("bias_updates", "scale_updates"):
        np.testing.assert_allclose(twice[name], 2 * once[name], rtol=1e-6)
    for name in ("mean_delta", "variance_delta", "delta", "net_delta"):
        assert np.array_equal(twice[name], once[name]), name


def test_strides_leave_the_elements_between_untouched(port: Implementation) -> None:
    vector = {"X": np.arange(1, 8, dtype=np.float32), "Y": np.full(5, 10, np.float32)}
    how = {"N": 3, "INCX": 3, "INCY": 2}
    row = DIALECTS["darknet"]
    assert port.run(Call("copy_cpu", row, vector, how))["Y"].tolist() == [1, 10, 4, 10, 7]
    assert port.run(Call("axpy_cpu", row, vector, {**how, "ALPHA": 0.5}))["Y"].tolist() == [10.5, 10, 12, 10, 13.5]
    scaled = port.run(Call("scal_cpu", row, {"X": vector["X"]}, {"N": 3, "INCX": 3, "ALPHA": -1.0}))["X"]
    assert scaled.tolist() == [-1, 2, 3, -4, 5, 6, -7]


def test_backward_routines_by_hand(port: Implementation) -> None:
    c = {name: np.float32([value]) for name, value in {"mean": 4.0, "variance": 4.0}.items()}
    row = DIALECTS["darknet"]
    square = float(((X - 4) ** 2).sum())
    assert port.run(Call("variance_cpu", row, {"x": X, "mean": c["mean"]}))["variance"][0] == np.float32(square / 7)
    total = float((DY * (X - 4)).sum(dtype=np.float64))
    got = port.run(Call("variance_delta_cpu", row, {"x": X, "delta": DY, **c}))["variance_delta"][0]
    assert got == pytest.approx(-0.5 * total * (4 + 1e-5) ** -1.5, rel=1e-6)
    updates = {"x_norm": X, "delta": DY, "scale_updates": np.float32([5])}
    expected = 5 + float((DY * X).sum(dtype=np.float64))
    assert port.run(Call("backward_scale_cpu", row, updates))["scale_updates"][0] == pytest.approx(expected)


def test_variance_delta_survives_a_variance_whose_root_cubed_overflows(port: Implementation) -> None:
    arrays = {"x": np.full((1, 1, 2), 1e18, np.float32), "delta": np.full((1, 1, 2), 1e18, np.float32),
              "mean": np.float32([0]), "variance": np.float32([1e30])}  # fmt: skip
    got = port.run(Call("variance_delta_cpu", DIALECTS["darknet"], arrays))["variance_delta"][0]
    assert got == pytest.approx(-1e-9, rel=1e-5)


def test_both_offer_every_operation_in_every_dialect(port: Implementation) -> None:
    described = port.describe()
    assert described.operations == tuple(name for name in OPERATIONS if name != TRAINING_RUN)  # composed by the runner
    assert described.dialects == (EVERY,)
    assert described.labels == {"two_pass", "ieee"}


def test_a_routine_that_torch_does_not_have_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from darkparity.implementations.shipped import torch_routines

    monkeypatch.delattr(torch_routines, "mean_cpu")
    port = load("torch")
    assert "mean_cpu" not in port.describe().operations
    with pytest.raises(NotOffered, match="torch has no function mean_cpu"):
        port.run(Call("mean_cpu", DIALECTS["darknet"], {"x": X}))


@pytest.mark.parametrize("train", [True, False])
def test_the_pytorch_dialect_is_what_pytorch_computes(port: Implementation, train: bool) -> None:
    torch = pytest.importorskip("torch")
    rng, shape, how = np.random.default_rng(3), (4, 3, 10), attributes((4, 3, 10), train)
    x, delta = (rng.normal(1, 2, shape).astype(np.float32) for _ in range(2))
    start = {**fresh(port, "pytorch", shape), "scales": rng.uniform(0.5, 2, 3).astype(np.float32),
             "biases": rng.normal(size=3).astype(np.float32)}  # fmt: skip
    start["rolling_mean"] = rng.normal(size=3).astype(np.float32)
    leaf, weight, bias = (torch.tensor(a, requires_grad=True) for a in (x, start["scales"], start["biases"]))
    running = torch.tensor(start["rolling_mean"]), torch.tensor(start["rolling_variance"])
    y = torch.nn.functional.batch_norm(leaf, *running, weight, bias, training=train)
    y.backward(torch.tensor(delta))
    state = step(port, FORWARD, "pytorch", start, how, input=x)
    if not train:  # DarkNet's layer keeps no x of an inference forward elsewhere
        assert np.array_equal(state["x"], x)
    after = step(port, BACKWARD, "pytorch", state, how, delta=delta)
    pairs = [(state["output"], y.detach()), (state["rolling_mean"], running[0]),
             (state["rolling_variance"], running[1]), (after["delta"], leaf.grad),
             (after["scale_updates"], weight.grad), (after["bias_updates"], bias.grad)]  # fmt: skip
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-4, atol=1e-5)
