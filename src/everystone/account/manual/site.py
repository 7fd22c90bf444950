"""The pages of the manual: a page for each standard, indexes, what held on a day, what changed, what a finding is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from everystone.account.folder import say_run, written
from everystone.account.manual import drawn, versions
from everystone.account.manual.rule import parts
from everystone.account.page import policy_of, render, style_of
from everystone.account.precision import Precision
from everystone.findings.explain import LIMITS
from everystone.ledger.fault import Fault
from everystone.standards.pack import Loaded, Pack
from everystone.standards.story import Story, read_stories

REFERENCE = re.compile(r"\b[A-Z]{1,4}-[0-9]{2}\b")
THREATENS = {
    "child-safety": "the safety of a child",
    "justice": "justice: evidence and decisions that are lost",
    "rights": "the rights of somebody in the case",
    "record": "the record itself",
}
ASKED_FOR = {"case": "each case, once"}
STYLES = ("report.css", "manual/manual.css")


class Period(NamedTuple):
    """Days between which nothing changes: the first, the last (none: no later change is on file), and its page."""

    first: date
    last: date | None

    @property
    def page(self) -> str:
        """The page on which it stands."""
        return f"from-{self.first.isoformat()}.html"


def write_manual(
    pack: Pack, folder: Path, on: Sequence[date] = (), between: tuple[date, date] | None = None,
    used: Iterable[Precision] = (),
) -> list[Path]:  # fmt: skip
    """Write the manual of a pack into a folder and return its pages; `on` and `between` add pages of their own.

    `used` is what people said of the findings of a review: with it the manual is the force's own, and not for others.

    Raises Fault where somebody else's files stand in the folder, or where the two days are the same or the wrong way round.
    """
    if between is not None and between[0] >= between[1]:
        raise Fault(f"--between takes an earlier and a later day, and {between[0]} is not before {between[1]}.")
    with written(folder):
        for stale in folder.glob("*.html"):
            stale.unlink()
        in_use = {each.standard: each for each in used if each.spoken_of}
        pages = Manual(pack, in_use).pages(on, between)
        for name, text in pages.items():
            (folder / name).write_text(text, encoding="utf-8")
        say_run(folder, {"manual_of": list(pack.names), "digest": pack.digest, "pages": len(pages)})
        if not in_use:
            folder.chmod(0o755)  # nothing of a case stands here, and it is meant to be read
    return [folder / name for name in pages]


class Manual:
    """A manual: the standards in order, and what every page of it is given."""

    def __init__(self, pack: Pack, in_use: Mapping[str, Precision] | None = None) -> None:
        self.pack, self.words, self.in_use = pack, pack.words, in_use or {}
        self.standards = pack.finished
        self.changes = versions.changes(self.standards, self.words)
        self.periods = _periods(versions.days_of_change(self.standards))
        self.given: dict[str, Any] = {
            "mark": f"The standards of {', '.join(pack.names)}, as they run. No case is told of here."
                    f"{' With what was said of findings in a review: for this force only.' if in_use else ''}",
            "limits": LIMITS, "packs": list(pack.names), "digest": pack.digest, "number_of": len(self.standards),
            "page_of": page_of, "linked": partial(linked, pack=pack), "said": versions, "day": day, "anchor": anchor,
        }  # fmt: skip

    def pages(self, on: Sequence[date], between: tuple[date, date] | None) -> dict[str, str]:
        """Every page by its file name."""
        return {name: made() for name, made in self.makers(on, between).items()}

    def makers(self, on: Sequence[date] = (), between: tuple[date, date] | None = None) -> dict[str, Callable[[], str]]:
        """What makes each page, by its file name."""
        found: dict[str, Callable[[], str]] = {
            "index.html": partial(self._index, on, between), "findings.html": partial(self._page, "findings"),
            "days.html": partial(self._page, "days", years=self._years()),
        }  # fmt: skip
        for loaded in self.standards:
            found[page_of(loaded.id)] = partial(self._standard, loaded)
        for name, heading, groups in self._indexes():
            found[f"{name}.html"] = partial(self._page, "listed", heading=heading, groups=groups)
        found["status.html"] = partial(self._page, "status", shares=self._shares(), by_area=self._shares_by_area(),
                                       to_confirm=self._to_confirm())  # fmt: skip
        found["changes.html"] = partial(self._page, "changes", changes=self.changes)
        for each in self.periods:
            found[each.page] = partial(self._in_force, each.first, each)
        for asked in on:
            found[f"on-{asked.isoformat()}.html"] = partial(self._in_force, asked, None)
        if between is not None:
            found[_between(between)] = partial(self._difference, *between)
        return found

    @property
    def policy(self) -> str:
        """What a browser is told of each of its pages."""
        return policy_of(style_of(STYLES, **self.given))

    def _page(self, template: str, **given: Any) -> str:
        return render(f"manual/{template}.html", styles=STYLES, **self.given, **given)

    def _index(self, on: Sequence[date], between: tuple[date, date] | None) -> str:
        extra = [(f"on-{each.isoformat()}.html", f"In force on {day(each)}") for each in on]
        if between is not None:
            extra.append((_between(between), f"What differs between {day(between[0])} and {day(between[1])}"))
        return self._page("index", areas=_grouped(self.standards, lambda each: [each.area]), shares=self._shares(),
                          stories=sum(len(each.standard.stories) for each in self.standards), extra=extra)  # fmt: skip

    def _standard(self, loaded: Loaded) -> str:
        dated = [(each, parts(each, self.words)) for each in loaded.versions]
        stories = [drawn.drawn(each) for each in self._stories(loaded)]
        follow = [each for each in self.standards if loaded.id in each.standard.roots]
        bars = _bars(loaded)
        return self._page(
            "standard", of=loaded, standard=loaded.standard, dated=dated, stories=stories, bars=bars, follow=follow,
            changes=[each for each in self.changes if each.loaded is loaded], threatens=THREATENS, asked_for=ASKED_FOR,
            rule=_rule(loaded), wide=drawn.WIDE, used=self.in_use.get(loaded.id),
        )  # fmt: skip

    def _stories(self, loaded: Loaded) -> list[Story]:
        if not loaded.standard.stories:
            return []
        return [each for each in read_stories(loaded.path, self.pack) if isinstance(each, Story)]

    def _indexes(self) -> Iterable[tuple[str, str, dict[str, list[Loaded]]]]:
        yield "areas", "By area", _grouped(self.standards, lambda each: [each.area])
        yield "actors", "By who acts", _grouped(self.standards, lambda each: [each.standard.who_acts])
        yield "sources", "By source", _grouped(self.standards, _sources)

    def _shares(self) -> list[tuple[str, int, int]]:
        return _count(self.standards)

    def _shares_by_area(self) -> dict[str, list[tuple[str, int, int]]]:
        return {area: _count(those) for area, those in _grouped(self.standards, lambda each: [each.area]).items()}

    def _to_confirm(self) -> list[tuple[Loaded, Any]]:
        return [(loaded, dated.version) for loaded in self.standards for dated in loaded.versions
                if dated.version.checked != "verified"]  # fmt: skip

    def _in_force(self, asked: date, period: Period | None) -> str:
        held = {loaded.id: dated for loaded in self.standards if (dated := versions.on(loaded, asked)) is not None}
        groups = _grouped([each for each in self.standards if each.id in held], lambda each: [each.area])
        near = self.periods.index(period) if period else -1
        return self._page(
            "in_force", asked=asked, period=period, held=held, groups=groups,
            earlier=self.periods[near - 1] if near > 0 else None,
            later=self.periods[near + 1] if 0 <= near < len(self.periods) - 1 else None,
            changed=[each for each in self.changes if period and each.day == asked],
        )  # fmt: skip

    def _difference(self, first: date, last: date) -> str:
        began, ended, changed = [], [], []
        for loaded in self.standards:
            before, after = versions.on(loaded, first), versions.on(loaded, last)
            if before is None and after is not None:
                began.append((loaded, after))
            elif before is not None and after is None:
                ended.append((loaded, before))
            elif before is not None and after is not None and before is not after:
                changed.append((loaded, versions.differences(before, after, self.words), after))
        return self._page("between", first=first, last=last, began=began, ended=ended, changed=changed)

    def _years(self) -> dict[str, list[Period]]:
        years: dict[str, list[Period]] = {}
        for each in self.periods:
            years.setdefault(f"{each.first:%Y}", []).append(each)
        return years


def page_of(standard: str) -> str:
    """The page of a standard."""
    return f"{standard.lower()}.html"


def linked(text: str, pack: Pack) -> Markup:
    """A text of a pack's file, escaped, in which each standard that it names leads to its page."""
    said = str(escape(text))

    def link(match: re.Match[str]) -> str:
        loaded = pack.standards.get(match[0])
        named = loaded is not None and loaded.standard.finished
        return f'<a href="{page_of(match[0])}">{match[0]}</a>' if named else match[0]

    return Markup(REFERENCE.sub(link, said))  # noqa: S704 - escaped above


