"""What a review gathers over the whole ledger before a range is asked: people of several streams, what is said elsewhere,
who led which case, and which texts are copies."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from everystone.findings import copies, elsewhere, led
from everystone.findings.frames import Instants
from everystone.ledger.book.parquet import ENTRIES, WHOSE, ParquetBook
from everystone.ledger.book.rows import write_all, write_in_order
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.pack import Pack

PERSONS, ELSEWHERE, COPIES, LED = "persons.parquet", "elsewhere.parquet", "copies.parquet", "led.parquet"
KEPT = (COPIES, LED)  # what is gone on from after new entries
#: The keys that may look at who is who: ages, parts and links, who acted, whom an entry or a state is about.
OF_PEOPLE = (
    "age", "sex", "someone", "offence", "offence in force", "same person", "qualified", "open cases", "state", "by", "same",
    "clock_stops_while",
)  # fmt: skip
COPIED, LOAD = ALL_CASES = "copied", "open cases"  # those that look at all cases: at texts, at what an officer leads


class Only(NamedTuple):
    """Some frames of a ledger: the folder of a book with their streams alone, and the persons who are asked beside them.

    `gathered` is a folder where it lies already which texts of the whole ledger are copies, and who led which case.
    """

    streams: Path
    persons: Sequence[str]
    gathered: Path


class Gathering(NamedTuple):
    """One gathering, told so that a process that has read no pack can do it."""

    book: ParquetBook
    words: Vocabulary
    parts: Path
    when: Instants
    kinds: dict[str, list[str]]  # those about officers, beside persons, heard of elsewhere, and compared
    only: Only | None

    @classmethod
    def of(cls, book: ParquetBook, pack: Pack, when: Instants, parts: Path, only: Only | None = None) -> Gathering:
        """What a review of a book (of `only` some frames) gathers into the folder `parts`."""
        words = pack.words.kinds
        kinds = {
            "about": kinds_about_officers(pack),
            "beside": sorted(words.describing | words.opening),
            "heard": sorted(elsewhere.heard_of(pack)),
            "compared": compared(pack),
        }
        return cls(book, pack.words, parts, when, kinds, only)

    def do(self) -> None:
        """Write the four files; what a run that was stopped had written already stays."""
        persons, elsewhere_, led_, copied = (self.parts / name for name in (PERSONS, ELSEWHERE, LED, COPIES))
        if not persons.exists():
            self._persons(persons)
        if not elsewhere_.exists():
            elsewhere.gather(self.book, self.kinds["heard"], persons, elsewhere_)
        if not led_.exists():
            led.gather(self.book, self.words, self.when, led_)
        if not copied.exists():
            copies.gather(self.book, self.kinds["compared"], self.when.as_at, self.when.known_on, copied)

    def do_apart(self) -> None:
        """The same in a process of its own, whose memory ends with it. Raises RuntimeError where that process fails."""
        job = self.parts / "gathering"
        job.write_bytes(pickle.dumps(self))
        try:
            subprocess.run([sys.executable, "-m", "everystone.findings.gathering", str(job)], check=True)  # noqa: S603 - ourselves
        except subprocess.CalledProcessError as error:
            raise RuntimeError("gathering people and texts over the whole ledger stopped before it was done") from error

    def _persons(self, path: Path) -> None:
        """Officers are named nearly everywhere; of them only kinds are gathered that some standard about officers names."""
        given: dict[str, Any] = {"about": self.kinds["about"], "beside": self.kinds["beside"]}
        among = ""
        if self.only is not None:
            given["only"], among = list(self.only.persons), "WHERE person IN (SELECT unnest($only))"
        moved = path.with_suffix(".moved")
        write_all(self.book.query(_MOVED, {"about": self.kinds["about"]}), moved)
        columns = ", ".join(f'e."{name}"' for name in ENTRIES.names)
        found = self.book.query(_PERSONS.format(columns=columns, among=among), {**given, "moved": str(moved)})
        write_in_order(found, path, "whose", "number", WHOSE)
        moved.unlink()


# In which streams something about whom was corrected or withdrawn. Two numbers alike by chance do no harm: more is gathered.
_MOVED = """
    SELECT DISTINCT person, stream FROM (
        SELECT unnest(names) AS person, stream, hash(key) AS key FROM entries WHERE list_contains($about, kind))
    SEMI JOIN (SELECT hash(CASE WHEN corrects <> '' THEN corrects ELSE withdraws END) AS key FROM entries
               WHERE corrects <> '' OR withdraws <> '') USING (key)
