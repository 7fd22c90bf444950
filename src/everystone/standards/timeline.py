"""Timelines of stories: one entry a line, told in words that anybody can write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from everystone.ledger.entry import Capacity, Entry, Source
from everystone.ledger.fault import Fault
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards import document

ALWAYS = -(1 << 40)  # known before the first line
_INSTANT = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?)?)?"
_LINE = re.compile(
    rf"(?:\#(?P<label>[\w-]+)\s+)?(?P<happened>{_INSTANT})\s+(?:recorded\s+(?P<recorded>{_INSTANT})\s+)?"
    r"(?:in\s+(?P<case>\S+)\s+)?(?P<kind>[a-z_]+\.[a-z_0-9]+)\s+(?P<subjects>[^\s,]+(?:\s*,\s*[^\s,]+)*)\s+by\s+(?P<by>\S+)"
    r"(?:\s+(?P<verb>corrects|withdraws)\s+\#(?P<target>[\w-]+))?\s*(?P<fields>\{.*\})?\s*(?:#\s.*)?$",
)


def timeline(
    said: Mapping[str, Any], name: str, words: Vocabulary, where: str, sort: str = "case"
) -> dict[str, list[Entry]]:
    """The entries of a story by stream, those that describe its people first.

    A line is of the stream `sort`/`name`, of another one `in NAME`, or of one of another sort `in SORT/NAME`.
    """
    people = {str(letter): document.plain(details or {}) for letter, details in (said.get("people") or {}).items()}
    writer = _Writer(words, people, f"{sort}/{name}", where, str(said.get("jurisdiction") or ""))
    for letter, details in people.items():
        writer.describe(letter, details)
    read = list(_lines(str(said.get("timeline", ""))))
    for number, line in read:
        writer.label(number, line)
    for number, line in read:
        writer.write(number, line)
    return writer.streams


_COMMENT = re.compile(r"//|#\s|#$|#(?!.*\d{4}-\d{2})")  # a label stands before a date, a comment does not


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The entries of a timeline, each with the number of its first line; fields may go on over several lines."""
    began, entry = 0, ""
    for number, line in enumerate((each.strip() for each in text.splitlines()), 1):
        if not line:
            continue
        if entry and (_still_open(entry) or line.startswith("{")):
            entry = f"{entry} {line}"
        elif not _COMMENT.match(line):
            if entry:
                yield began, entry
            began, entry = number, line
    if entry:
        yield began, entry


def _still_open(entry: str) -> bool:
    """Whether the fields of an entry have begun and not ended, what stands in quotes left out."""
    bare = re.sub(r'"(?:\\.|[^"\\])*"' + r"|'(?:''|[^'])*'(?=\s*[,}\]])", "", entry)
    return bare.count("{") > bare.count("}")


