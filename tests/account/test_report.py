"""What a report shows to whom, that every number has a denominator, and that nothing of the input runs in it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from everystone.account.cards import MOST_CARDS, attention
from everystone.account.casefile import tell
from everystone.account.opened import open_cases
from everystone.account.page import digest
from everystone.account.report import MARKS, write_report
from everystone.account.totals import totals
from everystone.account.whole import looked_at
from everystone.findings.explain import LIMITS
from everystone.findings.sealed import sealed_in
from everystone.findings.today import Today
from everystone.standards.pack import Pack
from tests.account.conftest import World
from tests.account.invented import AS_AT, HOSTILE, TEAMS

Report = Callable[[str], Path]
AUDIENCES = list(MARKS)
CLOSED = ["oversight", "public"]
DETAILED = ["force", "reviewer"]


class Outline(HTMLParser):
    """The tags of a page in order, and its text as somebody reads it."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} is closed where something else is open"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def page(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def read(path: Path) -> str:
    return re.sub(r"\s+", " ", " ".join(Outline(page(path)).text))


# ---- who sees what -------------------------------------------------------------------------------------------------


def what_identifies(world: World) -> Iterator[str]:
    """Every reference, name, date of birth, actor, row key and run of five words of narrative in the ledger."""
    for stream in world.book.streams():
        yield stream.partition("/")[2]
        for entry in world.book.read(stream):
            yield from entry.subjects
            yield entry.key
            yield entry.by
            for name, value in entry.data.items():
                yield from _parts(name, value)


def _parts(name: str, value: object) -> Iterator[str]:
    if name in ("born", "name", "crime_ref"):
        yield str(value)
    elif isinstance(value, str):
        words = value.split()
        yield from (" ".join(words[place : place + 5]) for place in range(len(words) - 4))


@pytest.mark.parametrize("audience", CLOSED)
def test_those_who_oversee_learn_of_nobody(audience: str, report: Report, world: World) -> None:
    shown = unescape(page(report(audience)))
    identifying = {text for text in what_identifies(world) if len(text) > 3}
    assert len(identifying) > 500
    assert not {text for text in identifying if text in shown}


def test_the_opening_counts_children_and_victims_alone_and_says_others_apart(
    world: World, pack: Pack, tmp_path: Path
) -> None:
    """Somebody who may harm a child nobody named, and a case that names nobody, have a place and are no child."""
    placed = pq.read_table(world.out / "danger.parquet").to_pylist()
    child = next(each for each in placed if each["person"])
    named = world.book.query("SELECT min(subjects[1]) FROM entries WHERE kind = 'suspect.identified'").fetchall()
    suspect = named[0][0]
    rows = [
        {**each, "tier": 0, "order": ""}
        for each in (child, {**child, "person": suspect}, {**child, "person": "", "frame": "case/NOBODY"})
    ]
    danger = tmp_path / "danger.parquet"
    pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(world.out / "danger.parquet")), danger)
    looked = looked_at(world.book, pack, world.when, danger)
    assert looked.by_tier == {0: 1} and looked.children > 1
    assert attention(danger).beside(looked.by_tier) == {0: 2}
    for name in ("findings.parquet", "counts.parquet"):
        shutil.copy(world.out / name, tmp_path)
    shown = read(write_report(tmp_path, "force", pack, world.book, world.when, {"as_at": AS_AT}))
    assert f"Of these {looked.children}, 1 need somebody tonight" in shown
    assert "the record names no child or victim" in shown and "2 under “Act tonight”." in shown
    assert "of 3 children and others, in order." in shown


@pytest.mark.parametrize("audience", CLOSED)
def test_those_who_oversee_see_no_number_under_ten(audience: str, report: Report) -> None:
    shown = read(report(audience))
    assert not re.findall(r"(?<![\d,.])[1-9] of [\d,]++(?! standards)", shown)


def test_the_force_sees_references_and_neither_names_nor_narrative(report: Report, world: World) -> None:
    shown = unescape(page(report("force")))
    assert "C1-Oak-00001" in shown
    narrative = [text for stream in world.book.streams() for entry in world.book.read(stream)
                 for name, value in entry.data.items() for text in _parts(name, value) if name != "crime_ref"]  # fmt: skip
    assert "Rowan Thistlewood" in narrative
    assert not {text for text in narrative if text in shown}


