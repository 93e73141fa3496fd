"""A port of ten lines that calls a framework conforms in the framework's dialect: without labels, without notes."""

from __future__ import annotations

from pathlib import Path

import pytest

import darkparity
from darkparity.dialects import dialect

PORTS = Path(__file__).parent / "ports"
#: Port -> its dialect, and another that it does not compute.
DIALECTS = {
    "torch": ("pytorch", "keras"),
    "keras": ("keras", "pytorch"),
    "flax": ("flax", "pytorch"),
    "onnxruntime": ("onnx", "darknet"),
    "opencv": ("opencv", "opencv(epsilon=1e-5)"),
}
#: What folding, E[x^2] - E[x]^2 and m = 1 need to be told apart; a framework that compiles every shape gets no more.
CASES = ("*tiny*", "*around_4096", "large_mean_small_spread", "channels_of_different_size", "one_element_per_channel",
         "inference_far_from_mean", "ordinary*")  # fmt: skip
PACKAGES = {"onnxruntime": "onnx", "opencv": "cv2"}


def checked(name: str, row: str) -> darkparity.Run:
    pytest.importorskip(PACKAGES.get(name, name))
    return darkparity.check(str(PORTS / f"{name}_port.py"), dialect=row, cases=CASES)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.filterwarnings("ignore")
def test_it_conforms_in_its_dialect(name: str) -> None:
    run = checked(name, DIALECTS[name][0])
    assert run.exit_code == 0, run.failures
    assert run.header.implementations[0].labels == ()
    assert sum(r.word == "conforms" for r in run.results) >= 3


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.filterwarnings("ignore")
def test_it_deviates_in_another(name: str) -> None:
    """The control."""
    assert checked(name, DIALECTS[name][1]).exit_code == 1


def test_torch_conforms_in_a_dialect_of_ones_own(tmp_path: Path) -> None:
    """YOLO's constants, said in Python, in the port, in a file and as a preset."""
    pytest.importorskip("torch")
    text = (PORTS / "torch_port.py").read_text("utf-8").replace("biases), train)", "biases), train, 0.03, 1e-3)")
    path, row = tmp_path / "port.py", dialect("pytorch(epsilon=1e-3,momentum=0.03)")
    path.write_text(text, "utf-8")
    (tmp_path / "mine.toml").write_text('base = "pytorch"\nepsilon = 1e-3\nmomentum = 0.03\n', "utf-8")
    for given in (row, row.name, str(tmp_path / "mine.toml"), "yolov7", {"base": "pytorch", "epsilon": 1e-3,
                                                                       "momentum": 0.03}):  # fmt: skip
        assert darkparity.check(str(path), dialect=given, cases="*tiny*").exit_code == 0
    assert darkparity.check(str(path), dialect="pytorch", epsilon=1e-3, momentum=0.03, cases="*tiny*").conforms
    assert darkparity.check(str(path), dialect="pytorch", epsilon=1e-3, cases="*tiny*").exit_code == 1
    for declared in ("'mine.toml'", "dict(base='pytorch', epsilon=1e-3, momentum=.03)", f"'{row.name}'"):
        path.write_text(text.replace('"pytorch")', f"{declared})"), "utf-8")
        run = darkparity.check(str(path), cases="*tiny*")
        assert run.exit_code == 0
        assert {r.dialect for r in run.results} == {row.name}
