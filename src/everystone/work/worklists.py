"""The findings of every frame, kept at hand: asked again when something is written, and when an answer turns by itself.

    lists = Worklists(book, asking)
    with book.transaction():                      # the entry, the findings of its frame, the reading: together or none
        receipt = lists.take([entry], request="form-7f3a")

A row is true from `asked` until `turns_at`; a page that comes later than that asks the frame again before it shows it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from everystone.findings.answer import DOES_NOT_APPLY, MET, Answer
from everystone.findings.asking import LED_BY
from everystone.findings.elsewhere import MOST, OFFICER
from everystone.findings.frames import Instants, people_named
from everystone.findings.placed import Placed
from everystone.ledger.book import Receipt
from everystone.ledger.book.copies import COPIES, Fields
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.case import Frame
from everystone.ledger.coverage import Coverage
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack, load
from everystone.work.acts import ACT, act_rows
from everystone.work.cards import Where, fitting
from everystone.work.conduct import first_anew, first_of, keep_first
from everystone.work.copied import keep_texts, touched_by_texts
from everystone.work.duty import DUTY, LEAVE, duty_rows, leave_rows
from everystone.work.gathered import Asking, shared
from everystone.work.handover import keep_lines
from everystone.work.opened import open_stream
from everystone.work.rates import keep_met
from everystone.work.readings import readings_anew
from everystone.work.said import keep_said
from everystone.work.silence import keep_silence
from everystone.work.tables import OF_FRAMES, among, empty, insert, make_tables, note_made
from everystone.work.turning import Now, next_turn

AT_ONCE = 5_000
A_PAGE = 60  # cases that a page asks again before it shows them: all that a lead of sixty has
A_FEW = 4  # of what changed a moment ago, which the tick is about to ask
A_MOMENT = 600  # seconds after which nobody may think that the tick still comes
TYPED = "site"  # the source of what is typed here
FRAME = ("frame", "home", "team", "lead", "opened", "running", "closed", "latest", "asked", "turns_at")
FINDING = ("frame", "key", "standard", "version", "asked_for", "begun_by", "n", "answer", "reason", "due", "evidence",
           "marks", "tier", "root", "team", "about")  # fmt: skip
PLACED = ("frame", "person", "tier", "place", "because", "confidence", "team", "step", "done_by")
LED = ("officer", "frame", "lo", "lo_sure", "hi", "hi_sure", "entry")


class Worklists:
    """What follows from the ledger and is kept at hand, in the ledger's own database."""

    def __init__(self, book: SqlBook, asking: Asking) -> None:
        self.book, self.asking, self.database = book, asking, book.database

    # ---- writing -----------------------------------------------------------------------------------------------

    def take(self, entries: Sequence[Entry], request: str = "") -> Receipt:
        """Take entries into the ledger and ask their frames again, in one transaction; what they touch elsewhere is due.

        Raises Fault where nothing was taken.
        """
        with self.book.transaction():
            receipt = self.book.append(entries, request)
            if receipt.numbers:
                self.follow()
                for stream in sorted({entry.stream for entry in entries}):
                    self.ask(stream)
            return receipt

    def follow(self, progress: Callable[[float], None] | None = None) -> int:
        """Look through what the ledger has that was not looked through: who is named where, which frames are touched."""
        (position,) = self.database.one("SELECT position FROM work_reached")
        upto = self.book.entries.head().size
        for after in range(position, upto, AT_ONCE):
            with self.book.transaction():
                reached = min(after + AT_ONCE, upto)
                self._touch(self.book.entries_after(after, reached))
                self.database.run("UPDATE work_reached SET position = ?", (reached,))
            if progress:
                progress(reached / upto)
        return upto

    def _touch(self, entries: Sequence[Entry]) -> None:
        """Index the names of new entries, and note which frames they touch."""
        words, by_stream = self.asking.pack.words, dict[str, list[Entry]]()
        self._due(each.stream for each in entries if not each.stream.startswith(OFFICER))
        entries = [each for each in entries if not self.asking.seals(each)]
        for entry in entries:
            by_stream.setdefault(entry.stream, []).append(entry)
        begun = self.database.one("SELECT 1 FROM work_frame LIMIT 1") is not None  # else all is due, and none looked up
        copying = touched_by_texts(self.database, entries) if begun else set()
        keep_texts(self.database, entries)
        named = {(person, entry.stream) for entry in entries for person in people_named(entry, words)}
        named |= {(name.removeprefix(OFFICER), name) for name in by_stream if name.startswith(OFFICER)}
        outside = self.asking.acts.from_outside
        acted = {(entry.by, entry.stream) for entry in entries if entry.by and entry.kind not in outside}
        self._name([(*each, int(each in named), int(each in acted)) for each in sorted(named | acted)])
        for stream in sorted(name for name in by_stream if name.startswith(OFFICER)):
            self._roster(stream)
        due = by_stream.keys() | copying
        for stream, each in by_stream.items() if begun else ():
            due.update(self._touched_by(stream, each))
        self._due(name for name in due if not name.startswith(OFFICER))
        insert(
            self.database,
            "work_from",
            ("stream", "source"),
            sorted({(each.stream, each.source.name) for each in entries}),
        )
        typed = [(each.stream, each.key) for each in entries if each.source.name == TYPED and not each.withdraws]
        insert(self.database, "work_typed", ("stream", "key"), typed)

    def _name(self, rows: Sequence[tuple[str, str, int, int]]) -> None:
        if rows:
            self.database.many(
                "INSERT INTO work_named (person, stream, named, acted) VALUES (?, ?, ?, ?) ON CONFLICT (person, stream) "
                "DO UPDATE SET named = CASE WHEN work_named.named = 1 THEN 1 ELSE excluded.named END, "
                "acted = CASE WHEN work_named.acted = 1 THEN 1 ELSE excluded.acted END",
                rows,
            )

    def _roster(self, stream: str) -> None:
        """What an officer's own stream says of weeks on duty, in the place of what was said before."""
        now = self.book.clock()
        entries = self.book.read_all([stream]).get(stream, [])
        words, when = self.asking.pack.words, Instants(now, now, Coverage())
        for table in ("work_duty", "work_leave"):
            self.database.run(f"DELETE FROM {table} WHERE officer = ?", (stream.removeprefix(OFFICER),))
        insert(self.database, "work_duty", DUTY, list(duty_rows(stream, entries, words, when)))
        insert(self.database, "work_leave", LEAVE, list(leave_rows(stream, entries, words, when, self.asking.duty)))

    def _touched_by(self, stream: str, entries: Sequence[Entry]) -> Iterable[str]:
        """The other streams that new entries of one stream may change: where its officer acts, where its people stand."""
        if stream.startswith(OFFICER):
            who = stream.removeprefix(OFFICER)
            return self._column("SELECT stream FROM work_named WHERE person = ?", [who])
        if not any(entry.kind in self.asking.heard or entry.corrects or entry.withdraws for entry in entries):
            return ()
        found = shared(
            self.database, stream, MOST + 1
        )  # one more: a name that is now in too many joins its cases no longer
        return {name for streams in found.values() for name in streams} - {stream}

    def _due(self, frames: Iterable[str]) -> None:
        now = self.book.clock()
        insert(self.database, "work_due", ("frame", "since"), [(frame, now) for frame in sorted(frames)])

    # ---- asking ------------------------------------------------------------------------------------------------

    def ask(self, stream: str) -> None:
        """Ask one stream and its people again as of now, and keep what was found in the place of what was there."""
        now = Now(self.book.clock())
        opened = open_stream(self.book, self.asking, stream, now)
        turns_at = next_turn([opened.frame, *(each for each, _ in opened.people)], now, self.asking.pack.words.calendar)
        self._clear([stream, *(each.whole_name for each, _ in opened.people)])
        self._keep(opened.frame, stream, opened.answers, turns_at)
        for each, given in opened.people:
            self._keep(each, stream, given, turns_at)
        insert(self.database, "work_placed", PLACED, [_placed_row(each) for each in opened.placed])
        self._keep_acts(opened.frame)
        keep_said(self.database, opened.frame, opened.said)
        insert(
            self.database,
            "work_awaited",
            ("frame", "kind"),
            [(stream, kind) for kind in sorted(opened.frame.coverage.awaited)],
        )
        keep_first(self.database, stream, first_of(opened, self.asking))
        self.database.run("DELETE FROM work_due WHERE frame = ?", (stream,))

    def current(self, where: Where, kept_away: Collection[str] = (), most: int = A_PAGE) -> int:
        """Ask those cases of a list again whose answers may have turned or been touched, the children first who stand worst.

        Gives back how many are left for the tick. What changed a moment ago it is about to ask: of that a page asks a few,
        so that one entry that touches many cases holds no page up; of what has waited for longer a page asks `most`.
        """
        condition, values = fitting(where, kept_away)
        now = self.book.clock()
        stale = self.database.run(
            "SELECT frame, MIN(since) FROM (SELECT f.frame, f.turns_at AS since FROM work_frame f WHERE f.turns_at <= ? AND "
            f"f.home = f.frame AND {condition} UNION ALL SELECT f.frame, d.since FROM work_due d "
            f"JOIN work_frame f ON f.frame = d.frame WHERE {condition}) AS s GROUP BY frame "
            "ORDER BY COALESCE((SELECT MIN(p.tier) FROM work_placed p WHERE p.frame = s.frame), 9), frame",
            [now, *values, *values],
        ).fetchall()
        waiting = [frame for frame, since in stale if since <= now - A_MOMENT]
        fresh = [frame for frame, since in stale if since > now - A_MOMENT]
        asked = [*waiting[:most], *fresh[: min(most, A_FEW)]][:most]
        for stream in asked:
            with self.book.transaction():
                self.ask(stream)
        return len(stale) - len(asked)

    def due(self, most: int) -> list[str]:
        """The streams to be asked again: first what was touched, the newest first, then what turned by itself."""
        return self._column(
            "SELECT home FROM (SELECT frame AS home, 0 AS part, -since AS at FROM work_due UNION ALL "
            "SELECT home, 1 AS part, turns_at AS at FROM work_frame WHERE turns_at <= ?) AS waiting "
            "GROUP BY home ORDER BY min(part), min(at), home LIMIT ?",
            [self.book.clock(), most],
        )

    def tick(self, most: int = 1_000, progress: Callable[[float], None] | None = None) -> int:
        """Look through what is new, and ask again what is due. Gives back how many were asked."""
        self.follow()
        due = self.due(most)
        for done, stream in enumerate(due, 1):
            with self.book.transaction():
                self.ask(stream)
            if progress:
                progress(done / len(due))
        return len(due)

    # ---- keeping -----------------------------------------------------------------------------------------------

    def _keep(self, frame: Frame, home: str, answers: Sequence[Answer], turns_at: int) -> None:
        now = int(frame.instant)
        if frame.sort == "case":
            insert(self.database, "work_led", LED, list(_led_rows(frame)))
            keep_lines(self.database, frame, self.asking.duty)
            keep_silence(self.database, frame)
        insert(self.database, "work_frame", FRAME, [(
            frame.whole_name, home, frame.team_at(now), _lead(frame, now), frame.entries[0].lo if frame.entries else 0,
            int(_running(frame, now)), _closed(frame, now), max((entry.known for entry in frame.entries), default=0), now, turns_at,
        )])  # fmt: skip
        rows = [each for each in answers if each.answer not in (MET, DOES_NOT_APPLY)]
        insert(self.database, "work_finding", FINDING, [_finding_row(each) for each in rows])
        keep_met(self.database, frame, answers)

    def _keep_acts(self, frame: Frame) -> None:
        calendar = frame.words.calendar
        rows = act_rows(frame.entries, self.asking.acts, calendar, calendar.day_of(int(frame.instant)))
        insert(self.database, "work_act", ACT, list(rows))

    def _clear(self, frames: Sequence[str]) -> None:
        for table in OF_FRAMES:
            self.database.run(f"DELETE FROM {table} WHERE frame IN {among(frames)}", frames)

    def _column(self, sql: str, values: Sequence[object]) -> list[str]:
        return [row[0] for row in self.database.run(sql, values).fetchall()]

    # ---- comparing and making anew -----------------------------------------------------------------------------

    def digest(self) -> str:
        """A digest of every row that follows from the entries, without when each was asked: equal for equal contents."""
        said = sha256()
        for table in (*OF_FRAMES, "work_named", "work_duty", "work_leave", "work_from", "work_typed", "work_read"):
            columns = {"work_frame": ", ".join(FRAME[:8])}.get(table, "*")
            rows = self.database.run(f"SELECT {columns} FROM {table}").fetchall()
            for row in sorted(map(repr, map(tuple, rows))):
                said.update(row.encode())
        return said.hexdigest()

    def rebuild(self, progress: Callable[[float], None] | None = None) -> bool:
        """Make everything anew from the first entry, as of now; whether what stood there, brought up to now, was equal."""
        with self.book.transaction():
            while self.tick():
                pass
            before = self.digest()
            empty(self.database)
            readings_anew(self.book)
            self.follow(progress)
            while self.tick(progress=progress):
                pass
            first_anew(self.book, self.asking)
            return self.digest() == before


