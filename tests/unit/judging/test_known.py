"""Known differences: reported and not failing, strict both ways, and a bad file is the user's to mend."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from darkparity.cli import main
from darkparity.errors import UsageError
from darkparity.judging.known import Identity, KnownError, find, read
from support import ROOT

#: Divides by m: deviates in most cases of variance_cpu, conforms where all is zero.
PORT = """
DARKPARITY = dict(name="mine", dialect="darknet")

def variance_cpu(x, mean):
    return ((x - mean[:, None]) ** 2).mean(axis=(0, 2))

def normalize_cpu(x, mean, variance):
    import numpy as np
    with np.errstate(all="ignore"):
        return (x - mean[:, None]) / (np.sqrt(variance) + np.float32(1e-6))[:, None]
"""
DEVIATING = "darknet-variance_cpu-ordinary_odd_batch"
CONFORMING = "darknet-normalize_cpu-tiny_variance"
NARROW = ("--case", "ordinary_odd_batch", "--case", "*normalize_cpu-tiny*")

Check = Callable[..., tuple[int, dict]]


def entry(case: str | list[str], implementation: str = "mine", **more: str) -> str:
    fields = {"implementation": implementation, "case": case, "reason": "divides by m on purpose", **more}
    return "[[known]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in fields.items()) + "\n\n"


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """`check port.py --known`, with that content of the file."""
    (tmp_path / "port.py").write_text(PORT, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def command(content: str, *arguments: str, plain: bool = False) -> tuple[int, dict]:
        (tmp_path / "known.toml").write_text(content, "utf-8")
        words = ["check", "port.py", "--store", str(ROOT / "golden"), "--known", "known.toml", *arguments]
        code = main([*words, *([] if plain else ["--json"])])
        said = capsys.readouterr()
        return code, {"text": said.out + said.err} if plain or code == 2 else json.loads(said.out)

    return command


def test_a_known_deviation_is_reported_and_does_not_fail(check: Check) -> None:
    code, found = check(entry(DEVIATING, link="https://example.org/1"), *NARROW)
    assert (code, found["stale"], found["failures"]) == (0, [], [])
    assert [(r["case"], r["known"]["reason"]) for r in found["known"]] == [(DEVIATING, "divides by m on purpose")]
    judged = {c["operation"]: c["verdict"] for c in found["cells"] if c["verdict"] != "unsupported"}
    assert judged == {
        "variance_cpu": "known", "normalize_cpu": "conforms"}  # fmt: skip
    assert found["counts"]["known"] == 1


def test_the_text_says_so_too(check: Check) -> None:
    code, found = check(entry(DEVIATING), *NARROW, plain=True)
    assert code == 0
    assert f"mine {DEVIATING} deviates: divides by m on purpose" in found["text"]
    assert "PASS" in found["text"]


def test_without_the_file_it_fails(check: Check) -> None:
    assert check(entry("port_of_nobody"), "--case", DEVIATING)[0] == 1


def test_the_typed_name_and_the_bare_case_name_work(check: Check) -> None:
    assert check(entry("ordinary_odd_*", "port.py"), "--operation", "variance_cpu", "--case", "ordinary_*")[0] == 0


STALE = {
    "the case conforms": (entry(CONFORMING), f"{CONFORMING} conforms: remove it or narrow the pattern"),
    "no such case": (entry("tiny_varance"), "'tiny_varance': matches nothing in this run"),
    "no such implementation": (entry(DEVIATING, "mnie"), f"implementation 'mnie', case '{DEVIATING}'"),
    "one pattern of a list": (entry([DEVIATING, "nothing_*"]), "'nothing_*': matches nothing"),
    "one case of a pattern": (entry("darknet-*"), "darknet-normalize_cpu-ordinary_odd_batch conforms"),
}


@pytest.mark.parametrize("name", STALE)
def test_a_stale_entry_fails_the_run_and_is_named(name: str, check: Check) -> None:
    content, message = STALE[name]
    code, found = check(entry(DEVIATING) + content, *NARROW)
    assert code == 1
    assert any(message in line and line.startswith("known.toml:") for line in found["stale"])
    if DEVIATING not in content:
        assert all(line.startswith("known.toml:6:") for line in found["stale"])


def test_an_entry_for_a_case_that_was_not_asked_is_not_stale(check: Check) -> None:
    assert check(entry(DEVIATING), "--case", CONFORMING)[0] == 0


def test_a_crash_can_be_known_too(check: Check, tmp_path: Path) -> None:
    (tmp_path / "port.py").write_text(PORT.replace("return ((x", "raise ValueError('m = 1'); return ((x"), "utf-8")
    assert check(entry(DEVIATING), "--case", DEVIATING)[0] == 0


BAD = {
    "no TOML": ("[[known]\n", r"known.toml: is no TOML: .*line 1"),
    "empty": ("", "known.toml: no entries; the file is a list of tables"),
    "another table": ("[expected]\nx = 1\n", "'expected' is no field; known: known, format"),
    "missing field": ('\n\n[[known]]\nimplementation = "mine"\nreason = "x"\n', "toml:3: lacks case"),
    "empty reason": (entry("x").replace("divides by m on purpose", " "), ":1: reason is empty"),
    "no case": (entry([]), ":1: case is empty"),
    "number": (entry("x").replace('"x"', "3"), "known.toml:1: case: needs text or a list, got 3"),
    "number in a list": (entry("x").replace('"x"', '["x", 3]'), r"known.toml:1: case\[1\]: needs text, got 3"),
    "unknown field": (entry("x") + entry("x", because="y"), ":6: 'because' is no field; known: implementation, case"),
    "not a table": ("known = [1]\n", "known.toml: needs an object, got 1"),
    "another format": ("format = 2\n" + entry("x"), "format 2: this version of darkparity reads 1 only"),
    "deep": ("known = " + "[" * 5000, "is no TOML: .*recursion"),
    "many digits": ("known = " + "1" * 5000, "is no TOML"),
    "large": ("#" * (1 << 20) + "\n", "longer than 1048576 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_exit_2_with_line_and_field(name: str, check: Check, tmp_path: Path) -> None:
    content, message = BAD[name]
    assert check(content, *NARROW)[0] == 2
    with pytest.raises(UsageError, match=message):
        read(Path("known.toml"))


def test_the_format_may_be_stated(check: Check) -> None:
    assert check("format = 1\n\n" + entry(DEVIATING), *NARROW)[0] == 0


def test_a_file_of_another_encoding_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_bytes(entry("x").encode() + b"# \xe4\n")
    with pytest.raises(KnownError, match=r"known.toml: byte \d+ is no UTF-8"):
        read(tmp_path / "known.toml")


def test_a_missing_file_is_exit_2(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="cannot be read"):
        read(tmp_path / "absent.toml")


def test_identities_of_dialects_with_a_hyphen(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(entry("tiny"), "utf-8")
    identity = Identity.of("darknet-gpu-variance_cpu-tiny", "darknet-gpu", "variance_cpu")
    assert identity.case == "tiny"
    assert find(read(tmp_path / "known.toml"), ("mine",), identity) is not None
