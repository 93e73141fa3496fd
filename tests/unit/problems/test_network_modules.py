"""--module: somebody's network beside the .cfg; its state must be the file's and its layers DarkNet's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from darkparity.cli import main
from darkparity.problems.network.asking import OwnNetwork
from small_network import FILES, saved_network

pytest.importorskip("torch")
#: DarkNet's formula; FAULTS change it or the state by name.
NETWORK = """
import torch
from torch import nn
from darkparity.problems.network import read_cfg, read_weights
from pathlib import Path

class DarkNetNorm(nn.Module):
    def __init__(self, state, fault):
        super().__init__()
        order = ["weight", "bias", "running_mean", "running_var"]
        if fault == "swapped":
            order = ["bias", "weight", *order[2:]]
        arrays = [state[n].copy() for n in ("scales", "biases", "rolling_mean", "rolling_variance")]
        if fault == "one ULP":
            arrays[0].view("uint32")[0] += 1
        for name, array in zip(order, arrays):
            tensor = torch.from_numpy(array)
            self.register_buffer(name, tensor) if "running" in name else setattr(self, name, nn.Parameter(tensor))
        self.epsilon = 1e-2 if fault == "epsilon" else 1e-6

    def forward(self, x):
        of = lambda a: a.reshape(1, -1, 1, 1)
        mean, variance = self.running_mean, self.running_var
        if self.training:
            mean = x.mean((0, 2, 3))
            variance = x.var((0, 2, 3), correction=1)
            self.running_mean = self.running_mean * .99 + mean * .01
            self.running_var = self.running_var * .99 + variance * .01
        return (x - of(mean)) / (of(torch.sqrt(variance)) + self.epsilon) * of(self.weight) + of(self.bias)

def made(fault="", turned=False):
    network = read_cfg(Path("net.cfg"))
    weights = read_weights(Path("net.weights"), network)
    layers = [DarkNetNorm(weights.parameters(*at), fault) for at in network.normalized]
    return nn.Sequential(*(reversed(layers) if turned else layers))

right = lambda: made()
turned = lambda: made(turned=True)
"""
FAULTS = ("swapped", "one ULP", "epsilon")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnNetwork:
    monkeypatch.chdir(tmp_path)
    faults = "".join(f"{fault.replace(' ', '_')} = lambda: made({fault!r})\n" for fault in FAULTS)
    (tmp_path / "yolo.py").write_text(NETWORK + faults)
    return saved_network(tmp_path)


def checked(capsys: pytest.CaptureFixture[str], made: str, *arguments: str) -> tuple[int, dict[str, set[str]], str]:
    """Exit code, operation -> verdicts of what was recorded, notes."""
    code = main(["check", "numpy", *FILES, "--module", f"yolo.py:{made}", "--json", *arguments])
    said = json.loads(capsys.readouterr().out)
    found: dict[str, set[str]] = {}
    for cell in said["cells"]:
        if cell["implementation"] == "recorded":
            found.setdefault(cell["operation"], set()).add(cell["verdict"])
    run = [json.loads(line) for line in Path("darkparity-run.jsonl").read_text().splitlines()]
    return code, found, " ".join(run[0]["network"]["notes"])


@pytest.mark.parametrize("mode", [(), ("--mode", "training")])
def test_a_right_network_conforms_layer_by_layer(
    own: OwnNetwork, capsys: pytest.CaptureFixture[str], mode: tuple[str, ...]
) -> None:
    code, found, notes = checked(capsys, "right", *mode)
    assert (code, found) == (0, {"copy_cpu": {"conforms"}, "forward_batchnorm_layer": {"conforms"}})
    assert f"{len(own.asked)} batch norms of the module in {mode[1] if mode else 'inference'} mode" in notes


@pytest.mark.parametrize(
    ("made", "wrong", "said"),
    [
        ("swapped", {"copy_cpu", "forward_batchnorm_layer"}, "is the file's biases"),
        ("one_ULP", {"copy_cpu"}, "differs in 1 of"),
        ("epsilon", {"forward_batchnorm_layer"}, ""),
    ],
)
def test_a_wrong_network_deviates_where_it_is_wrong(
    own: OwnNetwork, capsys: pytest.CaptureFixture[str], made: str, wrong: set[str], said: str
) -> None:
    code, found, notes = checked(capsys, made)
    assert code == 1
    assert {operation for operation, verdicts in found.items() if "deviates" in verdicts} >= wrong
    assert said in notes


def test_what_does_not_fit_in_order_is_paired_by_hand(own: OwnNetwork, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["check", "numpy", *FILES, "--module", "yolo.py:turned"]
    assert main(command) == 2
    assert "say which belong together, --pair NAME=LAYER" in capsys.readouterr().err
    last = len(own.asked) - 1
    pairs = [f"--pair={last - n}={asked.layer.index}" for n, asked in enumerate(own.asked)]
    assert checked(capsys, "turned", *pairs)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*FILES, "--module", "yolo.py:right", "--pair", "9=0"), "needs NAME=LAYER; names are 0, 1"),
        ((*FILES, "--module", "yolo.py:NETWORK"), "needs a torch.nn.Module or a function"),
        ((*FILES, "--module", "yolo.py:nothing"), "no 'nothing' there"),
        (("--module", "yolo.py:right"), "is compared with --cfg and --weights"),
    ],
)
def test_wrong_input_is_said(
    own: OwnNetwork, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    if message.startswith("needs a torch"):
        Path("yolo.py").write_text("NETWORK = 3\n")
    assert main(["check", "numpy", *arguments]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
