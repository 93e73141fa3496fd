"""The documentation says what is so: generated tables are current, commands run, quoted output is real."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from darkparity.cli import main
from darkparity.proof.pages import specification
from support import FENCED, ROOT, fenced, shipped

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "golden/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
_GENERATED = re.compile(r"<!-- generated:.*?<!-- end -->", re.DOTALL)
_EXIT = re.compile(r"  # exit (\d)$")
#: Not run here: `check` ends README's first command, which .ci/run runs; the others work out every number.
SLOW = ("darkparity check", *(f"darkparity golden {verb}" for verb in ("regenerate", "diff", "verify")))
#: Run from top to bottom by test_walkthrough.py.
WALKED = "check-your-port.md"
#: README's two installing commands: .ci/run runs them verbatim.
INSTALL = "python3 -m venv"


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in fenced(page) if kind == language]


def commands() -> Iterator[tuple[str, int]]:
    for page in (p for p in PAGES if p.name != WALKED):
        for line in "".join(blocks(page, "")).splitlines():
            wanted = _EXIT.search(line)
            if line.startswith("darkparity "):
                yield _EXIT.sub("", line), int(wanted[1]) if wanted else 0


@pytest.fixture
def readme(workplace: Path) -> Path:
    """With README's port.py."""
    port, _ = blocks(ROOT / "README.md", "python")
    (workplace / "port.py").write_text(port, "utf-8")
    return workplace


@pytest.mark.slow
@pytest.mark.parametrize(("command", "code"), dict(commands()).items())
def test_command_runs_as_stated(command: str, code: int, readme: Path) -> None:
    if command in SLOW:
        pytest.skip("slow; see SLOW")
    assert main(shlex.split(command)[1:]) == code


@pytest.mark.slow
def test_quoted_diagnosis_is_real(readme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (quoted,) = (text for text in blocks(ROOT / "README.md", "text") if "port.py" in text)
    main(["check", "port.py"])
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in quoted.splitlines() if line.split() not in printed] == []


def test_the_library_is_used_as_stated(readme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, library = blocks(ROOT / "README.md", "python")
    exec(compile(library, "README.md", "exec"), {})
    assert capsys.readouterr().out == "True ()\n"


def test_the_map_of_the_house_shows_every_room() -> None:
    package = ROOT / "harness" / "darkparity"
    folders = {p.name for p in package.iterdir() if any(p.rglob("*.py"))}
    house = (ROOT / "README.md").read_text("utf-8").partition("## The house")[2].partition("## Add something")[0]
    assert {name for name in folders if f"`{name}/`" not in house} == set()
    assert len(folders) > 10


# --- README's example of a whole run

ROW = re.compile(r"(\w+) +(conforms|deviates|inconclusive|unsupported) +\S+ +\S+ +(\d+) +(\d+)")


@pytest.fixture
def readme_run() -> str:
    (quoted,) = (text for text in blocks(ROOT / "README.md", "text") if "% bit-equal" in text)
    return quoted


def test_the_range_in_readme_is_that_of_its_table(readme_run: str) -> None:
    shares = [float(line.split()[4]) for line in readme_run.splitlines() if re.match(r"\w+ - \w+ ", line)]
    stated = re.search(r"bit for bit on (\d+) to (\d+) % of the elements", (ROOT / "README.md").read_text("utf-8"))
    assert stated
    assert len(shares) == 3
    assert [int(n) for n in stated.groups()] == [round(min(shares)), round(max(shares))]


@pytest.mark.slow
def test_the_run_in_readme_is_a_fresh_one(readme_run: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts, cases and vacuous elements of the operations shown, and the count at the end; ULPs vary by machine."""
    for name in ("cpp", "torch"):
        shipped(name)
    assert main(["check"]) == 0
    printed = capsys.readouterr().out
    shown = set(ROW.findall(readme_run))
    assert len(shown) >= 3
    assert shown <= set(ROW.findall(printed.partition("\nnumpy\n")[0]))
    total = re.compile(r"^PASS  .*(?=;)", re.MULTILINE)
    assert total.findall(readme_run) == total.findall(printed)


def test_readme_has_two_install_commands_alone_in_their_blocks() -> None:
    found = [b for b in blocks(ROOT / "README.md", "") if INSTALL in b]
    assert [len(b.splitlines()) for b in found] == [1, 1]
    assert found[0].rstrip().endswith("darkparity check")
    assert found[1].rstrip().endswith("-m pytest -n auto")


def test_example_reader_judges_a_fixture_right(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = blocks(ROOT / "docs" / "golden-format.md", "python")
    exec(compile(example, "golden-format.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert all(line.endswith("right") for line in lines)


@pytest.mark.parametrize("page", specification.PAGES)
def test_generated_tables_are_current(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert specification.current(text) == text, "run `python -m darkparity.proof.pages.specification`"


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]*)\)", page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in _anchors(linked), target


def prose_lines(page: Path) -> Iterator[str]:
    """All lines but tables, generated lists, and quoted commands and output, which cannot be wrapped."""
    text = _GENERATED.sub("", FENCED.sub("", page.read_text("utf-8")))
    yield from (line for line in text.splitlines() if not line.startswith("|"))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_lines_fit_120_columns(page: Path) -> None:
    assert [line for line in prose_lines(page) if len(line) > 120] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_named_files_exist(page: Path) -> None:
    package = ROOT / "harness" / "darkparity"
    roots = (ROOT, package, package / "dialects", ROOT / "cpp")
    for name in re.findall(r"`([\w./-]+\.(?:py|cpp|md|json))`", page.read_text("utf-8")):
        elsewhere = name in ("port.py", "MANIFEST.json", "schema.json")  # the reader's own; in golden/
        assert elsewhere or any((root / name).exists() for root in roots), name
