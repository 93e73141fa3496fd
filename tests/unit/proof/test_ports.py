"""How ports written by hand are scored, and that their constants can be believed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from darkparity.dialects import DIALECTS
from darkparity.proof.ports import SETS, Answer, Port, Score, _matches, asked, main, ports_in, read, score, totals
from support import ROOT

WRONG = ports_in(ROOT / "tests" / "ports" / "wrong")
RIGHT = ports_in(ROOT / "tests" / "ports" / "honest")
PORT = Port(Path("biased.py"), right=(r"divides by m\b",))
HONEST = Port(Path("honest.py"), dialect="pytorch", other="darknet")


def scored(port: Port, *answers: Answer) -> Score:
    left = list(answers)
    return score(port, lambda port, dialect: left.pop(0))


def test_the_first_explanation_counts() -> None:
    right, other = "the variance DIVIDES BY m instead of m - 1", "epsilon is 1e-5"
    assert scored(PORT, Answer(True, ("a", "b"), (right, other))).word == "right"
    second = scored(PORT, Answer(True, ("b", "a"), (other, right)))
    assert (second.word, second.rank) == ("wrong", 1)
    assert scored(PORT, Answer(True, (), ("nothing explains these outputs",))).word == "none"
    assert scored(PORT, Answer(True, (), ("somewhere it divides by m.",))).word == "right"


def test_honest_ports_conform_and_are_not_accused() -> None:
    passes = Answer(False)
    assert scored(HONEST, passes, Answer(True, ("dialect:pytorch",), ("it is PyTorch's",))).word == "honest"
    assert scored(HONEST, passes, Answer(True, (), ("nothing explains it",))).word == "honest"
    assert scored(HONEST, passes, Answer(True, ("coarse_rsqrt",), ("an 8-bit rsqrt",))).word == "accused"
    assert scored(HONEST, passes, Answer(True, ("dialect:flax + late_x",), ("Flax's, and x late",))).word == "accused"
    assert scored(HONEST, Answer(True)).word == "accused"


def test_totals_are_shares_of_the_wrong_ports() -> None:
    scores = [
        Score("a", "right", True, 0, "", 2, 1),
        Score("b", "wrong", True, 2, "", 9, 5),
        Score("c", "none", False, None, "", 3, 2),
        Score("d", "accused", False, None, "", 3, 99),
    ]
    assert list(totals(scores).values()) == [3, 2, 33.3, 66.7, 33.3, 33.3, 2, 5, 1, 1]


def test_constants_are_read_without_running(tmp_path: Path) -> None:
    text = 'RIGHT = (r"m\\b",)\nSET = "heldout"\nDIALECT = "keras"\nraise SystemExit("run")\n'
    (tmp_path / "port.py").write_text(text, "utf-8")
    assert read(tmp_path / "port.py") == Port(tmp_path / "port.py", (r"m\b",), "heldout", "keras")
    assert not ports_in(tmp_path, "tuning")


@pytest.mark.slow
def test_a_directory_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = "def add_bias(output, biases):\n    return output {} biases[:, None]\n"
    (tmp_path / "honest.py").write_text(body.format("+"), "utf-8")
    assert main([str(tmp_path)]) == 0
    (tmp_path / "wrong.py").write_text('RIGHT = ("subtract",)\n' + body.format("-"), "utf-8")
    assert asked(read(tmp_path / "wrong.py"), "").caught
    (tmp_path / "unseen.py").write_text('RIGHT = ("no fault",)\n' + body.format("+"), "utf-8")
    assert main([str(tmp_path), "--only", "unseen"]) == 1
    assert "passes none" in capsys.readouterr().out


@pytest.mark.parametrize("port", WRONG, ids=lambda port: port.path.stem)
def test_a_wrong_port_says_what_is_wrong(port: Port) -> None:
    body = ast.parse(port.path.read_text("utf-8")).body
    causes = [
        ast.literal_eval(n.value) for n in body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "CAUSE"
    ]
    assert port.set in SETS
    assert len(causes) == 1
    assert _matches(port.right, causes[0]), "its own patterns do not name its own cause"
    assert not _matches(port.right, "no catalogued deviation, alone or with others, explains these outputs")


def test_sets_are_halves() -> None:
    sizes = [sum(port.set == name for port in WRONG) for name in SETS]
    assert WRONG
    assert abs(sizes[0] - sizes[1]) <= 2


@pytest.mark.parametrize("port", RIGHT, ids=lambda port: port.path.stem)
def test_an_honest_port_names_another_dialect(port: Port) -> None:
    declared = next(
        ast.literal_eval(keyword.value)
        for node in ast.walk(ast.parse(port.path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "dict"
        for keyword in node.keywords
        if keyword.arg == "dialect"
    )
    assert not port.right
    assert {declared, port.other} <= set(DIALECTS)
    assert port.other != declared
