"""Telling: what cannot be missed and is so now, whom it was told to, whom next, and what came of it. It clears nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from everystone.findings.elsewhere import CASE, PERSON
from everystone.findings.placed import TONIGHT
from everystone.ledger.book.database import Database
from everystone.work.cards import Where, fitting
from everystone.work.closed import LAST_OF_SAFETY, closed_open
from everystone.work.gathered import shared
from everystone.work.outside import repeated, unreviewed
from everystone.work.posts import DutyFile, Held, Matter, is_held, seconds
from everystone.work.tables import among, insert

TOLD, UNDELIVERED, NOBODY, SEEN = "told", "not delivered", "nobody on duty", "seen"
STEP = ("frame", "person", "item", "post", "team", "outcome", "by_whom", "at")
ANY: Where = (None,)
Post = tuple[str, str]  # a post, and its team ("" for one of the force)
Send = Callable[[Post, Sequence[str]], bool]


class Up(NamedTuple):
    """Something that cannot be missed and is so now: about whom in which case, which of the ten, why, whose team.

    `person` is "" where it is about a whole case; `place` sorts the most urgent first; `tonight` is a child of the first tier.
    """

    frame: str
    person: str
    item: str
    because: str
    team: str
    place: str = ""
    tonight: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """By what it is told apart."""
        return self.frame, self.person, self.item

    @property
    def case(self) -> str:
        """The name of the case."""
        return self.frame.removeprefix(CASE)


class Step(NamedTuple):
    """Something that was done to tell: to which post, what came of it, who saw it, when (seconds UTC)."""

    post: str
    outcome: str
    by: str
    at: int


Steps = Sequence[Step]


# ---- what is so now -------------------------------------------------------------------------------------------------


def up(database: Database, said: DutyFile, now: int, where: Where = ANY, kept_away: Collection[str] = ()) -> list[Up]:
    """Everything that cannot be missed and is so now, the most urgent first; in the cases of a list, or in all.

    A reason that a duty inspector accepted takes it down until its day, and a check that was decided to be wrong; nothing else.
    """
    found: dict[tuple[str, str, str], Up] = {}
    for each in (
        *_tonight(database, said, now, where, kept_away),
        *_undone(database, said, now, where, kept_away),
        *_closed(database, said, now, where, kept_away),
        *_with_a_reason(database, said, now, where, kept_away),
        *_left(database, said, now, where, kept_away),
        *_opened(database, said, now, where, kept_away),
    ):
        found.setdefault(each.key, each)
    return sorted(found.values(), key=lambda each: (each.place, int(each.item.split()[0]), each.frame, each.person))


def touching(database: Database, said: DutyFile, case: str, now: int) -> list[Up]:
    """What is so in a case (a stream), and about its people in other cases."""
    people = shared(database, case)
    others = {name for streams in people.values() for name in streams if name.startswith(CASE)}
    here = [("frame", name) for name in {case, *others}]
    return [each for each in up(database, said, now, here) if each.frame == case or each.person in people]


ACCEPTED = (
    "SELECT 1 FROM work_act a WHERE a.frame = p.frame AND a.person = p.person AND a.because = p.because "
    "AND a.act = 'accept_reason' AND a.until > ?"
)


def _tonight(database: Database, said: DutyFile, now: int, where: Where, kept_away: Collection[str]) -> Iterable[Up]:
    """Whoever stands in the first tier of the order of danger."""
    condition, values = fitting(where, kept_away)
    rows = database.run(
        "SELECT p.frame, p.person, p.because, f.team, p.place FROM work_placed p JOIN work_frame f ON f.frame = p.frame "
        f"WHERE p.tier = ? AND NOT EXISTS ({ACCEPTED}) AND {condition}", [TONIGHT, now, *values],
    ).fetchall()  # fmt: skip
    for item in (item for item, matter in said.by_key().items() if matter.tonight):
        yield from (Up(frame, person, item, because, team, place, True) for frame, person, because, team, place in rows)


def _closed(database: Database, said: DutyFile, now: int, where: Where, kept_away: Collection[str]) -> Iterable[Up]:
    """What was closed in the other system while a child's safety is open, from the round of the feed that brought it."""
    for item, matter in said.by_key().items():
        if matter.closed:
            for each in closed_open(database, where, now, kept_away):
                yield Up(CASE + each.case, each.child, item, f"{matter.called}.", each.team, str(each.tier))


