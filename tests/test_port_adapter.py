"""The adapter: how a plain function is called, what it may return, and what is caught."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import (
    EnvironmentChanged,
    ImplementationImportError,
    Implementation,
    NotInstalled,
    Port,
    PortError,
    ProtocolError,
    UnknownImplementation,
    Unsupported,
    available,
    load,
    numpy_port,
    registry,
)
from darkparity.spec import BACKWARD, FORWARD, MAKE, ContractError, inputs_of, outputs_of

DARKNET = DIALECTS["darknet"]
X = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
MEAN = {"x": X}
LAYER = {"type": "BATCHNORM", "train": True, "out_h": 1, "out_w": 2}


def port_of(**functions: Any) -> Port:
    return Port(types.SimpleNamespace(**functions), name="inline")


def forward_inputs(**how: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    attributes = {**LAYER, **how}
    rng = np.random.default_rng(0)
    full = ("input", "output", "x", "x_norm")
    names = inputs_of(FORWARD, attributes)
    shapes = {n: X.shape if n in full else (3,) for n in names}
    return {n: rng.uniform(1, 2, shapes[n]).astype(np.float32) for n in names}, attributes


def expected_forward(arrays: dict[str, np.ndarray], attributes: dict[str, Any]) -> dict[str, np.ndarray]:
    return load("numpy").run(FORWARD, DARKNET, arrays, attributes)


def mean_array(x):
    return x.mean(axis=(0, 2))


def mean_in_place(x, batch, filters, spatial, mean):
    for f in range(filters):
        mean[f] = 0
        for b in range(batch):
            for i in range(spatial):
                mean[f] += x[b, f, i]
        mean[f] *= np.float32(1.0 / (batch * spatial))


@pytest.mark.parametrize(
    "function",
    [
        mean_array,
        mean_in_place,
        lambda x: (x.mean(axis=(0, 2)),),
        lambda x: [x.mean(axis=(0, 2))],
        lambda x: {"mean": x.mean(axis=(0, 2))},
        lambda x, n, size, c: x.reshape(-1, n, size).mean(axis=(0, 2)) * (n == c),
        lambda x, /, *rest: x.mean(axis=(0, 2)),
        lambda **names: names["x"].mean(axis=(0, 2)),
        lambda x, axis=(0, 2): x.mean(axis=axis),
        lambda x: np.asfortranarray(np.stack([x.mean(axis=(0, 2))] * 2))[0],
    ],
)
def test_every_style_of_a_function_is_understood(function: Callable[..., Any]) -> None:
    got = port_of(mean_cpu=function).run("mean_cpu", DARKNET, MEAN, {})
    assert list(got) == ["mean"] and got["mean"].tolist() == [3.5, 5.5, 7.5]


def test_tensors_on_the_cpu_are_taken_as_they_are() -> None:
    torch = pytest.importorskip("torch")
    port = port_of(mean_cpu=lambda x: torch.tensor(x, requires_grad=True).mean(dim=(0, 2)))
    assert port.run("mean_cpu", DARKNET, MEAN, {})["mean"].tolist() == [3.5, 5.5, 7.5]
    wide = port_of(mean_cpu=lambda x: torch.tensor(x).double().mean(dim=(0, 2)))
    with pytest.raises(ProtocolError, match="expected float32, got float64"):
        wide.run("mean_cpu", DARKNET, MEAN, {})
    half = port_of(mean_cpu=lambda x: torch.tensor(x).bfloat16().mean(dim=(0, 2)))
    with pytest.raises(ProtocolError, match="Tensor cannot be read"):
        half.run("mean_cpu", DARKNET, MEAN, {})


@pytest.mark.parametrize("kind", ["BATCHNORM", "CONVOLUTIONAL"])
def test_a_c_like_layer_function_that_writes_into_its_arguments(kind: str) -> None:
    arrays, attributes = forward_inputs(type=kind)

    def forward(type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean,
                rolling_variance, out_h, out_w, h, w):  # fmt: skip
        assert (out_h, out_w) == (h, w) == (1, 2)
        assert np.isnan(output).all() == (type == "BATCHNORM") and np.isnan(input).all() != (type == "BATCHNORM")
        given = dict(zip(names, (input, output, x, x_norm, scales, biases, mean, variance,
                                 rolling_mean, rolling_variance), strict=True))  # fmt: skip
        result = numpy_port.forward_batchnorm_layer(type, train, *given.values(), dialect=DARKNET)
        for name, array in result.items():
            given[name][...] = array

    names = ("input", "output", "x", "x_norm", "scales", "biases", "mean", "variance",
             "rolling_mean", "rolling_variance")  # fmt: skip
    got = port_of(forward_batchnorm_layer=forward).run(FORWARD, DARKNET, arrays, attributes)
    wanted = expected_forward(arrays, attributes)
    assert list(got) == list(wanted)
    assert all(np.array_equal(got[name], wanted[name]) for name in wanted)


def test_returning_one_array_and_changing_others_in_place() -> None:
    arrays, attributes = forward_inputs()

    def forward(input, x, mean):
        x[...] = input
        mean[...] = np.nan
        return input * np.float32(2)

    got = port_of(forward_batchnorm_layer=forward).run(FORWARD, DARKNET, arrays, attributes)
    assert list(got) == ["output", "x", "mean"]  # the others were not observed
    assert np.isnan(got["mean"]).all() and np.array_equal(got["x"], arrays["input"])


def test_a_tuple_in_specification_order_may_leave_outputs_out_with_none() -> None:
    arrays, attributes = forward_inputs()
    names = outputs_of(FORWARD, attributes, DARKNET)
    port = port_of(
        forward_batchnorm_layer=lambda input, mean: (input + 1, None, None, mean, None, None, None)
    )
    assert list(port.run(FORWARD, DARKNET, arrays, attributes)) == ["output", "mean"]
    assert names[3] == "mean"


def test_wanted_outputs_are_selected() -> None:
    arrays, attributes = forward_inputs()
    got = load("numpy").run(FORWARD, DARKNET, arrays, attributes, outputs=["mean", "output"])
    assert set(got) == {"mean", "output"}
    with pytest.raises(ContractError, match="no output means"):
        load("numpy").run(FORWARD, DARKNET, arrays, attributes, outputs=["means"])


def test_make_gets_sizes_and_empty_buffers() -> None:
    def make(c, w, h, batch, scales, rolling_mean, output):
        assert output.shape == (2, c, w * h) and np.isnan(output).all()
        scales[:], rolling_mean[:], output[:] = 1, 0, 0

    got = port_of(make_batchnorm_layer=make).run(MAKE, DARKNET, {}, {"batch": 2, "w": 4, "h": 5, "c": 3})
    assert set(got) == {"scales", "rolling_mean", "output"} and got["output"].shape == (2, 3, 20)


def test_results_do_not_change_when_a_port_reuses_its_buffer() -> None:
    buffer = np.zeros(3, np.float32)

    def mean_cpu(x):
        buffer[:] = x.mean(axis=(0, 2))
        return buffer

    port = port_of(mean_cpu=mean_cpu)
    first = port.run("mean_cpu", DARKNET, MEAN, {})["mean"]
    port.run("mean_cpu", DARKNET, {"x": X * np.float32(2)}, {})
    assert first.tolist() == [3.5, 5.5, 7.5]


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (np.zeros(3), "mean: expected float32, got float64"),
        (np.zeros(3, ">f4"), "mean: expected float32, got >f4"),
        (np.zeros((3, 1), np.float32), r"mean: expected shape \(3,\), got \(3, 1\)"),
        (np.float32(1), r"mean: expected shape \(3,\), got \(\)"),
        (1.5, "mean: expected a float32 array, got float"),
        ({"means": np.zeros(3, np.float32)}, "unknown array.s. means; its outputs are mean"),
        ((np.zeros(3, np.float32),) * 2, "returned 2 values, expected 1: mean"),
        (None, "returned None and takes none of its output arrays"),
    ],
)
def test_what_is_no_output_is_refused_by_name(returned: Any, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        port_of(mean_cpu=lambda x: returned).run("mean_cpu", DARKNET, MEAN, {})


def test_a_modified_input_is_caught_and_the_callers_array_survives() -> None:
    def mean_cpu(x):
        x[0, 0, 0] = 99
        return x.mean(axis=(0, 2))

    before = X.copy()
    with pytest.raises(EnvironmentChanged, match="mean_cpu changed x, which it may only read"):
        port_of(mean_cpu=mean_cpu).run("mean_cpu", DARKNET, MEAN, {})
    assert np.array_equal(X, before)


def test_a_sign_or_nan_payload_is_a_change_too() -> None:
    def mean_cpu(x):
        x[x == 0] = -0.0
        return x.mean(axis=(0, 2))

    with pytest.raises(EnvironmentChanged):
        port_of(mean_cpu=mean_cpu).run("mean_cpu", DARKNET, MEAN, {})


def test_flushing_subnormals_is_caught() -> None:
    torch = pytest.importorskip("torch")
    if not torch.set_flush_denormal(True):
        pytest.skip("this CPU has no flush-to-zero mode")
    torch.set_flush_denormal(False)

    def mean_cpu(x):
        torch.set_flush_denormal(True)
        return x.mean(axis=(0, 2))

    port = port_of(mean_cpu=mean_cpu)
    try:
        with pytest.raises(EnvironmentChanged, match="by mean_cpu: subnormal numbers are flushed"):
            port.run("mean_cpu", DARKNET, MEAN, {})
        with pytest.raises(EnvironmentChanged, match="before mean_cpu was called"):
            port.run("mean_cpu", DARKNET, MEAN, {})
    finally:
        torch.set_flush_denormal(False)


@pytest.mark.skipif(not Path("/proc").exists(), reason="uses glibc's fesetround")
def test_a_rounding_mode_left_behind_is_caught() -> None:
    import ctypes
    import ctypes.util
    import platform

    up = {"x86_64": 0x800, "aarch64": 0x400000}.get(platform.machine())
    library = ctypes.util.find_library("m")
    if up is None or library is None:
        pytest.skip("rounding constants known for x86-64 and AArch64 only")
    libm = ctypes.CDLL(library)

    def mean_cpu(x):
        libm.fesetround(up)
        return x.mean(axis=(0, 2))

    try:
        with pytest.raises(EnvironmentChanged, match="rounding is not to nearest"):
            port_of(mean_cpu=mean_cpu).run("mean_cpu", DARKNET, MEAN, {})
    finally:
        libm.fesetround(0)


def test_a_port_without_dialect_parameter_has_one_dialect() -> None:
    port = port_of(mean_cpu=mean_array)
    assert port.describe().dialects == ("darknet",)
    with pytest.raises(Unsupported, match="inline computes darknet, not pytorch"):
        port.run("mean_cpu", DIALECTS["pytorch"], MEAN, {})
    named = port_of(mean_cpu=mean_array, DARKPARITY={"dialect": "alexeyab", "name": "mine", "labels": ("ieee",)})
    described = named.describe()
    assert (described.name, described.dialects, described.labels) == ("mine", ("alexeyab",), {"ieee"})
    judged = Port(types.SimpleNamespace(mean_cpu=mean_array), dialect="pytorch")
    assert judged.describe().dialects == ("pytorch",)


def test_a_dialect_parameter_means_every_dialect_unless_declared() -> None:
    def mean_cpu(x, dialect):
        return x.mean(axis=(0, 2)) + np.float32(dialect.variance_ddof)

    port = port_of(mean_cpu=mean_cpu)
    assert port.describe().dialects == tuple(DIALECTS)
    assert port.run("mean_cpu", DARKNET, MEAN, {})["mean"][0] == 4.5
    declared = port_of(mean_cpu=mean_cpu, DARKPARITY={"dialect": ("darknet", "pytorch")})
    assert declared.describe().dialects == ("darknet", "pytorch")


def test_a_missing_function_is_unsupported() -> None:
    port = port_of(mean_cpu=mean_array)
    assert port.describe().operations == ("mean_cpu",)
    with pytest.raises(Unsupported, match="inline has no function variance_cpu"):
        port.run("variance_cpu", DARKNET, {"x": X, "mean": np.zeros(3, np.float32)}, {})


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"mean_cpu": lambda x, epsilon: x}, "mean_cpu: unknown parameter 'epsilon'; it may ask for x, mean, batch"),
        ({"mean_cpu": lambda x, out_h: x}, "unknown parameter 'out_h'"),
        ({"scal_cpu": lambda X, n: X}, "scal_cpu: unknown parameter 'n'; it may ask for X, N, ALPHA, INCX, dialect"),
        ({"avg": mean_array}, "none of its functions is named like an operation; operations are copy_cpu"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"dialekt": "x"}}, "DARKPARITY has unknown dialekt"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"dialect": "yolo"}}, "unknown dialect 'yolo'; known: darknet"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"dialect": None}}, "no function takes `dialect`"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"labels": ("exact",)}}, "labels must be a tuple out of two_pass"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"labels": "ieee"}}, "labels must be a tuple"),
        ({"mean_cpu": mean_array, "DARKPARITY": ["ieee"]}, "DARKPARITY is a list, must be a dict"),
    ],
)  # fmt: skip
def test_a_port_that_cannot_work_is_refused_when_loaded(names: dict[str, Any], message: str) -> None:
    with pytest.raises(PortError, match=message):
        port_of(**names)


def test_a_class_is_instantiated() -> None:
    class Mine:
        def __init__(self) -> None:
            self.axes = (0, 2)

        def mean_cpu(self, x):
            return x.mean(axis=self.axes)

    port = Port(Mine)
    assert port.describe().name == "Mine"
    assert port.run("mean_cpu", DARKNET, MEAN, {})["mean"][0] == 3.5


# ---- every implementation refuses the same inputs alike


def bad_calls() -> dict[str, tuple[str, dict[str, Any], dict[str, Any], str]]:
    def normalize(x: Any, c: int = 3) -> dict[str, Any]:
        return {"x": x, "mean": np.zeros(c, np.float32), "variance": np.ones(c, np.float32)}

    arrays, attributes = forward_inputs()
    blas = {"N": 3, "INCX": 2, "ALPHA": 1.0}
    return {
        "batch 0": ("normalize_cpu", normalize(np.zeros((0, 3, 2), np.float32)), {}, "must be at least 1"),
        "no spatial": ("mean_cpu", {"x": np.zeros((2, 3, 0), np.float32)}, {}, "must be at least 1"),
        "float64": ("mean_cpu", {"x": X.astype(np.float64)}, {}, "dtype float64, needs native float32"),
        "a list": ("mean_cpu", {"x": X.tolist()}, {}, "x is a list"),
        "transposed": ("mean_cpu", {"x": X.transpose(2, 1, 0)}, {}, "not C-contiguous"),
        "rank 4": ("mean_cpu", {"x": X.reshape(2, 3, 2, 1)}, {}, "needs .batch, channels, spatial."),
        "channels": ("normalize_cpu", normalize(X, 4), {}, "mean has shape .4,., x has 3 channels"),
        "missing": ("normalize_cpu", {"x": X}, {}, "missing array.s. mean, variance"),
        "unexpected": ("mean_cpu", {"x": X, "y": X}, {}, "unexpected array.s. y"),
        "too short": ("scal_cpu", {"X": np.zeros(4, np.float32)}, blas, "needs at least 5"),
        "attribute": ("scal_cpu", {"X": np.zeros(4, np.float32)}, {"N": 4}, "attributes"),
        "geometry": (FORWARD, arrays, {**attributes, "out_w": 3}, "out_h.out_w = 3 but"),
        "connected": (FORWARD, forward_inputs(type="CONNECTED")[0], {**attributes, "type": "CONNECTED"},
                      "CONNECTED layer has out_h = out_w = 1"),
        "layer type": (FORWARD, arrays, {**attributes, "type": "YOLO"}, "'YOLO' must be one of"),
    }  # fmt: skip


@pytest.mark.parametrize("fault", bad_calls())
def test_bad_input_is_the_same_error_everywhere(fault: str) -> None:
    operation, arrays, attributes, message = bad_calls()[fault]
    answers = set()
    implementations: list[Implementation] = [load(i.name) for i in available() if i.installed]
    for implementation in [*implementations, port_of(mean_cpu=mean_array)]:
        with pytest.raises(ContractError, match=message) as caught:
            implementation.run(operation, DARKNET, arrays, attributes)
        answers.add(str(caught.value))
    assert len(answers) == 1


@pytest.mark.parametrize("name", [i.name for i in available() if i.installed])
def test_read_only_arrays_are_fine_and_left_alone(name: str) -> None:
    arrays, attributes = forward_inputs(type="CONVOLUTIONAL")
    for array in arrays.values():
        array.flags.writeable = False
    load(name).run(FORWARD, DARKNET, arrays, attributes)


# ---- names


def test_shipped_names_load() -> None:
    assert load("numpy").describe().name == "numpy"
    states = {state.name: state for state in available()}
    assert list(states) == ["cpp", "numpy", "torch"] and states["numpy"].installed
    assert all(state.installed != bool(state.reason) for state in states.values())


def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotInstalled, match=r"pip install 'darkparity\[torch\]'"):
        load("torch")
    monkeypatch.setattr(registry, "_CPP", "darkparity.implementations.nothing_here")
    with pytest.raises(NotInstalled, match="pip install darkparity"):
        load("cpp")


def test_a_device_that_is_not_there() -> None:
    torch = pytest.importorskip("torch")
    assert load("torch@cpu").describe().name == "torch"
    with pytest.raises(UnknownImplementation, match="no device 'tpu'; devices: cpu, cuda, mps"):
        load("torch@tpu")
    with pytest.raises(UnknownImplementation, match="it runs on the CPU only"):
        load("numpy@cuda")
    if not torch.cuda.is_available():
        with pytest.raises(NotInstalled, match="cannot use device 'cuda'"):
            load("torch@cuda")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nunpy", "did you mean numpy"),
        ("no.such.module", "no implementation and no module 'no.such.module'"),
        ("math.sin", "no implementation and no module 'math.sin'"),
        ("not a name", "no implementation and no module"),
        ("missing/port.py", "no file missing/port.py"),
        ("darkparity.implementations.numpy_port:mean_cpus", "no 'mean_cpus' there; did you mean mean_cpu"),
    ],
)
def test_misspelt_names(text: str, message: str) -> None:
    with pytest.raises(UnknownImplementation, match=message):
        load(text)


def test_a_copied_port_is_read_afresh_every_time(tmp_path: Path) -> None:
    source = Path(numpy_port.__file__).read_text()
    path = tmp_path / "port.py"
    path.write_text(source)
    assert load(str(path)).run("mean_cpu", DARKNET, MEAN, {})["mean"][0] == 3.5
    line = "return _sum(x) / _count(x)"
    assert line in source
    path.write_text(source.replace(line, "return _sum(x) * _count(x)"))
    assert load(str(path)).run("mean_cpu", DARKNET, MEAN, {})["mean"][0] == 56
    assert sorted(p.name for p in tmp_path.iterdir()) == ["port.py"]


def test_objects_in_files_and_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "neighbour.py").write_text("AXES = (0, 2)\n")
    (tmp_path / "mine.py").write_text(
        "from neighbour import AXES\n"
        "class Thing:\n"
        "    def mean_cpu(self, x): return x.mean(axis=AXES)\n"
        "class Whole:\n"
        "    def describe(self): return 'described'\n"
        "    def run(self, operation, dialect, arrays, attributes, outputs=None): return {}\n"
        "def mean_cpu(x): return x.mean(axis=AXES)\n"
    )
    path = tmp_path / "mine.py"
    assert load(str(path)).describe().name == "mine"
    assert load(f"{path}:Thing").describe().name == "Thing"
    assert load(f"{path}:Whole").describe() == "described"  # an Implementation is taken as it is
    monkeypatch.chdir(tmp_path)
    assert load("mine:Thing").run("mean_cpu", DARKNET, MEAN, {})["mean"][0] == 3.5
    assert load("mine", dialect="alexeyab").describe().dialects == ("alexeyab",)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import package_that_is_not_there", "port.py failed: ModuleNotFoundError"),
        ("1 / 0", "port.py failed: ZeroDivisionError"),
        ("def mean_cpu(x:", "port.py failed: SyntaxError"),
    ],
)
def test_a_file_that_fails_to_import_keeps_its_own_error(tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "port.py").write_text(source)
    with pytest.raises(ImplementationImportError, match=message) as caught:
        load(str(tmp_path / "port.py"))
    assert caught.value.__cause__ is not None


def test_unneeded_backward_buffers_are_scratch() -> None:
    """cuDNN's dialects have no mean_delta: a function with DarkNet's whole list of buffers still runs."""

    def backward(delta, scales, mean_delta, variance_delta, net_delta, dialect, x_norm=None):
        assert np.isnan(mean_delta).all() and mean_delta.shape == (3,) and net_delta.shape == X.shape
        return {"delta": delta * scales[:, None]}

    row, attributes = DIALECTS["darknet-cudnn"], {**LAYER, "type": "CONVOLUTIONAL"}
    shapes = {n: X.shape if n in ("delta", "x", "x_norm") else (3,) for n in inputs_of(BACKWARD, attributes)}
    arrays = {n: np.ones(shape, np.float32) for n, shape in shapes.items()}
    assert list(port_of(backward_batchnorm_layer=backward).run(BACKWARD, row, arrays, attributes)) == ["delta"]