class AtHand:
    """The worklists as a registered copy of the ledger: they lie in its own database, `place` names the packs asked."""

    name = "worklists"

    def __init__(self, place: Path, texts: Fields, people: Fields) -> None:
        self.pack, self.reached = load(str(place).split(os.pathsep)), 0

    @staticmethod
    def place_of(pack: Pack) -> str:
        """The packs with which they are asked, as the register holds it."""
        return os.pathsep.join(str(folder) for folder in pack.folders)

    def here(self) -> bool:
        """They stand in the ledger's own database."""
        return True

    def position(self) -> int:
        """The number of the last entry that was looked through."""
        return self.reached

    def follow(self, ledger: SqlBook, progress: Callable[[float], None] | None = None) -> int:
        """Look through what is new, and ask again what it touches."""
        lists = Worklists(ledger, Asking.of(self.pack))
        lists.tick(progress=progress)
        self.reached = lists.follow()
        return self.reached

    def rebuild(self, ledger: SqlBook, progress: Callable[[float], None] | None = None) -> bool:
        """Make them anew; whether what stood there was equal."""
        lists = Worklists(ledger, Asking.of(self.pack))
        make_tables(ledger.database)
        equal = lists.rebuild(progress)
        note_made(ledger.database)
        self.reached = lists.follow()
        return equal