def _with_a_reason(
    database: Database, said: DutyFile, now: int, where: Where, kept_away: Collection[str]
) -> Iterable[Up]:
    """What somebody did that only a reason allows, for as long as it holds."""
    items = {matter.act: (item, matter) for item, matter in said.by_key().items() if matter.act}
    condition, values = fitting(where, kept_away)
    rows = database.run(
        "SELECT a.frame, a.act, a.by_whom, f.team FROM work_act a JOIN work_frame f ON f.frame = a.frame WHERE a.until > ? "
        f"AND a.act IN {among(sorted(items))} AND {condition} ORDER BY a.at", [now, *sorted(items), *values],
    ).fetchall()  # fmt: skip
    for frame, act, by, team in rows:
        item, matter = items[act]
        yield Up(frame, by, item, f"{matter.called}.", team, "9")


def _left(database: Database, said: DutyFile, now: int, where: Where, kept_away: Collection[str]) -> Iterable[Up]:
    """Lines of a handover that nobody accepted in time, or before what they ask for was due."""
    items = [(item, matter) for item, matter in said.by_key().items() if matter.line]
    condition, values = fitting(where, kept_away)
    rows = database.run(
        "SELECT DISTINCT l.frame, l.person, f.team FROM work_line l JOIN work_frame f ON f.frame = l.frame "
        f"WHERE l.accepted_by = '' AND (l.at <= ? OR l.due <= ?) AND {condition} ORDER BY l.frame, l.person",
        [now - seconds(said.handover.accept_within), now, *values],
    ).fetchall()
    for item, matter in items:
        yield from (Up(frame, person, item, f"{matter.called}.", team, "8") for frame, person, team in rows)


OFF = (
    "SELECT 1 FROM work_said s WHERE s.finding = g.key AND (s.said = 'uphold' OR (s.said = 'accept' AND s.until >= ?))"
)


def _opened(database: Database, said: DutyFile, now: int, where: Where, kept_away: Collection[str]) -> Iterable[Up]:
    """Cases opened outside duties that nobody reviewed in time, or that one person opens again and again."""
    found = {
        "not reviewed": lambda: unreviewed(database, now - seconds(said.openings.reviewed_within)),
        "repeated": lambda: repeated(database, said.openings.repeated, seconds(said.openings.repeated_within), now),
    }
    items = [(item, matter) for item, matter in said.by_key().items() if matter.openings]
    opened = [(item, matter, each) for item, matter in items for each in found[matter.openings]()]
    condition, values = fitting(where, kept_away)
    frames = sorted({CASE + each.case for _, _, each in opened})
    sql = f"SELECT f.frame, f.team FROM work_frame f WHERE f.frame IN {among(frames)} AND {condition}"
    teams = dict(database.run(sql, [*frames, *values]).fetchall()) if frames else {}
    for item, matter, each in opened:
        if CASE + each.case in teams:
            yield Up(CASE + each.case, each.by, item, f"{matter.called}.", teams[CASE + each.case], "9")


#: Of a case, or of one officer's, all are looked at; of a team's or a force's those of which something may stand: what runs, was
#: closed lately, was told of, may be unsafe, or fails what is always told.
EACH = "SELECT f.frame FROM work_frame f WHERE f.home = f.frame AND {condition}"
OF_THESE = " AND frame IN (SELECT b.frame FROM homes h JOIN work_frame b ON b.home = h.frame)"
HOMES = """
SELECT f.frame FROM work_frame f WHERE f.home = f.frame AND f.running = 1 AND {condition}
UNION SELECT f.frame FROM work_frame f WHERE f.home = f.frame AND f.running = 0 AND {condition} AND f.closed > ?
UNION SELECT t.frame FROM told t WHERE t.ended IS NULL
UNION SELECT q.frame FROM work_placed q WHERE q.tier <= ?
UNION SELECT w.home FROM work_frame w WHERE w.frame IN (
  SELECT frame FROM work_finding WHERE answer = 'not met' AND standard IN {always}
  UNION SELECT frame FROM work_sealed WHERE standard IN {always})"""
#: What a list holds before it is looked at one by one: of closed cases no more than may stand.
STANDING = (
    "f.running = 1 OR (f.closed > ? AND g.standard IN {while_}) OR g.standard IN {always} OR EXISTS (SELECT 1 FROM told t "
    "WHERE t.frame = a.home AND t.ended IS NULL) OR (g.standard IN {unsafe} AND EXISTS (SELECT 1 FROM work_placed q "
    "WHERE q.frame = a.home AND q.tier <= ?))"
)


