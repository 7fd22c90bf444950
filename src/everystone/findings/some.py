"""Some streams of a ledger with all that the rest of it says of those in them: as much as a review of them alone reads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from everystone.findings import copies, elsewhere, led
from everystone.findings.asking import LED_BY
from everystone.findings.elsewhere import OFFICER
from everystone.findings.gathering import COPIES, LED, OF_PEOPLE, Only, asks_of
from everystone.ledger.book.apart import apart
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.book.rows import write
from everystone.standards.pack import Pack


def some(
    book: ParquetBook, streams: Collection[str], pack: Pack, folder: Path, *, threads: int = 1
) -> tuple[Path, Only]:
    """A ledger, under `folder`, in which a review of some streams gives what one of the whole ledger gives of them.

    It holds those streams, all that share a person with them where that can matter, and those of every officer of whom any
    of these speaks. Not for standards that ask which texts are copies, or how many cases somebody leads: these look at all.
    """
    ledger, mine = folder / "around", folder / "only"
    for each in (ledger, mine):
        shutil.rmtree(each, ignore_errors=True)
    apart(book, streams, mine, threads=threads)
    shutil.copytree(mine, ledger)
    asked, around, officers = ParquetBook(mine, {}), ParquetBook(ledger, {}), _officers(book)
    shared = _sharing(book, asked, set().union(*officers.values()), pack, threads)
    apart(book, {stream for each in shared.values() for stream in each}.difference(streams), ledger, threads=threads)
    speaking = _spoken_of(around, officers)
    apart(book, {OFFICER + name for name in speaking}, ledger)
    doing = _spoken_of(
        around, officers, f"WHERE starts_with(stream, '{OFFICER}')"
    )  # by whom what stands of them was done
    apart(book, {OFFICER + name for name in doing - speaking}, ledger)
    if not book.coverage().total:
        around.state(book.coverage().holdings or ())
    return ledger, Only(mine, sorted(shared), _nothing_gathered(asked, folder / "gathered"))


def _nothing_gathered(book: ParquetBook, folder: Path) -> Path:
    """A folder in which no text is a copy and nobody leads a case."""
    folder.mkdir(exist_ok=True, mode=0o700)
    copies.gather(book, (), 0, 0, folder / COPIES)
    write(led.STRETCHES.empty_table(), folder / LED)
    return folder


def _sharing(
    book: ParquetBook, asked: ParquetBook, officers: set[str], pack: Pack, threads: int
) -> Mapping[str, Sequence[str]]:
    """Who joins the streams asked with which others: nobody where what those say of people cannot matter."""
    describing = sorted(pack.words.kinds.describing)
    if not asks_of(pack, *OF_PEOPLE) and not {each.standard.asked_for for each in pack.finished} - {"case"}:
        given = {"kinds": describing, "leads": sorted(_leads(asked, pack))}
        moved = book.query(_MOVED, {"kinds": describing}, threads).fetchall()
        bearing = asked.query(_BEARING, {"kinds": describing, "moved": [key for (key,) in moved]}).fetchall()
        if not bearing and not book.query(_DESCRIBED, given, threads).fetchall():
            return {}
    return elsewhere.sharing(book, _texts(asked, "SELECT DISTINCT unnest(names) FROM entries") - officers, threads)


def _leads(asked: ParquetBook, pack: Pack) -> set[str]:
    """Everybody who may have led a case: the team is theirs where the record names none."""
    state, found = pack.words.states.get(LED_BY), set[str]()
    for edge in state.starts if state is not None else ():
        rows = asked.query("SELECT DISTINCT data ->> $value FROM entries WHERE kind IN (SELECT unnest($kinds))",
                           {"value": edge.value or "", "kinds": edge.kinds})  # fmt: skip
        found |= {lead for (lead,) in rows.fetchall() if lead}
    return found


# What describes people moves (corrects or withdraws); whether it bears on anything that is asked; whether it is of a lead.
_MOVED = """
    SELECT unnest([corrects, withdraws]) FROM entries
    WHERE (corrects <> '' OR withdraws <> '') AND kind IN (SELECT unnest($kinds))
"""
_BEARING = """
    SELECT 1 FROM entries WHERE key IN (SELECT unnest($moved)) AND kind NOT IN (SELECT unnest($kinds)) LIMIT 1
"""
_DESCRIBED = f"""
    SELECT 1 FROM (SELECT unnest(subjects) AS person FROM entries
                   WHERE kind IN (SELECT unnest($kinds)) AND NOT starts_with(stream, '{OFFICER}'))
    SEMI JOIN (SELECT unnest($leads) AS person) USING (person) LIMIT 1
"""  # noqa: S608 - names of streams
_OFFICERS = f"""
    SELECT DISTINCT substr(stream, {len(OFFICER) + 1}) AS officer, unnest(list_append(names, officer))
    FROM entries WHERE starts_with(stream, '{OFFICER}')
"""  # noqa: S608 - names of streams
# Every text that stands alone anywhere in an entry, as it is written.
_SPOKEN = r"""
    WITH here AS (SELECT "by", names, data FROM entries {where})
    SELECT DISTINCT "by" FROM here UNION SELECT unnest(names) FROM here
    UNION SELECT unnest(regexp_extract_all(data, '"((?:[^"\\]|\\.)*)"', 1)) FROM here
"""


def _officers(book: ParquetBook) -> dict[str, set[str]]:
    """Everybody of whom the stream of an officer speaks, each with the officers whose streams these are."""
    found: dict[str, set[str]] = {}
    for officer, name in book.query(_OFFICERS).fetchall():
        found.setdefault(name, set()).add(officer)
    return found


def _spoken_of(book: ParquetBook, officers: Mapping[str, set[str]], where: str = "") -> set[str]:
    """The officers in whose streams anybody stands of whom a book speaks."""
    spoken = _texts(book, _SPOKEN.format(where=where))
    return {officer for name, whose in officers.items()
            if name in spoken or json.dumps(name, ensure_ascii=False)[1:-1] in spoken for officer in whose}  # fmt: skip


def _texts(book: ParquetBook, sql: str) -> set[str]:
    return {text for (text,) in book.query(sql).fetchall()}
