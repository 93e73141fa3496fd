"""One's own network: .cfg and .weights of every kind, what does not fit, and a real one."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.dialects import DIALECTS
from darkparity.formats.tensor_files import InputError
from darkparity.problems.network import Network, read_cfg, read_weights
from darkparity.problems.network.asking import Source, open_network, problems_of
from darkparity.problems.network.delta_differences import delta_differences
from darkparity.problems.network.differences import FOLDED, OTHERS, differences

DEBIAN = Path("/usr/share/darknet/cfg")
CFG = """
[net]
height = 12   # DarkNet strips blanks
width=8
channels=3
[convolutional]
batch_normalize=1
filters=4
size=3
stride=2
pad=1
activation=leaky
[maxpool]
size=2
stride=1
[route]
layers=-1,0
[batchnorm]
[upsample]
stride=2
[shortcut]
from=-1
[reorg]
stride=2
[convolutional]
filters=2
groups=2
activation=linear
[connected]
batch_normalize=1
output=5
activation=linear
"""
SIZES = [(6, 4, 4), (6, 4, 4), (6, 4, 8), (6, 4, 8), (12, 8, 8), (12, 8, 8), (6, 4, 32), (6, 4, 2), (1, 1, 5)]


@pytest.fixture
def network(tmp_path: Path) -> Network:
    path = tmp_path / "net.cfg"
    path.write_text(CFG)
    return read_cfg(path)


def numbers(network: Network) -> bytes:
    """Arrays in file order, each value its own; variances positive."""
    count = sum(n for layer in network.layers for part in layer.parts for _, n in part.arrays)
    return np.arange(1, count + 1, dtype="<f4").tobytes()


def header(major: int, minor: int, seen: str) -> bytes:
    return struct.pack("<3i", major, minor, 7) + struct.pack(f"<{seen}", 640)


def test_sizes_follow_from_the_net_section(network: Network) -> None:
    assert [layer.output for layer in network.layers] == SIZES
    assert [(layer.index, part.type) for layer, part in network.normalized] == [
        (0, "CONVOLUTIONAL"), (3, "BATCHNORM"), (8, "CONNECTED")]  # fmt: skip


@pytest.mark.parametrize(
    ("major", "minor", "seen"),
    [(0, 1, "i"), (0, 2, "Q"), (1, 0, "Q"), (2, 5, "Q"), (1001, 0, "i"), (0, 1001, "i")],
)
def test_every_version_of_the_header(network: Network, tmp_path: Path, major: int, minor: int, seen: str) -> None:
    path = tmp_path / "net.weights"
    path.write_bytes(header(major, minor, seen) + numbers(network))
    read = read_weights(path, network)
    assert (read.version, read.seen) == ((major, minor, 7), 640)
    assert read.transposed == (major > 1000 or minor > 1000)
    first = read.arrays[0, ""]
    assert list(first) == ["biases", "scales", "rolling_mean", "rolling_variance", "weights"]
    assert first["rolling_mean"].tolist() == [9, 10, 11, 12]
    assert list(read.arrays[8, ""]) == ["biases", "weights", "scales", "rolling_mean", "rolling_variance"]


def test_alexeyabs_batchnorm_has_biases(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "net.weights"
    path.write_bytes(header(0, 2, "Q") + numbers(network) + np.ones(8, "<f4").tobytes())
    assert next(iter(read_weights(path, network).arrays[3, ""])) == "biases"


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (
            -1,
            r"ends at byte \d+ in layer 8 \[connected\]: rolling_variance, which starts at byte \d+",
        ),
        (-900, r"in layer 8 \[connected\]: weights"),
        (
            40,
            r"ends at byte 40 in layer 0 \[convolutional\]: scales, which starts at byte 36 .*; 1 are",
        ),
        (10, r"ends at byte 10, inside the header"),
        (17, r"ends at byte 17, inside the header"),
    ],
)
def test_a_truncated_file_names_layer_and_byte(network: Network, tmp_path: Path, cut: int, message: str) -> None:
    path = tmp_path / "net.weights"
    path.write_bytes((header(0, 2, "Q") + numbers(network))[:cut])
    with pytest.raises(InputError, match=message):
        read_weights(path, network)


def test_weights_of_another_network(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "net.weights"
    path.write_bytes(header(0, 2, "Q") + numbers(network) + b"\0" * 12)
    with pytest.raises(InputError, match=r"12 bytes are left at byte \d+, after layer 8 \[connected\]"):
        read_weights(path, network)
    path.write_bytes(header(0, 2, "Q") + (-np.frombuffer(numbers(network), "<f4")).tobytes())
    with pytest.raises(InputError, match=r"layer 0 \[convolutional\]: rolling_variance\[0\] = -13.0 at byte 68"):
        read_weights(path, network)
    path.write_bytes(b"PK\3\4" * 20)
    with pytest.raises(InputError, match=r"net\.weights: "):
        read_weights(path, network)


def test_a_subnormal_negative_variance_is_what_training_leaves(network: Network, tmp_path: Path) -> None:
    values = np.frombuffer(numbers(network), "<f4").copy()
    values[12] = -7e-44
    (tmp_path / "net.weights").write_bytes(header(0, 2, "Q") + values.tobytes())
    read = read_weights(tmp_path / "net.weights", network)
    assert read.arrays[0, ""]["rolling_variance"][0] == np.float32(-7e-44)


@pytest.mark.slow
def test_layer_by_layer_from_the_command_line(
    network: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "net.weights").write_bytes(header(0, 2, "Q") + numbers(network))
    files = ["--cfg", "net.cfg", "--weights", "net.weights"]
    assert main(["check", "numpy", *files, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [cell["cases"] for cell in said["cells"]] == [6, 6]
    assert main(["check", "numpy", *files, "--case", "*layer008-train"]) == 0
    out = capsys.readouterr().out
    assert "\n008 " in out
    assert "1e-3 inside: Keras" in out
    assert main(["check", "numpy", "--cfg", "net.cfg"]) == 2
    assert main(["check", "numpy", *files, "--case", "layer999"]) == 2


def test_an_image_is_walked_through_the_network(network: Network, tmp_path: Path) -> None:
    (tmp_path / "net.weights").write_bytes(header(0, 2, "Q") + numbers(network))
    np.save(tmp_path / "image.npy", np.linspace(0, 1, 3 * 20 * 16, dtype=np.float32).reshape(3, 20, 16))
    own = open_network(network.path, tmp_path / "net.weights", Source(tmp_path / "image.npy"))
    assert [a.shape for a in own.asked] == [(1, 4, 6, 4), (1, 8, 6, 4), (2, 5, 1, 1)]
    assert "as far as layer 6 [reorg]" in own.notes[0]


def test_a_walk_ends_where_the_file_holds_no_weights(network: Network, tmp_path: Path) -> None:
    network.path.write_text(CFG.replace("stride=2\npad=1", "stride=2.0\npad=1").replace("[reorg]", "[dropout]").replace(
        "groups=2", "groups=2\ndontload=1"))  # fmt: skip
    changed = read_cfg(network.path)
    (tmp_path / "net.weights").write_bytes(header(0, 2, "Q") + numbers(changed))
    np.save(tmp_path / "image.npy", np.zeros((3, 20, 16), np.float32))
    own = open_network(network.path, tmp_path / "net.weights", Source(tmp_path / "image.npy"))
    assert "as far as layer 7 [convolutional]: the file holds no weights of it" in own.notes[0]


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's darknet package is not installed: no cfg files")
def test_every_cfg_of_debians_package() -> None:
    found = {path.name: read_cfg(path) for path in sorted(DEBIAN.glob("*.cfg"))}
    assert len(found) > 40
    assert len(found["yolov3.cfg"].normalized) == 72
    assert found["yolov3.cfg"].layers[-1].output == (76, 76, 255)
    assert found["darknet53.cfg"].layers[-1].output == (1, 1, 1000)
    assert sum(bool(network.normalized) for network in found.values()) > 30


def test_a_real_network() -> None:
    """yoloface-50k: 23 layers, and where the dialects differ."""
    place = os.environ.get("DARKPARITY_DATA")
    directory = Path(place or "nowhere") / "yoloface-50k"
    if not directory.is_dir():
        pytest.skip("DARKPARITY_DATA names no directory with yoloface-50k")
    own = open_network(directory / "yoloface-50k.cfg", directory / "yoloface-50k.weights")
    assert own.weights.seen == 504704
    assert not any(asked.note for asked in own.asked)
    rows = differences(own, problems_of(own, [DIALECTS["darknet"]]))
    assert len(rows) == 23
    assert rows[0]["layer"] == "layer022"
    worst = rows[0]["others"]
    assert {*worst} == {*OTHERS, FOLDED}
    by_epsilon = [worst[name]["relative"] for name in sorted(OTHERS, key=lambda n: float(n.split()[0]))]
    assert by_epsilon == sorted(by_epsilon)
    assert by_epsilon[1] == pytest.approx(0.022, rel=0.1)
    assert by_epsilon[3] == pytest.approx(0.61, rel=0.1)
    deltas = delta_differences(own)
    assert [row["layer"] for row in deltas if row["others"]["alexeyab"]["training"] > 0.01] == ["layer022"]
    moved = {name: change for names, change in deltas[0]["others"].items() for name in names.split(", ")}
    stated = {"alexeyab": (0.021, 0.16), "pytorch": (0.007, 0.38), "keras": (0.57, 0.58)}  # docs/dialects-measured.md
    found = {name: (moved[name]["training"], moved[name]["inference"]) for name in stated}
    assert found == {name: pytest.approx(values, rel=0.1) for name, values in stated.items()}