def test_only_the_reviewer_reads_what_was_written(report: Report) -> None:
    assert "a grey van with a broken lamp stood there" in page(report("reviewer"))
    assert "a grey van" not in page(report("force"))
    assert "Rowan Thistlewood" not in page(report("reviewer"))


def test_a_standard_told_to_professional_standards_only_is_never_spoken_of(report: Report, pack: Pack) -> None:
    sealed = [pack.standards[each].standard.title for each in sealed_in(pack)]
    assert sealed
    for audience in AUDIENCES:
        shown = read(report(audience))
        assert not [title for title in sealed if title in shown]
        assert f"{len(sealed)} of {len(pack.standards)} standards are told to professional standards only" in shown


def test_an_unknown_audience_is_refused(world: World, pack: Pack) -> None:
    with pytest.raises(ValueError, match="no audience"):
        write_report(world.out, "everybody", pack, world.book, world.when, {})


# ---- what it says --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_first_line_says_as_at_when_and_known_on_when(audience: str, report: Report) -> None:
    shown = read(report(audience))
    opening = shown[shown.index(MARKS[audience]) + len(MARKS[audience]) :].strip()
    assert opening.startswith("As at Saturday 31 March 2012 at 23:59, as known on Saturday 31 March 2012 at 23:59.")


def test_an_instant_past_the_end_of_what_is_held_is_said(world: World, pack: Pack) -> None:
    path = write_report(world.out, "oversight", pack, world.book, world.when, {"as_at": "2013-01-01"})
    assert "Asked as at Tuesday 1 January 2013" in read(path)
    assert "the earlier instant is used" in read(path)


def test_at_most_ten_cards_with_the_true_total_beside_them(report: Report) -> None:
    shown = page(report("force"))
    assert shown.count('<article class="card') == MOST_CARDS
    total = re.search(r"<b>10</b> of <b>([\d,]+)</b> children", shown)
    assert total is not None
    rest = re.search(r"The next ([\d,]+) of ([\d,]+), one line each", shown)
    assert rest is not None
    assert int(rest[1]) + MOST_CARDS == int(rest[2]) == int(total[1])


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_number_has_a_denominator(audience: str, report: Report) -> None:
    """A share is always said as "n of N"; a percentage stands only beside its number or in an interval of one."""
    shown = read(report(audience))
    for match in re.finditer(r"[\d.]+%", shown):
        before = shown[max(0, match.start() - 60) : match.start()]
        assert re.search(r"of [\d,]+|likely|95%|\(", before + match[0]), shown[match.start() - 40 : match.end() + 20]
    for cell in re.findall(r'data-of="(?:Not met|Cannot be told)">(.*?)</td>', page(report(audience)), re.DOTALL):
        assert re.search(r"^[\d,]+ of [\d,]+|too few", re.sub(r"<[^>]+>", "", cell).strip()), cell


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_number_of_a_standard_stands_without_its_title(audience: str, report: Report, pack: Pack) -> None:
    shown = re.sub(
        r"\s+", " ", unescape(re.sub(r"<(?!style)[^>]+>", " ", page(report(audience)).partition("</style>")[2]))
    )
    for match in re.finditer(r"\b[A-Z]{3}-\d{2}\b", shown):
        title = pack.standards[match[0]].standard.title
        assert title in shown[max(0, match.start() - len(title) - 3) : match.start()], match[0]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_limits_and_the_mark_are_always_there(audience: str, report: Report) -> None:
    whole = page(report(audience))
    shown = read(report(audience))
    assert LIMITS in shown
    assert shown.count(MARKS[audience]) == 2
    assert f'@top-center {{ content: "{MARKS[audience]}"' in whole, "so that every page of a print bears it"
    if audience in DETAILED:
        assert shown.count(LIMITS) == 1 + whole.count('<article class="card') + whole.count('<details class="case"')


@pytest.mark.parametrize("audience", AUDIENCES)
def test_teams_stand_in_order_of_name_without_officers(audience: str, report: Report) -> None:
    section = page(report(audience)).split('<h2 id="teams">')[1].split("</section>")[0]
    names = [name for name in re.findall(r'scope="row">([^<]+)<', section) if name in TEAMS]
    assert names == sorted(TEAMS)
    assert "likely" in section
    assert not re.search(r"\bO\d", section)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_words_that_are_not_ours_are_not_used(audience: str, report: Report) -> None:
    shown = read(report(audience))
    for word in ("event", "events", "alert", "alerts", "offender who", "failing team", "RAG", "victim withdrew"):
        assert not re.search(rf"\b{word}\b", shown, 0 if word == "RAG" else re.IGNORECASE), word


