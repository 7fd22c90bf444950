"""Posts: who holds each now, with leave and cover, and who is told when nobody does. From the roster and a pack's file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from everystone.ledger.book.database import Database
from everystone.ledger.fault import Fault
from everystone.ledger.kind import Strict, bare
from everystone.standards import document
from everystone.standards.pack import Pack

FILE = "duty.yaml"
Length = dict[Literal["minutes", "hours", "days"], int]
SECONDS = {"minutes": 60, "hours": 3_600, "days": 86_400}


class OfRoster(Strict):
    """The kind that a roster's lines become, and its fields."""

    kind: str
    post: str
    from_: str = Field(alias="from")
    to: str


class OfLeave(Strict):
    """The kind that says that somebody is away, and who covers."""

    kind: str
    from_: str = Field(alias="from")
    to: str
    cover: str


class OfLine(Strict):
    """The kind of a line that is left to the next shift, and its fields."""

    kind: str
    to: str
    post: str
    due: str
    text: str


class OfAcceptance(Strict):
    """The kind that accepts a line, and the field that names the line."""

    kind: str
    line: str


class OfHandover(Strict):
    """What a handover writes, and how long a line may wait for whoever takes it."""

    left: OfLine
    accepted: OfAcceptance
    accept_within: Length


class PostSaid(Strict):
    """A post: one for the force or one in each team, how rosters spell it, whether somebody always holds it.

    `told_next` posts are told in their order when nobody before could be reached; `sealed` ones hear what nobody else may.
    """

    of: Literal["force", "team"] = "force"
    writes: list[str] = Field(default_factory=list)
    always: bool = False
    told_next: bool = True
    sealed: bool = False


class Matter(Strict):
    """One of those that cannot be missed: what it rests on, and which posts are told at once.

    `act` is an act of the work file, told of for as long as it holds; `line` is a line of a handover that waits too long;
    `openings` are those outside somebody's duties that nobody has reviewed in time, or that one person makes again and again.
    `once_closed` says for how long what a standard asks is told of a closed case: not at all, for a while, for as long as
    somebody of it stands where a child's safety is open, or always. What was told once is told until it is answered.
    """

    number: int
    called: str
    standards: list[str]
    told: list[str] = Field(min_length=2)
    tonight: bool = False
    closed: bool = False
    once_closed: Literal["no", "for a while", "while unsafe", "always"] = "always"
    act: str = ""
    line: bool = False
    openings: Literal["", "not reviewed", "repeated"] = ""


class OfOpenings(Strict):
    """Cases opened outside duties: how soon a second person reviews one; how many by one person, in how long, are repeated."""

    reviewed_within: Length
    repeated: int = Field(ge=2)
    repeated_within: Length


class DutyFile(Strict):
    """What a pack says of duty, telling and handing over. Lengths are one unit and a number each."""

    roster: OfRoster
    leave: OfLeave
    handover: OfHandover
    posts: dict[str, PostSaid]
    told_at_once: int
    next_after: Length
    again_after: Length
    no_progress: Length
    closed_for: Length
    openings: OfOpenings
    cannot_be_missed: list[Matter]

    def by_key(self) -> dict[str, Matter]:
        """Those that cannot be missed, each by the key under which it is kept."""
        return {f"{each.number}{' sealed' if self.sealed(each) else ''}": each for each in self.cannot_be_missed}

    def sealed(self, matter: Matter) -> bool:
        """Whether it is told to posts of professional standards alone."""
        return all(self.posts[name].sealed for name in matter.told)

    def told_sealed(self, matter: Matter) -> bool:
        """Whether a post of professional standards is among those that are told at once."""
        return any(self.posts[name].sealed for name in matter.told)

    def chain(self, matter: Matter) -> list[str]:
        """Whom it is told to, in order: those told at once, then every other post that is told next; sealed ones end there."""
        more = [] if self.sealed(matter) else [name for name, post in self.posts.items() if post.told_next]
        return [*matter.told, *(name for name in more if name not in matter.told)]

    def post_written(self, text: str) -> str:
        """The post that a roster means, "" where it is none of them."""
        said = bare(text)
        for name, post in self.posts.items():
            if said in {bare(each) for each in (name, *post.writes)}:
                return name
        return ""