COPIES[AtHand.name] = AtHand


def _led_rows(frame: Frame) -> Iterable[tuple[object, ...]]:
    if LED_BY in frame.words.states:
        for each in frame.state(LED_BY).get("", ()):
            yield str(each.value), frame.whole_name, each.lo, each.lo_sure, each.hi, each.hi_sure, each.key


def _lead(frame: Frame, now: int) -> str:
    return str(frame.value(LED_BY, "", now) or "") if LED_BY in frame.words.states and frame.sort == "case" else ""


def _running(frame: Frame, now: int) -> bool:
    """Whether a case is still open: whatever its pack does not say is closed."""
    return "closed" not in frame.words.states or frame.holds("closed", "", now) is not True


def _closed(frame: Frame, now: int) -> int:
    """Since when it is known that a case is closed (seconds UTC); 0 for one that is open."""
    if _running(frame, now):
        return 0
    last = max(frame.state("closed")[""], key=lambda each: each.lo)
    return next((entry.known for entry in frame.entries if entry.key == last.key), int(last.lo))


def _finding_row(each: Answer) -> tuple[object, ...]:
    return (
        each.frame, each.key, each.standard, each.version, each.asked_for, each.trigger, each.n, each.answer, each.reason,
        None if each.due is None else int(each.due), json.dumps(each.evidence), json.dumps(each.marks), each.tier,
        each.root, each.team, json.dumps(each.about),
    )  # fmt: skip


def _placed_row(each: Placed) -> tuple[object, ...]:
    return (
        each.frame,
        each.person,
        each.tier,
        each.order,
        each.because,
        each.confidence,
        each.team,
        each.step,
        each.done_by,
    )
