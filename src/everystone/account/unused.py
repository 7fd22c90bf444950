"""What of an extract could not be used, in sentences that stand before every number: a nought that rests on nothing reassures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from everystone.account.between import small
from everystone.account.disclosure import THRESHOLD, shown
from everystone.intake.rejects import visible

FILES = 5  # named in a sentence; the rest are counted
BEWARE = "Nothing there was looked at, so that a nought below does not say that all is well."


def unused(run: Mapping[str, Any], *, detailed: bool) -> list[str]:
    """The sentences about the rows that could not be used, the gravest first; none where every row could.

    `run` is run.json: `files` (the rows of each) and `not_named` (the words for which the mapping names no kind).
    Without `detailed` no file is named, and no number of rows that is small is told.
    """
    files: Mapping[str, Mapping[str, int]] = run.get("files", {})
    words: Mapping[str, Any] = run.get("not_named") or {"words": 0, "rows": {}}
    nothing = [name for name, rows in files.items() if not rows["used"] and (rows["rejected"] or name in words["rows"])]
    rejected = {name: rows["rejected"] for name, rows in files.items() if rows["rejected"]}
    read = sum(rows["read"] for rows in files.values())
    if detailed:
        said = [_nothing_of(nothing), _rejected(rejected, read, files), _not_named(words)]
    else:
        whole = len(nothing) == len(files)
        none_of = "No row of the extract could be used." if whole else "Of a part of the files no row could be used."
        said = [f"{none_of} {BEWARE}" if nothing else "", _in_figures(sum(rejected.values()), read),
                _words_in_figures(sum(words["rows"].values()))]  # fmt: skip
    return [each for each in said if each]


def _nothing_of(files: Sequence[str]) -> str:
    return f"No row of {_listed([visible(name) for name in files])} could be used. {BEWARE}" if files else ""


def _rejected(rejected: Mapping[str, int], read: int, files: Mapping[str, Mapping[str, int]]) -> str:
    if not rejected:
        return ""
    most = sorted(rejected, key=lambda name: (-rejected[name], name))
    by_file = [f"{visible(name)}: {rejected[name]:,} of {files[name]['read']:,}" for name in most]
    return f"{sum(rejected.values()):,} of {_rows(read)} could not be used: see rejects.csv ({_listed(by_file)})."


def _not_named(words: Mapping[str, Any]) -> str:
    if not words["words"]:
        return ""
    rows: Mapping[str, int] = words["rows"]
    most = [f"{visible(name)}: {rows[name]:,}" for name in sorted(rows, key=lambda name: (-rows[name], name))]
    n = f"{words['words']:,} {'word' if words['words'] == 1 else 'words'}"
    return (f"For {n} the mapping names no kind; what {_rows(sum(rows.values()))} say by it is in no answer: "
            f"see unnamed.csv ({_listed(most)}).")  # fmt: skip


def _in_figures(rejected: int, read: int) -> str:
    """A number that is small stands as "fewer than"; so would the rest, which is why then only one of the two is told."""
    if not rejected:
        return ""
    of = "" if small(rejected, THRESHOLD) or small(read - rejected, THRESHOLD) else f" of {read:,}"
    return _begun(f"{shown(rejected)}{of} rows of the extract could not be used.")


def _words_in_figures(rows: int) -> str:
    if not rows:
        return ""
    return _begun(
        f"{shown(rows)} rows of the extract bear a word for which the mapping names no kind; what they say by it is in no answer."
    )


def _begun(said: str) -> str:
    return said[:1].upper() + said[1:]


def _rows(n: int) -> str:
    return f"{n:,} {'row' if n == 1 else 'rows'}"


def _listed(names: Sequence[str]) -> str:
    *others, last = [*names[:FILES], *([f"{len(names) - FILES:,} more"] if len(names) > FILES else [])]
    return f"{', '.join(others)} and {last}" if others else last
