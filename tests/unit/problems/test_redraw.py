"""Cases with inputs drawn anew: other numbers, the same question, the same again from the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import darkparity
from darkparity.cases import CASES, cases_of
from darkparity.dialects import DIALECTS
from darkparity.problems.golden.store import Store
from darkparity.problems.problem import REDRAWN, Problem
from darkparity.problems.redraw import SUFFIX, fresh_seed, redrawn
from darkparity.problems.select import Filters, select, wanted_of
from darkparity.report.run import Run
from support import STORE

DARKNET = DIALECTS["darknet"]
RIGHT = "x.mean(axis=(0, 2), dtype='f8').astype('f4')"


def drawn(store: Store, seed: int, *patterns: str, **filters: tuple[str, ...]) -> list[Problem]:
    chosen = wanted_of(store, Filters(redraw=seed, patterns=patterns, **filters))  # type: ignore[arg-type]
    return [entry.make() for entry in chosen if entry.origin == REDRAWN]


def test_three_cases_of_every_operation_that_has_inputs(store: Store) -> None:
    found = drawn(store, 1)
    operations = {c.operation for c in cases_of(DARKNET)} - {"make_batchnorm_layer"}
    assert {p.operation for p in found} == operations
    assert len(found) == 3 * len(operations)
    assert all(p.id.endswith(SUFFIX) for p in found)
    assert drawn(store, 0) == []


def test_the_seed_decides_which_and_which_numbers(store: Store) -> None:
    one, same, other = (drawn(store, seed, operations=("mean_cpu", "scale_bias")) for seed in (1, 1, 2))
    assert [p.id for p in one] == [p.id for p in same] != [p.id for p in other]
    for a, b in zip(one, same, strict=True):
        assert all(np.array_equal(a.arrays[n], b.arrays[n], equal_nan=True) for n in a.arrays)


def test_a_redrawn_case_asks_the_same_of_other_numbers() -> None:
    case = next(c for c in CASES if c.name == "ordinary_odd_batch")
    before, after = case.arrays(DARKNET), redrawn(case, 7).arrays(DARKNET)
    assert {n: a.shape for n, a in before.items()} == {n: a.shape for n, a in after.items()}
    assert not any(np.array_equal(before[n], after[n]) for n in before)
    assert not np.array_equal(after["x"], redrawn(case, 8).arrays(DARKNET)["x"])


def test_a_pattern_with_its_name_asks_it_alone(store: Store) -> None:
    for problem in drawn(store, 5):
        _, pattern, _, seed = problem.reproduce.split()
        again = select(store, Filters(patterns=(pattern,), redraw=int(seed)))
        assert [p.id for p in again] == [problem.id]


def checked(tmp_path: Path, body: str, **options: object) -> Run:
    (tmp_path / "port.py").write_text(f"import numpy as np\ndef mean_cpu(x):\n    return {body}\n", "utf-8")
    return darkparity.check(str(tmp_path / "port.py"), operations="mean_cpu", store=STORE, **options)


def test_isolated_runs_draw_from_a_secret_seed_and_say_it(tmp_path: Path) -> None:
    plain = checked(tmp_path, RIGHT)
    runs = [checked(tmp_path, RIGHT, isolate=True) for _ in range(2)]
    assert [len(r.results) - len(plain.results) for r in runs] == [3, 3]
    seeds = [r.header.options["redraw"] for r in runs]
    assert len({0, *seeds}) == 3
    assert all(f"--redraw {seed}" in r.header.notes[0] for seed, r in zip(seeds, runs, strict=True))
    again = checked(tmp_path, RIGHT, redraw=seeds[0])
    assert [r.case for r in again.results] == [r.case for r in runs[0].results]


def test_shards_do_not_draw_each_from_a_seed_of_its_own(tmp_path: Path) -> None:
    one = checked(tmp_path, RIGHT, isolate=True, shard="1/2")
    assert not [r for r in one.results if r.origin == REDRAWN]
    assert "--redraw SEED" in one.header.notes[0]
    both = [checked(tmp_path, RIGHT, redraw=3, shard=f"{i}/2") for i in (1, 2)]
    assert sum(r.origin == REDRAWN for run in both for r in run.results) == 3


@pytest.mark.parametrize(("body", "stale"), [(f"{RIGHT} + 1", 0), (RIGHT, 12)], ids=["fails", "conforms"])
def test_a_known_difference_covers_the_redrawn_case_and_is_stale_by_its_own_alone(
    tmp_path: Path, body: str, stale: int
) -> None:
    known = tmp_path / "known.toml"
    known.write_text('[[known]]\nimplementation = "port"\ncase = "*mean_cpu*"\nreason = "because"\n', "utf-8")
    run = checked(tmp_path, body, known=known, redraw=3)
    assert not run.failures
    assert len(run.summary.stale) == stale
    assert run.conforms == (not stale)


def test_no_seed_is_zero() -> None:
    assert all(0 < fresh_seed() <= 2**32 for _ in range(100))