def day(each: date) -> str:
    """12 September 2011."""
    return f"{each.day} {each:%B %Y}"


def anchor(text: str) -> str:
    """A heading as the name of its place on a page."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _between(days: tuple[date, date]) -> str:
    return f"between-{days[0].isoformat()}-{days[1].isoformat()}.html"


def _periods(days: Sequence[date]) -> list[Period]:
    return [Period(first, days[n + 1] - timedelta(1) if n + 1 < len(days) else None) for n, first in enumerate(days)]


def _grouped(standards: Iterable[Loaded], of: Callable[[Loaded], Iterable[str]]) -> dict[str, list[Loaded]]:
    groups: dict[str, list[Loaded]] = {}
    for each in standards:
        for name in of(each):
            groups.setdefault(name.replace("-", " ")[:1].upper() + name.replace("-", " ")[1:], []).append(each)
    return dict(sorted(groups.items(), key=lambda item: item[0].lower()))


def _sources(loaded: Loaded) -> list[str]:
    return list(dict.fromkeys(where.name for dated in loaded.versions for where in dated.version.sources))


def _count(standards: Iterable[Loaded]) -> list[tuple[str, int, int]]:
    """How many versions are of each status, of how many."""
    counted = Counter(versions.status(dated.version) for loaded in standards for dated in loaded.versions)
    return [(status, counted[status], counted.total()) for status in versions.STATUS.values()]


def _bars(loaded: Loaded) -> list[tuple[float, float, bool]]:
    """Each version's place on a line of time in percent (start, length), and whether it goes on."""
    first = loaded.versions[0].version.since
    end = max(dated.until or dated.version.since for dated in loaded.versions)
    last = end + timedelta(max(365, (end - first).days // 6))  # room for what goes on
    days = (last - first).days
    return [
        (100 * (each.version.since - first).days / days, 100 * ((each.until or last) - each.version.since).days / days,
         each.until is None) for each in loaded.versions
    ]  # fmt: skip


def _rule(loaded: Loaded) -> str:
    """The rule as its file says it: everything above the stories."""
    text = loaded.path.read_text(encoding="utf-8-sig")
    return re.split(r"(?m)^stories:", text)[0].rstrip()
