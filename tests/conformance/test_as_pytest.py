"""pytest for third parties: from the command line, in a module of one's own, and inert when nobody asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from darkparity.conformance import parameters
from darkparity.pytest_plugin import named

pytestmark = pytest.mark.slow  # each starts pytest in a process of its own

PORT = """
DARKPARITY = dict(name="mine", dialect="darknet")

def variance_cpu(x, mean):
    return ((x - mean[:, None]) ** 2).mean(axis=(0, 2))

def scale_bias(output, scales):
    return output * scales[:, None]
"""
ASK = ("--pyargs", "darkparity.conformance", "--implementation", "my.port")
ODD = "my_port-darknet-variance_cpu-ordinary_odd_batch"
SOME = ("--case", "*variance_cpu-ordinary_odd_batch", "--case", "*scale_bias-*", "--case", "*mean_cpu-*odd*")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A third party's project: a package with a port, nothing of ours."""
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "__init__.py").touch()
    (tmp_path / "my" / "port.py").write_text(PORT, "utf-8")
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, str]:
    """pytest in that project, as its owner would start it."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_one_test_per_case_and_failures_as_on_the_command_line(project: Path) -> None:
    code, said = run(project, *ASK, *SOME, "-rs", "--junitxml", "report.xml")
    assert code == 1
    assert f"test_conforms[{ODD}]" in said
    for line in (
        "looks for  The divisor is m, not m - 1",
        "array      variance: 5 of 5 elements outside; worst at [",
        "got        ", "bound      ", "distance   ", "stage      variance_cpu",
        f"reproduce  darkparity check my.port --case {ODD[8:]}",
    ):  # fmt: skip
        assert line in said
    assert "Traceback" not in said
    assert "harness/darkparity" not in said.partition("short test summary")[0].replace("::", "")
    assert "unsupported: mine has no mean_cpu" in said
    report = ElementTree.parse(project / "report.xml").getroot()
    cases = {case.get("name"): [child.tag for child in case] for case in report.iter("testcase")}
    assert cases[f"test_conforms[{ODD}]"] == ["failure"]
    assert cases["test_conforms[my_port-darknet-scale_bias-ordinary_odd_batch]"] == []
    (failure,) = report.iter("failure")
    assert "error/bound" in str(failure.text)


def test_known_differences_are_strict_both_ways(project: Path) -> None:
    row = '[[known]]\nimplementation = "my.port"\ncase = "{}"\nreason = "on purpose"\n'
    (project / "known.toml").write_text(row.format(f"*{ODD[16:]}"), "utf-8")
    code, said = run(project, *ASK, *SOME, "--known", "known.toml", "-rx")
    assert code == 0, said
    assert "known difference: on purpose" in said
    (project / "known.toml").write_text(row.format("*scale_bias-ordinary_*") + row.format("nothing"), "utf-8")
    code, said = run(project, *ASK, *SOME, "--known", "known.toml")
    assert code == 1
    assert "scale_bias-ordinary_odd_batch conforms: remove the known difference" in said
    assert "my_port-known-2" in said
    assert "known.toml:5: 'my.port', case 'nothing': matches nothing" in said


def test_a_module_of_ones_own(project: Path) -> None:
    (project / "test_mine.py").write_text(
        "from darkparity.conformance import conformance_tests\n"
        f"test_conformance = conformance_tests('my.port', dialect='darknet', case={list(SOME[1::2])!r})\n"
    )
    code, said = run(project, "test_mine.py")
    assert code == 1
    assert f"FAILED test_mine.py::test_conformance[{ODD}]" in said
    assert "1 failed" in said


def test_files_are_relative_to_the_test_module(project: Path) -> None:
    inner = project / "inner"
    inner.mkdir()
    (inner / "port.py").write_text((project / "my" / "port.py").read_text("utf-8"), "utf-8")
    (inner / "test_mine.py").write_text(
        "from darkparity.conformance import conformance_tests\n"
        f"test_conformance = conformance_tests('port.py', case={SOME[1]!r}, dialect='darknet')\n"
    )
    code, said = run(project, "inner/test_mine.py")
    assert code == 1
    assert "1 failed" in said  # the port's variance is divided by m


def test_a_program_is_asked_over_the_wire(project: Path) -> None:
    serve = f"{sys.executable} -m darkparity serve numpy"
    code, said = run(project, "--pyargs", "darkparity.conformance", "--exec", serve, "--case", "tiny_variance")
    assert code == 0, said
    assert "passed" in said


#: arguments of `conformance.parameters` -> what the user is told.
MISUSE = {
    "unknown implementation": ((["my.prot"], [], [], None), "no implementation and no module 'my.prot'"),
    "no such case": ((["numpy"], [], ["tiny_varance"], None), "no case matches --case tiny_varance"),
    "no such dialect": ((["numpy"], ["darknt"], [], None), "no dialect 'darknt'; did you mean darknet"),
    "no such file": ((["numpy"], [], [], "absent.toml"), "absent.toml: cannot be read"),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_an_error_of_collection(name: str) -> None:
    arguments, message = MISUSE[name]
    with pytest.raises(pytest.Collector.CollectError, match=message):
        parameters(*arguments)


def test_misuse_is_one_line_not_a_traceback(project: Path) -> None:
    code, said = run(project, *ASK[:2])
    assert code == 2, said
    assert "darkparity: say what to judge: --implementation my.port" in said
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said


def test_it_is_inert_beside_a_foreign_conftest_with_the_same_option(project: Path) -> None:
    (project / "conftest.py").write_text(
        "def pytest_addoption(parser):\n"
        "    for name in ('--implementation', '--dialect', '--known', '--case'):\n"
        "        parser.addoption(name, default='theirs')\n"
    )
    (project / "test_theirs.py").write_text(
        "import sys\n"
        "def test_theirs(request):\n"
        "    assert request.config.getoption('--implementation') == 'ours'\n"
        "    assert request.config.getoption('--known') == 'theirs'\n"
        "    assert 'numpy' not in sys.modules\n"
    )
    code, said = run(project, "--implementation", "ours", "-q")
    assert code == 0, said


def test_it_registers_nothing_in_an_ordinary_run(project: Path) -> None:
    code, said = run(project, "--help")
    assert code == 0
    assert "--implementation" not in said


@pytest.mark.parametrize(("arguments", "ours"), [
    (["--pyargs", "darkparity.conformance"], True), (["darkparity.conformance::test_conforms"], True),
    (["site-packages/darkparity/conformance/test_conformance.py"], True), (["-x", "tests"], False),
    (["tests/test_conformance.py"], False), ([], False),
])  # fmt: skip
def test_which_command_lines_are_ours(arguments: list[str], ours: bool) -> None:
    assert named(arguments) == ours


def test_a_run_of_skips_alone_is_an_error(project: Path) -> None:
    (project / "my" / "port.py").write_text("def mean_cpu(x):\n    return x.mean(axis=(0, 2))\n", "utf-8")
    code, said = run(project, *ASK, "--case", "*variance_cpu*")
    assert code != 0
    assert "nothing would be judged: port offers mean_cpu in darknet, asked is variance_cpu (darknet)" in said