def _undone(database: Database, said: DutyFile, now: int, where: Where, kept_away: Collection[str]) -> Iterable[Up]:
    """What their standards ask and the record does not show, whatever else of the case was put off or folded."""
    items = {name: (item, matter) for item, matter in said.by_key().items() for name in matter.standards}
    names, since = sorted(items), now - seconds(said.closed_for)
    condition, values = fitting(where, kept_away)
    left, given = _left_of_closed(items, since)
    many = any(each is None or each[0] == "team" for each in where)
    always = [name for name, (_, matter) in items.items() if matter.once_closed == "always"]
    homes = (HOMES if many else EACH).format(condition=condition, always=among(always))
    of_homes = [*values, *values, since, LAST_OF_SAFETY, *always, *always] if many else values
    within = "" if many else OF_THESE  # of many cases to look through the findings is quicker than to look each up
    rows = database.run(
        f"WITH homes AS ({homes}), g AS (SELECT frame, standard, asked_for, key "
        f"FROM work_finding WHERE answer = 'not met' AND standard IN {among(names)}{within} "
        f"UNION ALL SELECT frame, standard, asked_for, key FROM work_sealed WHERE standard IN {among(names)}) "
        "SELECT DISTINCT g.standard, a.home, g.asked_for, a.frame, f.team, f.running, f.closed, "
        "(SELECT MIN(p.place) FROM work_placed p WHERE p.frame = a.home), "
        "(SELECT MIN(p.tier) FROM work_placed p WHERE p.frame = a.home) FROM homes "
        "JOIN work_frame f ON f.frame = homes.frame JOIN work_frame a ON a.home = f.frame JOIN g ON g.frame = a.frame "
        f"WHERE {condition} AND ({left}) AND NOT EXISTS ({OFF})",
        [*of_homes, *names, *names, *values, *given, now],
    ).fetchall()
    was_told = _told(database)
    for standard, home, asked_for, frame, team, running, closed, place, tier in rows:
        person = asked_for or (frame.removeprefix(PERSON) if frame.startswith(PERSON) else "")
        item, matter = items[standard]
        unsafe = tier is not None and tier <= LAST_OF_SAFETY
        if running or _stays(matter, closed > since, unsafe, (home, person, item) in was_told):
            yield Up(home, person, item, f"{matter.called}.", team, place or "9")


def _left_of_closed(items: Mapping[str, tuple[str, Matter]], since: int) -> tuple[str, list[object]]:
    """Which findings of closed cases are looked at one by one, as a condition with its values."""
    by = {how: sorted(name for name, (_, matter) in items.items() if matter.once_closed in hows) for how, hows in (
        ("while_", ("for a while", "while unsafe")), ("always", ("always",)), ("unsafe", ("while unsafe",)))}  # fmt: skip
    said = STANDING.format(**{how: among(names) for how, names in by.items()})
    return said, [since, *by["while_"], *by["always"], *by["unsafe"], LAST_OF_SAFETY]


def _stays(matter: Matter, lately: bool, unsafe: bool, was_told: bool) -> bool:
    """Whether what a standard asks is told of a closed case: closed lately, perhaps unsafe, or told before and not answered."""
    still = {"no": False, "for a while": lately, "while unsafe": lately or unsafe, "always": True}[matter.once_closed]
    return still or (was_told and matter.once_closed != "no")


def _told(database: Database) -> set[tuple[str, str, str]]:
    """What was told and has not ended: time alone never takes it down, only an act, a reason or a decision does."""
    rows = database.run("SELECT DISTINCT frame, person, item FROM told WHERE ended IS NULL").fetchall()
    return {(str(frame), str(person), str(item)) for frame, person, item in rows}


# ---- what was done, and what is owed --------------------------------------------------------------------------------