def seconds(length: Length) -> int:
    """A length of one unit in seconds."""
    return sum(SECONDS[unit] * n for unit, n in length.items())


def read_duty(pack: Pack) -> DutyFile | None:
    """What the packs say of duty, None where none does. Raises Fault for a file that cannot be used."""
    for folder in pack.folders:
        path = folder / FILE
        if path.is_file():
            said = document.checked(DutyFile, document.plain(document.read(path)), str(path))
            _check(said, pack, str(path))
            return said
    return None


def _check(said: DutyFile, pack: Pack, where: str) -> None:
    """Every kind, post and standard that the file names is there, and the order ends with somebody at every hour."""
    kinds = {said.roster.kind, said.leave.kind, said.handover.left.kind, said.handover.accepted.kind}
    standards = {name for each in said.cannot_be_missed for name in each.standards}
    posts = {name for each in said.cannot_be_missed for name in each.told}
    for names, known, what in (
        (kinds, pack.words.kinds.by_name, "kind"), (standards, pack.standards, "standard"), (posts, said.posts, "post"),
    ):  # fmt: skip
        missing = sorted(set(names) - set(known) - pack.off)
        if missing:
            raise Fault(f"{FILE} names the {what} {missing[0]!r}, which is not there.", where=where)
    for matter in said.cannot_be_missed:
        if not said.posts[said.chain(matter)[-1]].always:
            raise Fault(f"{FILE}: nobody is left to tell at the end of number {matter.number}. "
                        "Name a post that is always held last.", where=where)  # fmt: skip
        _check_seal(matter, said, pack, where)
    named = [name for each in said.cannot_be_missed for name in each.standards]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise Fault(
            f"{FILE} names {twice[0]} under two numbers. Leave it under the one whose posts are to be told.",
            where=where,
        )


def _check_seal(matter: Matter, said: DutyFile, pack: Pack, where: str) -> None:
    for name in matter.standards:
        loaded = pack.standards.get(name)
        if loaded and loaded.standard.first_told == "professional standards" and not said.sealed(matter):
            raise Fault(f"{FILE}: {name} is told to professional standards first, and number {matter.number} tells others.",
                        where=where)  # fmt: skip


# ---- who holds a post now -------------------------------------------------------------------------------------------


class Held(NamedTuple):
    """Who holds a post at an instant: until when (seconds UTC), and for whom somebody covers ("" for nobody)."""

    post: str
    team: str
    officer: str
    until: int
    covers: str = ""


class Absent(NamedTuple):
    """Somebody who is on the roster and away, without anybody named who covers."""

    post: str
    team: str
    officer: str
    until: int


def holders(database: Database, now: int) -> tuple[list[Held], list[Absent]]:
    """Who holds which post at an instant, whoever covers in the place of who is away; and who is away uncovered."""
    rostered = database.run(
        "SELECT officer, post, team, hi FROM work_duty WHERE lo <= ? AND hi > ? ORDER BY post, team, officer",
        (now, now),
    ).fetchall()
    away = database.run(
        "SELECT officer, cover, hi FROM work_leave WHERE lo <= ? AND hi > ? ORDER BY officer, cover", (now, now)
    ).fetchall()
    covered = {officer: (cover, hi) for officer, cover, hi in away}
    held: dict[tuple[str, ...], Held] = {}
    absent: list[Absent] = []
    for officer, post, team, hi in rostered:
        cover, back = covered.get(officer, ("", 0))
        if officer not in covered:
            _hold(held, Held(post, team, officer, hi))
        elif cover and cover not in covered:
            _hold(held, Held(post, team, cover, min(hi, back), officer))
        else:
            absent.append(Absent(post, team, officer, min(hi, back)))
    return list(held.values()), absent


def _hold(held: dict[tuple[str, ...], Held], each: Held) -> None:
    """Shifts of one person in one post that overlap are one, to the last end."""
    key = (each.post, each.team, each.officer, each.covers)
    if key not in held or held[key].until < each.until:
        held[key] = each


def is_held(held: Sequence[Held], post: str, team: str, said: PostSaid) -> bool:
    """Whether somebody holds a post now, in a team where it is one of a team."""
    return said.always or any(each.post == post and (said.of == "force" or each.team == team) for each in held)