class _Writer:
    def __init__(
        self, words: Vocabulary, people: Mapping[str, Mapping[str, Any]], home: str, where: str, country: str
    ) -> None:  # fmt: skip
        self.words, self.people, self.home, self.where, self.country = words, people, home, where, country
        self.sort, _, self.name = home.partition("/")
        self.streams: dict[str, list[Entry]] = {}
        self._labels: dict[str, str] = {}
        self._stream_of: dict[str, str] = {}
        self._count = 0

    def describe(self, letter: str, details: Mapping[str, Any]) -> None:
        kind = next(iter(sorted(self.words.kinds.describing)), None)
        if kind is None:
            raise Fault("The packs in use have no kind that describes people.", where=self.where)
        try:
            data = self.words.kinds.admit(kind, details, lenient=True)
            if data.get("born"):
                self.words.calendar.span(str(data["born"]))
        except Fault as fault:
            raise Fault(f"{letter}: {fault.public}", where=self.where) from fault
        stream = f"officer/{letter}" if details.get("role") == "officer" else self.home
        self._append(stream, Entry(
            number=self._next(), stream=stream, kind=kind, subjects=(letter,), lo=ALWAYS, hi=ALWAYS,
            recorded=ALWAYS, accepted=ALWAYS, by="", capacity=Capacity(), data=data,
            source=Source("story", "force", f"{self.name}/{letter}"),
        ))  # fmt: skip

    def label(self, number: int, line: str) -> None:
        match = self._match(number, line)
        label = match["label"]
        if label in self._labels:
            raise Fault(f"Two lines bear the label #{label}. Give one another label.", where=self._at(number))
        if label:
            self._labels[label] = self._key(number)

    def write(self, number: int, line: str) -> None:
        match, where = self._match(number, line), self._at(number)
        lo, hi = self._span(match["happened"], where)
        recorded = self._span(match["recorded"], where)[1] if match["recorded"] else hi
        fields = document.parse(match["fields"], where) if match["fields"] else {}
        cited = {name: self._cite(value, where) for name, value in document.plain(fields).items()}
        try:
            data = self.words.kinds.admit(match["kind"], {**self._given(match["kind"]), **cited}, lenient=True)
        except Fault as fault:
            raise Fault(fault.public, where=where) from fault
        target = self._cite(f"#{match['target']}", where) if match["target"] else ""
        subjects = () if match["subjects"] == "-" else tuple(re.split(r"\s*,\s*", match["subjects"]))
        actor = "" if match["by"] == "-" else match["by"]
        details = self.people.get(actor, {})
        stream = self._stream(match["case"])
        if match["kind"] in self.words.kinds.officer_level and subjects:
            stream = f"officer/{subjects[0]}"
        stream = self._stream_of.get(target, stream)  # a correction stands where what it corrects stands
        self._append(stream, Entry(
            number=self._next(), stream=stream, kind=match["kind"], subjects=subjects, lo=lo, hi=hi,
            recorded=recorded, accepted=recorded, by=actor,
            capacity=Capacity(str(details.get("role", "")), str(details.get("rank", "")), str(details.get("team", ""))),
            data=data, source=Source("story", self._channel(details), self._key(number)),
            corrects=target if match["verb"] == "corrects" else "",
            withdraws=target if match["verb"] == "withdraws" else "",
            late_reason=str(cited.get("late_reason", "")), quote_of=str(cited.get("quote_of", "")),
        ))  # fmt: skip

    def _given(self, kind: str) -> dict[str, str]:
        """What the story says of all its entries: the country whose rules apply, where the kind has room for it."""
        known = self.words.kinds.by_name.get(kind)
        return {"jurisdiction": self.country} if known and self.country and "jurisdiction" in known.fields else {}

    def _stream(self, said: str | None) -> str:
        """The stream that a line names: the story's own, another of that sort, or one of a sort that is said."""
        if said and said.partition("/")[0] in {"case", *self.words.streams}:
            return said
        return f"{self.sort}/{said}" if said else self.home

    def _match(self, number: int, line: str) -> re.Match[str]:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Fault(
                f"This is not an entry: {line[:60]!r}. Write [#label] HAPPENED [recorded INSTANT] "
                "KIND SUBJECT[,SUBJECT]|- by ACTOR [corrects #label | withdraws #label] [{fields}].",
                where=self._at(number),
            )
        return match

    def _at(self, number: int) -> str:
        return f"{self.where}, timeline line {number}"

    def _span(self, text: str, where: str) -> tuple[int, int]:
        try:
            return self.words.calendar.span(re.sub(r"[ T](\d):", r" 0\1:", text))
        except Fault as fault:
            raise Fault(fault.public, where=where) from fault

    def _cite(self, value: Any, where: str) -> Any:
        if isinstance(value, list):
            return [self._cite(each, where) for each in value]
        if isinstance(value, str) and re.fullmatch(r"#[\w-]+", value):
            if value[1:] not in self._labels:
                raise Fault(f"No line of the timeline bears the label {value}.", where=where)
            return self._labels[value[1:]]
        return value

    def _channel(self, details: Mapping[str, Any]) -> str:
        if details.get("agency"):
            return str(details["agency"])
        return self.words.channels.get(str(details.get("role", "")), "force")

    def _key(self, number: int) -> str:
        return f"{self.name}:{number:04d}"

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _append(self, stream: str, entry: Entry) -> None:
        self.streams.setdefault(stream, []).append(entry)
        self._stream_of[entry.key] = stream