def steps(database: Database, cases: Sequence[str] | None = None) -> dict[tuple[str, str, str], list[Step]]:
    """What was done to tell of everything that has not ended, in order; a card that was seen counts as an answer."""
    only = "" if cases is None else f" AND frame IN {among(cases)}"
    rows = database.run(
        "SELECT frame, person, item, post, outcome, by_whom, at FROM told WHERE ended IS NULL"
        f"{only} ORDER BY at, outcome, post", list(cases or ()),
    ).fetchall()  # fmt: skip
    found: dict[tuple[str, str, str], list[Step]] = {}
    for frame, person, item, *step in rows:
        found.setdefault((frame, person, item), []).append(Step(*step))
    seen = database.run(
        f"SELECT frame, person, by_whom, at FROM work_act WHERE act = 'acknowledge'{only} ORDER BY at",
        list(cases or ()),
    ).fetchall()
    for frame, person, by, at in seen:
        for (of, who, _), done in found.items():
            if (of, who) == (frame, person) and done[0].at <= at:
                done.append(Step("", SEEN, by, at))
    return found


def how_many(done: Steps, chain: Sequence[str], said: DutyFile, now: int) -> int:
    """How many posts must be reached now: those told at once, later one more each time that nothing came of it.

    It was answered where somebody said so after it was told; the answer begins the same length anew, and clears nothing.
    """
    reached = [each for each in done if each.outcome == TOLD]
    untried = {*chain} - {each.post for each in done}
    if len(reached) < said.told_at_once and (untried or not reached):
        return said.told_at_once - len(reached)
    latest = max(each.at for each in done if each.outcome in (TOLD, SEEN))
    return int(now - latest >= seconds(said.next_after))


def whom(done: Steps, chain: Sequence[str], said: DutyFile, now: int) -> list[str]:
    """Whom to try, in order: whoever was not tried; then, after a while, whoever was not reached, and the last of all."""
    tried = {each.post for each in done}
    untried = [post for post in chain if post not in tried]
    if untried:
        return untried
    before = [each.at for each in done if each.at < now and each.outcome != SEEN]
    if not before or now - max(before) < seconds(said.again_after):
        return []
    reached = {each.post for each in done if each.outcome == TOLD} - {chain[-1]}
    asked_now = {each.post for each in done if each.at == now}
    return [post for post in chain if post not in reached | asked_now]


def plan(each: Up, done: Steps, said: DutyFile, held: Sequence[Held], now: int) -> tuple[list[str], list[Post]]:
    """The posts that nobody holds now and that are passed over, and those to be told."""
    chain = said.chain(said.by_key()[each.item])
    passed: list[str] = []
    told: list[Post] = []
    missing = how_many(done, chain, said, now)
    for name in whom(done, chain, said, now) if missing else ():
        if len(told) == missing:
            break
        post = said.posts[name]
        if is_held(held, name, each.team, post):
            told.append((name, each.team if post.of == "team" else ""))
        else:
            passed.append(name)
    return passed, told


class Round(NamedTuple):
    """What one round of telling comes to: posts passed over and posts to tell, each with what it is about."""

    passed: Sequence[tuple[Up, str]]
    to_tell: Mapping[Post, Sequence[Up]]


def owed(now_up: Sequence[Up], done: Mapping[tuple[str, str, str], Steps], said: DutyFile, held: Sequence[Held],
         now: int) -> Round:  # fmt: skip
    """Whom to tell now of everything, each post once."""
    passed: list[tuple[Up, str]] = []
    to_tell: dict[Post, list[Up]] = {}
    for each in now_up:
        over, posts = plan(each, done.get(each.key, ()), said, held, now)
        passed += [(each, name) for name in over]
        for post in posts:
            to_tell.setdefault(post, []).append(each)
    return Round(passed, to_tell)


def failed(about: Sequence[Up], done: Mapping[tuple[str, str, str], Steps], now: int) -> list[str]:
    """The posts that a message about some of this did not reach now."""
    return sorted({step.post for each in about for step in done.get(each.key, ())
                   if step.outcome == UNDELIVERED and step.at == now})  # fmt: skip


# ---- writing it down ------------------------------------------------------------------------------------------------


def note(database: Database, about: Iterable[Up], post: Post, outcome: str, now: int, by: str = "") -> None:
    """Write down what was done to tell a post of something, or who saw it."""
    insert(database, "told", STEP, [(*each.key, *post, outcome, by, now) for each in about])


def end(database: Database, now_up: Sequence[Up], now: int) -> None:
    """What is no longer so is told no more; should it be so again, it is told from the beginning."""
    still = {each.key for each in now_up}
    over = [key for key in steps(database) if key not in still]
    if over:
        database.many(
            "UPDATE told SET ended = ? WHERE ended IS NULL AND frame = ? AND person = ? AND item = ?",
            [(now, *key) for key in over],
        )
