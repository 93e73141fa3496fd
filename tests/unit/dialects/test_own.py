"""Dialects of one's own: what may be said, what is refused, and that the name says it all."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from darkparity.cases import cases_of
from darkparity.dialects import DIALECTS, KNOWN, PRESETS, Dialect, Epsilon, Rolling, dialect, is_named, named
from darkparity.dialects.constants import float32, shortest
from darkparity.dialects.values import values
from darkparity.errors import UsageError
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Conforms
from darkparity.problems.select import live
from support import shipped

TENTH = float32(0.1)


@pytest.mark.parametrize(("text", "name"), [
    ("pytorch(epsilon=0.001,momentum=0.03)", "pytorch(epsilon=0.001,momentum=0.03)"),
    ("pytorch( momentum = 3e-2, epsilon=1e-3 )", "pytorch(epsilon=0.001,momentum=0.03)"),
    ("pytorch(momentum=0.97,momentum_convention=darknet)", "pytorch(momentum=0.03)"),
    ("keras(momentum=0.03,momentum_convention='pytorch')", "keras(momentum=0.97)"),
    ("darknet(momentum=0.1,momentum_convention=pytorch)", "darknet(rolling_decay=0.9,rolling_gain=0.1)"),
    ("pytorch(epsilon=1e-5)", "pytorch"),
    ("pytorch()", "pytorch"),
    ("darknet(epsilon=1e-5)", "darknet(epsilon=1e-05)"),
    ("darknet-gpu(backward_epsilon=1e-6,ddof=0)", "darknet-gpu(backward_epsilon=1e-06,ddof=0)"),
    ("pytorch(ddof=0)", "pytorch(rolling_ddof=0)"),
    ("pytorch(epsilon=1e-3,normalize_epsilon=1e-4)",
     "pytorch(backward_epsilon=0.001,normalize_epsilon=0.0001)"),
    ("alexeyab(rolling_connected=none)", "alexeyab(rolling_connected=none)"),
    ("darknet(bias_gradient=CONNECTED+BATCHNORM)", "darknet(bias_gradient=BATCHNORM+CONNECTED)"),
    ("darknet(bias_gradient=none,saves_x=training,routines=False)",
     "darknet(saves_x=training,bias_gradient=none,routines=false)"),
    ("yolov5(epsilon=1e-5)", "yolov5(epsilon=1e-05)"),
])  # fmt: skip
def test_the_name_is_the_shortest_that_says_it(text: str, name: str) -> None:
    row = dialect(text)
    assert row.name == name
    assert named(name) == row == dialect(row)


def test_epsilon_means_the_layer_where_there_is_one() -> None:
    """PyTorch has one epsilon; DarkNet's forward has its own."""
    layer = dialect("pytorch(epsilon=1e-3)")
    assert {layer.normalize, layer.mean_delta, layer.variance_delta, layer.normalize_delta} == {Epsilon(1e-3, "inside")}
    forward = dialect("darknet(epsilon=1e-3)")
    assert (forward.normalize, forward.mean_delta) == (Epsilon(1e-3, "outside"), DIALECTS["darknet"].mean_delta)


def test_momentum_is_the_weight_that_the_base_means() -> None:
    assert dialect("pytorch(momentum=0.03)").rolling == Rolling(0.97, 0.03)
    assert dialect("keras(momentum=0.97)").rolling == Rolling(0.97, 0.03)
    complement = dialect("onnx(momentum=0.97)").rolling  # ONNX forms it in float32
    assert complement == Rolling(0.97, 1 - float32(0.97)) != Rolling(0.97, 0.03)
    connected = dialect("alexeyab(momentum=0.05,momentum_convention=pytorch)")
    assert connected.rolling_of("CONNECTED") == connected.rolling == Rolling(0.95, 0.05)