def test_the_timeline_shows_what_was_late_corrected_and_withdrawn(report: Report) -> None:
    shown = read(report("force"))
    assert "29 Aug 2011 11:00" in shown
    assert "(written down late, 20 Sep 2011 11:00, 22 days after)" in shown
    assert "corrected; before: 12 Jun 2011 15:30" in shown
    assert "(withdrawn 1 Sep 2011 11:00)" in shown


# ---- that nothing in it can run ------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
def test_hostile_text_is_text(audience: str, report: Report) -> None:
    outline = Outline(page(report(audience)))
    assert not outline.all("script")
    assert not outline.all("img")
    assert not [attrs for _, attrs in outline.tags if any(name.startswith("on") or name == "style" for name in attrs)]
    assert len(outline.all("style")) == 1
    assert outline.open == []
    if audience == "reviewer":
        assert HOSTILE in "".join(outline.text)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_policy_admits_its_own_style_and_nothing_else(audience: str, report: Report) -> None:
    whole = page(report(audience))
    style = re.search(r"<style>(.*?)</style>", whole, re.DOTALL)
    assert style is not None
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', whole)
    assert policy is not None
    assert (
        unescape(policy[1])
        == f"default-src 'none'; style-src 'sha256-{digest(style[1])}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?://|url\(|@import|@font-face", whole)


# ---- that everybody can read it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_structure_can_be_heard(audience: str, report: Report) -> None:
    outline = Outline(page(report(audience)))
    assert outline.all("html") == [{"lang": "en-GB"}]
    assert [len(outline.all(tag)) for tag in ("h1", "main", "header", "footer", "nav")] == [1, 1, 1, 1, 1]
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert len(outline.all("caption")) == len(outline.all("table")) > 0
    assert all(attrs.get("scope") in ("col", "row") for attrs in outline.all("th"))
    drawings = outline.all("svg")
    assert drawings
    assert all(
        attrs.get("aria-label") if attrs.get("role") == "img" else attrs.get("aria-hidden") == "true"
        for attrs in drawings
    )


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_link_leads_to_a_place_on_the_page(audience: str, report: Report) -> None:
    outline = Outline(page(report(audience)))
    places = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(places) == len(set(places))
    assert {str(attrs["href"]).removeprefix("#") for attrs in outline.all("a")} <= set(places)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_file_is_private(audience: str, report: Report) -> None:
    assert report(audience).stat().st_mode & 0o077 == 0


def test_what_does_not_fit_on_the_page_is_left_out_and_counted(
    world: World, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in world.out.glob("*.parquet"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("everystone.account.report.MOST_TEXT", 1)
    shown = read(write_report(tmp_path, "force", pack, world.book, world.when, {}))
    told = re.search(r"10 of (\d+) cases in the first three tiers, in the same order; (\d+) are left out here", shown)
    assert told is not None
    assert int(told[1]) == 10 + int(told[2])


def test_everybody_who_stands_in_a_case_is_named_with_the_reason(world: World, pack: Pack) -> None:
    first = attention(world.out / "danger.parquet")
    name, placed = next(iter(first.cases.items()))
    (opened,) = open_cases(world.book, pack, world.when, [name], world.out / "findings.parquet")
    other = placed[0]._replace(person="C9", because="No record shows that anybody has seen the child.")
    file = tell(opened, Today(pack), [placed[0], other], texts=False)
    assert file.beside == ["C9: No record shows that anybody has seen the child."]
    assert "1 more person of this case: see below." in file.three[0]
    assert file.timeline


def test_the_lines_of_teams_run_far_enough_for_every_interval(world: World, pack: Pack) -> None:
    counted = totals(pq.read_table(world.out / "counts.parquet"), pack, frozenset(), safe=False)
    highest = max(
        share.high for _, tally in counted.teams if not tally.few for share in (tally.failing, tally.silent) if share
    )
    assert highest <= counted.scale <= min(highest + 0.1, 1.0)
