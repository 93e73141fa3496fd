"""From a request to everything a run needs: who is asked what, and the header."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkparity.dialects import DEFAULT
from darkparity.implementations.finding import found
from darkparity.implementations.wire.child import Limits
from darkparity.judging import known
from darkparity.judging.participants import Access, Participants, gather
from darkparity.judging.result import RECORDED
from darkparity.problems.golden.store import Seal, Store, StoreError, default_store
from darkparity.problems.problem import REDRAWN, Problem
from darkparity.problems.redraw import SUFFIX, fresh_seed
from darkparity.problems.select import Filters, NoCases, entries, from_file, mode_of, select, unjudged_of
from darkparity.report.header import described, header
from darkparity.report.records import Described, Header, InputRead, KnownListed
from darkparity.report.shards import pick
from darkparity.request import Request

if TYPE_CHECKING:
    from darkparity.problems.network.own import Module

#: Stands in the reproducing command of a recording, which has no implementation to name: cheap, always there.
_COMPANION = "numpy"


@dataclass(frozen=True)
class Prepared:
    """All that a run needs: who is asked what, and the header. seal: the store before anybody's code ran."""

    participants: Participants
    problems: Sequence[Problem]
    header: Header
    seal: Seal | None = None


def settled(request: Request) -> Request:
    """With the seed of redrawn inputs chosen, so that every process of the run draws the same.

    Shards on several machines cannot agree on a secret one: they redraw what a given seed says.
    """
    secret = request.redraw is None and request.isolate and request.shard is None
    return replace(request, redraw=fresh_seed() if secret else request.redraw or 0)


@contextmanager
def prepared(request: Request) -> Iterator[Prepared]:
    """Who is asked what; children are ended at the end. Raises UsageError and its kinds."""
    seal = _sealed(request)
    participants = gather(request.implementations, request.dialect, access_of(request))
    try:
        yield replace(prepare(request, participants), seal=seal)
    finally:
        participants.close()


def prepare(request: Request, participants: Participants) -> Prepared:
    """What a request asks of implementations that are loaded. Raises UsageError and its kinds."""
    dialects = participants.dialects(request.dialect)
    filters = Filters(dialects, request.operations, request.cases, request.networks, request.redraw or 0)
    store, problems, notes = _problems(request, filters)
    if request.known is not None:
        notes["known"] = _known(request.known, participants, filters, store, problems)
    problems = pick(problems, request.shard)
    head = header(store, request.as_options(), request.seed)
    who = tuple(_described(participants, problems))
    told = (access_of(request).unbounded(participants.asked), _redrawn(request, problems), *notes.pop("notes", ()))
    said = tuple(filter(None, told))
    whole = replace(head, implementations=who, absent=participants.absent, cases=len(problems), notes=said, **notes)
    return Prepared(participants, problems, whole)


def _sealed(request: Request) -> Seal | None:
    """Of the store that is asked; None for the user's own tensors, and where `prepare` will say what is wrong."""
    if request.cfg is None and request.weights is None and request.input is None:
        with suppress(StoreError):
            return Seal.of(default_store(request.store))
    return None


def _redrawn(request: Request, problems: Sequence[Problem]) -> str:
    """What to say of inputs that are drawn anew, or are not though a child could have the answers ready."""
    count = sum(p.origin == REDRAWN for p in problems)
    if count:
        return f"{count} of the cases have inputs drawn anew; --redraw {request.redraw} draws the same again"
    if request.isolate and request.shard and not request.redraw:
        return "no inputs are drawn anew: shards need one seed for all of them, --redraw SEED"
    return ""


def access_of(request: Request) -> Access:
    """How the implementations are reached."""
    limits = Limits(request.timeout, max(request.timeout, Limits().start_seconds), request.memory)
    return Access(request.programs, request.isolate, limits)


def _problems(request: Request, filters: Filters) -> tuple[Store | None, list[Problem], dict[str, Any]]:
    """What is asked, and what the header says about a file of the user's."""
    if request.mode is not None and request.input is None and request.module is None:
        raise NoCases("--mode says how --input was recorded: give --input FILE, too")
    if request.module is not None and request.cfg is None:
        raise NoCases("--module is compared with --cfg and --weights: give them, too")
    if request.cfg is not None or request.weights is not None:
        from darkparity.problems.network.own import own_network  # of all that is asked, the most modules

        problems, notes = own_network(
            request.cfg, request.weights, request.input, filters, request.seed, mode_of(request.mode), _module(request)
        )
        return None, problems, {**notes, "unjudged": {**notes.get("unjudged", {}), **unjudged_of(problems)}}
    if request.input is not None:
        found = from_file(request.input, filters, request.seed, mode_of(request.mode))
        read = InputRead(str(request.input), tuple(found.ignored), tuple(found.drawn))
        said = {"notes": found.notes, "unjudged": {**found.unjudged, **unjudged_of(found.problems)}}
        return None, found.problems, {"input": read, **said}
    store = default_store(request.store)
    return store, select(store, filters), {}


def _module(request: Request) -> Module | None:
    """The network given with --module."""
    if request.module is None:
        return None
    from darkparity.implementations.objects.torch_network import batch_norms_of
    from darkparity.problems.network.own import Module

    target, _ = found(request.module, ())
    return Module(batch_norms_of(target, request.module), request.pair)


def _known(
    path: Path, participants: Participants, filters: Filters, store: Store | None, problems: Sequence[Problem]
) -> tuple[KnownListed, ...]:
    """Known differences; an entry for a case that the filters leave out is not stale."""
    there = [e for d in filters.dialects for e in entries(store, d)] if store else []
    identities = [known.Identity(e.id, e.case) for e in there] or [identity_of(p) for p in problems]
    names = {RECORDED, *participants.asked, *(p.name for p in participants.all)}
    found = known.read(path)
    return tuple(KnownListed(**vars(e), unmatched=tuple(e.without_match(names, identities))) for e in found)


def identity_of(problem: Problem) -> known.Identity:
    """A case as the pattern of a known difference sees it; a redrawn one goes by the name of its case."""
    return known.Identity.of(problem.id.removesuffix(SUFFIX), problem.dialect.slug, problem.operation)


def _described(participants: Participants, problems: Sequence[Problem]) -> Iterator[Described]:
    for name, p in zip(participants.asked, participants.all, strict=True):
        yield described(name, p.description)
    if any(p.is_recorded for p in problems):
        yield Described(asked="", name=RECORDED, version="as found in the file")


def reproduce(request: Request, typed: str, problem: Problem) -> str:
    """The shortest command that asks one implementation, by what was typed for it, this one case again."""
    words = ["darkparity", "check", *access_of(request).words(typed or _COMPANION), *shlex.split(problem.reproduce)]
    if "--dialect" not in words and (request.dialect or problem.dialect.name != DEFAULT):
        words += ["--dialect", problem.dialect.name]
    options = {
        "--store": request.store,
        "--input": request.input,
        "--seed": request.seed or None,
        "--mode": request.mode,
        "--module": request.module,
    }
    for flag, value in options.items():
        if value is not None and flag not in words:
            words += [flag, str(value)]
    return shlex.join(words)