"""
# Those named in several streams, and officers: what names them, and what describes people or opens a case beside it. All that
# is corrected or withdrawn there is gathered too, as a correction may name them no more.
_PERSONS = """
    WITH named AS (SELECT * FROM (SELECT DISTINCT unnest(names) AS person, stream FROM entries) {among}),
    officers AS (SELECT * FROM (
        SELECT DISTINCT substr(stream, 9) AS person FROM entries WHERE stream LIKE 'officer/%') {among}),
    shared AS (SELECT person FROM named WHERE person NOT IN (SELECT person FROM officers)
               GROUP BY person HAVING count(*) > 1),
    wanted AS (SELECT named.person, named.stream FROM named JOIN shared USING (person)),
    of_officers AS (SELECT DISTINCT person, number FROM officers JOIN (
        SELECT unnest(names) AS person, number FROM entries WHERE list_contains($about, kind)
        UNION ALL SELECT person, number FROM read_parquet($moved, hive_partitioning=false) JOIN (
            SELECT number, stream FROM entries WHERE corrects <> '' OR withdraws <> '') USING (stream)) USING (person))
    SELECT w.person AS whose, {columns} FROM entries e JOIN wanted w ON e.stream = w.stream
    WHERE list_contains(e.names, w.person) OR list_contains($beside, e.kind) OR e.corrects <> '' OR e.withdraws <> ''
    UNION ALL SELECT o.person, {columns} FROM entries e JOIN of_officers o ON e.number = o.number
"""


def kinds_about_officers(pack: Pack) -> list[str]:
    """The kinds that standards asked of officers name, themselves or by a state; none where there are no such."""
    found, words = set[str](), pack.words
    for each in pack.finished:
        if each.standard.frame == "officer":
            standard = each.standard
            said = set(words_in([getattr(standard, standard.evaluator), *(one.said_anew for one in standard.versions)]))
            found |= {name for name in said if name in words.kinds}
            found |= {kind for name in said & set(words.states) for kind in words.states[name].kinds}
    return sorted(found | words.kinds.describing) if found else []


def asks_of(pack: Pack, *keys: str) -> bool:
    """Whether any standard says one of some keys of the grammar: whether a text was copied, say."""
    said = [[getattr(each.standard, each.standard.evaluator), *(one.said_anew for one in each.standard.versions)]
            for each in pack.finished]  # fmt: skip
    return any(says(each, key) for each in said for key in keys)


def compared(pack: Pack) -> list[str]:
    """The kinds whose texts are compared; none where no standard asks whether a text was copied."""
    return sorted(pack.words.kinds.compared) if asks_of(pack, COPIED) else []


def says(said: object, key: str) -> bool:
    """Whether a key stands anywhere inside lists and mappings."""
    if isinstance(said, dict):
        return key in said or any(says(part, key) for part in said.values())
    return isinstance(said, list) and any(says(part, key) for part in said)


def words_in(said: object) -> Iterator[str]:
    """Every text inside lists and mappings."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict | list):
        for part in said.values() if isinstance(said, dict) else said:
            yield from words_in(part)


if __name__ == "__main__":
    pickle.loads(Path(sys.argv[1]).read_bytes()).do()  # noqa: S301 - written by our own parent into a private folder