@pytest.mark.parametrize(("text", "says"), [
    ("pytoch", "no dialect 'pytoch'; did you mean pytorch"),
    ("pytoch(epsilon=1)", "no dialect 'pytoch'; did you mean pytorch"),
    ("pytorch(epsilo=1)", "a dialect has no 'epsilo'; did you mean epsilon"),
    ("pytorch(epsilon=1", "'\\(' was never closed; write it like pytorch\\("),
    ("pytorch(epsilon=1)x", "write it like"),
    ("pytorch(1e-3)", "every value needs its name"),
    ("pytorch(**x)", "every value needs its name"),
    ("pytorch(epsilon=1,epsilon=2)", "epsilon is given twice|repeated"),
    ("pytorch(epsilon=open('x'))", "epsilon must be a number or a word"),
    ("pytorch(epsilon=[1])", "epsilon must be a number or a word"),
    ("pytorch(epsilon=1e99)", "epsilon is 1e\\+99, must be a number that float32 holds"),
    ("pytorch(epsilon=1e-60)", "which float32 rounds to 0"),
    ("pytorch(epsilon=-1)", "epsilon is '-1', must be at least 0"),
    ("pytorch(epsilon=true)", "must be a number"),
    ("pytorch(epsilon_place=beside)", "must be one of inside, outside"),
    ("pytorch(momentum=99)", "momentum is 99, must be at least 0 and at most 1"),
    ("darknet(momentum=.1)", "momentum_convention pytorch .of the new value. or darknet"),
    ("caffe(momentum=.1,momentum_convention=pytorch)", "divided by their weight; give rolling_decay"),
    ("pytorch(momentum_convention=darknet)", "give momentum, too"),
    ("pytorch(momentum=.1,momentum_convention=none)", "must be pytorch or darknet .as in Keras"),
    ("pytorch(variance_ddof=0.5)", "variance_ddof is 0.5, must be a whole number"),
    ("pytorch(variance_ddof=-1)", "must be a whole number"),
    ("pytorch(saves_x_norm=maybe)", "must be true or false"),
    ("pytorch(normalize=x)", "normalize_epsilon is 'x', must be a number"),
    ("pytorch(rolling=0.9)", "rolling is 0.9, has parts: give rolling_decay, rolling_gain"),
    ("pytorch(rolling_connected=3)", "has parts: give rolling_connected_decay"),
    ("pytorch(bias_gradient=CONECTED)", "must be one of BATCHNORM, CONVOLUTIONAL, CONNECTED"),
    ("pytorch(backward=three_term)", "makes no sense with backward three_term"),
    ("(" * 5000, "longer than 2000 characters"),
    ("pytorch(epsilon=" + "-" * 1500 + "1)", "must be a number"),
    ("nothing.toml", "nothing.toml: cannot be read"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        dialect(text)


@pytest.mark.parametrize("given", [3, None, ["pytorch"], Dialect, object()])
def test_what_is_no_dialect_is_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="must be a name, an expression, a path"):
        dialect(given)


def test_names_in_files_and_messages_are_no_paths(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('base = "pytorch"\n')
    assert dialect(str(path)).name == "pytorch"
    assert not is_named(str(path))
    assert not is_named("of-a-newer-version")


def test_a_file_and_a_mapping_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('base = "pytorch"\nname = "mine"\nsource = "train.py"\nepsilon = 1e-3\n[rolling]\ndecay = 0.5\n')
    row = dialect("mine.toml", tmp_path)
    assert row.name == "pytorch(epsilon=0.001,rolling_decay=0.5)"
    assert row.summary.startswith("mine: pytorch with epsilon 0.001")
    assert row.sources["rolling"] == row.sources["normalize"] == "train.py"
    given = {"base": "pytorch", "name": "mine", "source": "train.py", "epsilon": 1e-3, "rolling": {"decay": 0.5}}
    assert dialect(given) == row
    for rolling in (Rolling(0.5, 0.1), (0.5, 0.1), [0.5, 0.1]):
        assert Dialect.based_on("pytorch", epsilon=1e-3, rolling=rolling).name == row.name


def test_a_number_alone_is_the_value_of_an_epsilon() -> None:
    assert dialect("pytorch(normalize=1e-3)").normalize == Epsilon(1e-3, "inside")
    assert Dialect.based_on("pytorch", normalize=(1e-3, "outside")).normalize == Epsilon(1e-3, "outside")


@pytest.mark.parametrize(("content", "says"), [
    (b"", "base is missing, must be one of darknet"),
    (b"base = 3\n", "base is 3"),
    (b'base = "pytorh"\n', "mine.toml: no dialect 'pytorh'; did you mean pytorch"),
    (b'base = "mine.toml"\n', "no dialect 'mine.toml'"),
    (b"base = pytorch\n", "mine.toml: is no TOML: .*line 1"),
    (b'base = "pytorch"\nepsilon = "x"\n', "mine.toml: epsilon is 'x', must be a number"),
    (b'base = "pytorch"\n[normalize]\nepsilno = 1\n', "no 'normalize_epsilno'; did you mean normalize_epsilon"),
    (b"\xff\n", "byte 0 is no UTF-8"),
    (b"#" * 70000, "longer than 65536 bytes"),
    (b"a = " + b"[" * 5000, "is no TOML"),
])  # fmt: skip
def test_a_wrong_file_is_refused_with_its_place(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(UsageError, match=says):
        dialect("mine.toml", tmp_path)


def test_every_value_can_be_set_and_read_back() -> None:
    """A new field of a row is settable without a word about it elsewhere."""
    other: dict[type, Any] = {bool: lambda v: not v, int: lambda v: v + 1, float: lambda v: v + 0.5}
    for name, value in values().items():
        base = DIALECTS["alexeyab-cudnn" if name != "rolling_connected_decay" else "alexeyab"]
        held = value.of(base)
        words = type(held) if hasattr(type(held), "__members__") else None
        new = next(w for w in words if w != held) if words else other.get(type(held), lambda _: 0.25)(held)
        new = frozenset({"CONNECTED"}) if isinstance(held, frozenset) else new
        extra = {"backward": "inverse_std"} if name != "backward" else {"saved_statistic": "variance"}
        row = Dialect.based_on(base, **{**extra, name: new})
        assert value.of(row) == value.of(named(row.name)) == (float32(new) if isinstance(new, float) else new), name


def test_a_float_is_written_as_short_as_float32_allows() -> None:
    rng = random.Random(7)
    for value in [0.001, 1e-5, 0.03, 1e-38, 3.4e38, *(rng.uniform(0, 1) ** 9 for _ in range(200))]:
        assert float32(float(shortest(value))) == float32(value)
    assert (shortest(float32(1e-3)), shortest(TENTH), shortest(1 - float32(0.9))) == ("0.001", "0.1", "0.100000024")


def test_slugs_stand_in_file_names() -> None:
    assert dialect("pytorch(epsilon=1e-3,momentum=.03)").slug == "pytorch+epsilon_0.001+momentum_0.03"
    assert all(row.slug == name for name, row in KNOWN.items())
    long = Dialect.based_on("darknet", saves_x="training", epsilon=1e-3, epsilon_place="inside", backward_epsilon=1e-4,
                            rolling_decay=0.5, initial_rolling_variance=0.25)  # fmt: skip
    assert len(long.slug) < 40 < len(long.name)
    assert long.slug.startswith("darknet+")


@pytest.mark.parametrize("name", PRESETS)
def test_presets_differ_from_a_framework_by_their_constants(name: str) -> None:
    row = PRESETS[name]
    assert row.name == name not in DIALECTS
    assert row.normalize == Epsilon(1e-3, "inside")
    same = [d.name for d in DIALECTS.values() if Dialect.based_on(d, epsilon=1e-3).rolling_ddof == row.rolling_ddof]
    assert same
    assert any("@" in text for text in row.sources.values())


def test_yolo_is_pytorch_with_its_constants() -> None:
    row = PRESETS["yolov5"]
    expected = Dialect.based_on("pytorch", epsilon=1e-3, momentum=0.03)
    assert {n: v.of(row) for n, v in values().items()} == {n: v.of(expected) for n, v in values().items()}


@pytest.mark.parametrize("text", [
    "yolov5", "darknet(epsilon=1e-3,backward_epsilon_place=outside,rolling_decay=0.5)",
    "keras(rolling_updated_in=backward,least_divisor=1,bias_gradient=none)", "alexeyab(saves_x_norm=false)",
])  # fmt: skip
def test_an_implementation_that_takes_the_row_conforms_in_it(text: str) -> None:
    row, who = dialect(text), Participant.of(shipped("numpy"))
    asked = [c for c in cases_of(row) if c.name in ("tiny_variance", "connected", "modes_switching", "ordinary")]
    assert len(asked) > 4
    for case in asked:
        assert isinstance(ask(who, live(case, row))[0].verdict, Conforms), case.name
