"""The manual says what is there and nothing else: every link, standard, kind and file that a page names exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from everystone.account.manual import drawn, versions
from everystone.account.manual.site import REFERENCE, linked, page_of, write_manual
from everystone.cli import run
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.standards.story import Story, read_stories
from tests.account.test_browser import CHROMIUM, PHONE, browser, opened  # noqa: F401 - the fixture is used below
from tests.conftest import ROOT

ON = date(2011, 9, 12)
LATER = date(2026, 11, 1)
FILE = re.compile(r"\b[\w/-]+\.(?:yaml|html|csv|json|md)\b")
#: What lies with an extract or a review, not with the manual.
WITH_A_REVIEW = {"mapping.yaml", "run.json"}


class Page(HTMLParser):
    """What a page shows and where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.tags: list[str] = []
        self.shown: list[str] = []
        self._hidden = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep where it leads and by which name it can be reached."""
        given = dict(attributes)
        self.tags.append(tag)
        self._hidden = tag in ("style", "script")
        if given.get("href"):
            self.links.append(str(given["href"]))
        if given.get("id"):
            self.places.add(str(given["id"]))

    def handle_data(self, data: str) -> None:
        """Keep what can be read."""
        if not self._hidden:
            self.shown.append(data)

    @property
    def text(self) -> str:
        """Everything that can be read."""
        return " ".join(self.shown)


@pytest.fixture(scope="module")
def folder(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual of the shipped pack, with a day and a difference."""
    folder = tmp_path_factory.mktemp("manual") / "site"
    write_manual(pack, folder, [ON], (ON, LATER))
    return folder


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, Page]:
    """Its pages by file name."""
    return {path.name: Page(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}


def named(page: Page, pattern: re.Pattern[str]) -> Iterator[str]:
    """What a page names that has a form."""
    yield from pattern.findall(page.text)


def test_every_link_leads_somewhere(pages: dict[str, Page]) -> None:
    broken = set()
    for name, page in pages.items():
        for link in page.links:
            target, _, place = link.partition("#")
            there = pages.get(target or name)
            if there is None or (place and place not in there.places):
                broken.add((name, link))
    assert not broken


def test_every_page_can_be_reached_from_the_first(pages: dict[str, Page]) -> None:
    reached, ahead = set[str](), ["index.html"]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [link.partition("#")[0] or name for link in pages[name].links]
    assert reached == set(pages)


def test_no_page_names_a_standard_that_is_not_there(pack: Pack, pages: dict[str, Page]) -> None:
    found = {(name, each) for name, page in pages.items() for each in named(page, REFERENCE)}
    assert {each for _, each in found} >= set(pack.standards)
    assert not {(name, each) for name, each in found if each not in pack.standards}


def test_no_page_names_a_kind_that_is_not_there(pack: Pack, pages: dict[str, Page]) -> None:
    kinds = set(pack.words.kinds.by_name)
    families = "|".join(sorted({kind.split(".")[0] for kind in kinds}))
    spelt = re.compile(rf"(?<![\w./-])(?:{families})\.[a-z][a-z_]+\b")
    found = {(name, each) for name, page in pages.items() for each in named(page, spelt) if not FILE.fullmatch(each)}
    assert {each for _, each in found} & kinds
    assert not {(name, each) for name, each in found if each not in kinds}


def test_no_page_names_a_file_that_is_not_there(pack: Pack, pages: dict[str, Page]) -> None:
    there = {path.name for folder in pack.folders for path in folder.rglob("*.*")} | set(pages) | WITH_A_REVIEW
    found = {(name, each) for name, page in pages.items() for each in named(page, FILE)}
    assert not {(name, each) for name, each in found if each.rpartition("/")[2] not in there}


def test_a_page_stands_on_its_own(folder: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert not {"script", "img", "iframe", "form", "link"} & set(page.tags), name
        assert not [link for link in page.links if ":" in link], name
    assert "default-src &#39;none&#39;" in (folder / "index.html").read_text(encoding="utf-8")


def test_every_standard_has_its_page_with_all_its_stories(pack: Pack, pages: dict[str, Page]) -> None:
    for loaded in pack.finished:
        page = pages[page_of(loaded.id)]
        assert page.tags.count("article") == len(loaded.standard.stories), loaded.id
        assert loaded.standard.asks in page.text
        for dated in loaded.versions:
            assert f"v{dated.version.since}" in page.places


def test_a_story_is_drawn_in_order_of_time_with_its_answers(pack: Pack) -> None:
    loaded = next(each for each in pack.finished if each.standard.evaluator == "rhythm")
    story = next(each for each in read_stories(loaded.path, pack) if isinstance(each, Story))
    shown = drawn.drawn(story)
    assert [row.at for row in shown.rows] == sorted(row.at for row in shown.rows)
    assert [row.at for row in shown.rows if row.mark != "entry"] == sorted(at for _, at, _ in story.over_time)
    assert shown.places == sorted(shown.places)
    assert 0 < shown.places[0] < shown.places[-1] < drawn.WIDE


def test_what_was_in_force_on_a_day(pack: Pack, pages: dict[str, Page]) -> None:
    listed = {tuple(link.split("#v")) for link in pages[f"on-{ON}.html"].links if "#v" in link}
    held = {
        (page_of(each.id), str(dated.version.since))
        for each in pack.finished for dated in each.versions
        if dated.version.since <= ON and (dated.until is None or dated.until >= ON)
    }  # fmt: skip
    assert listed == held
    assert 0 < len(held) < len(pack.finished)


def test_between_two_days_what_began_ended_and_changed(pack: Pack, pages: dict[str, Page]) -> None:
    text = pages[f"between-{ON}-{LATER}.html"].text
    for loaded in pack.finished:
        sides = [versions.on(loaded, day) for day in (ON, LATER)]
        assert (loaded.id in text) == (sides[0] is not sides[1]), loaded.id


def test_the_changelog_tells_of_every_version_and_every_end(pack: Pack) -> None:
    told = versions.changes(pack.finished, pack.words)
    begun = [(each.loaded.id, each.day) for each in told if each.what != "ends"]
    assert sorted(begun) == sorted((each.id, v.version.since) for each in pack.finished for v in each.versions)
    assert [each.day for each in told] == sorted((each.day for each in told), reverse=True)
    assert all(each.touches for each in told)
    assert all(each.differs for each in told if each.what == "changes"), "a version that changes nothing"


def test_the_shares_are_those_of_the_files(pack: Pack, pages: dict[str, Page]) -> None:
    said: list[str] = [v.version.checked for each in pack.finished for v in each.versions]
    for checked, status in versions.STATUS.items():
        assert f"{status} {said.count(checked)} (" in pages["status.html"].text
    assert f"What is to be confirmed: {len(said) - said.count('verified')}" in pages["status.html"].text


def test_what_a_file_says_is_escaped_and_what_it_names_is_linked(pack: Pack) -> None:
    first = pack.finished[0].id
    said = str(linked(f"<b>as {first}</b>, not ZZ-99", pack))
    assert said == f'&lt;b&gt;as <a href="{page_of(first)}">{first}</a>&lt;/b&gt;, not ZZ-99'


def test_the_command_replaces_its_own_pages_and_no_others(tmp_path: Path) -> None:
    mine, other = tmp_path / "site", tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("kept", encoding="utf-8")
    desk = str(ROOT / "examples" / "help_desk")
    assert run(["manual", "--pack", desk, "--out", str(mine), "--on", "2020-01-01"]) == 0
    assert (mine / "on-2020-01-01.html").exists()
    assert run(["manual", "--pack", desk, "--out", str(mine)]) == 0
    assert not (mine / "on-2020-01-01.html").exists()
    assert run(["manual", "--pack", desk, "--out", str(other)]) == 2
    assert [path.name for path in other.iterdir()] == ["letter.txt"]
    assert run(["manual", "--pack", desk, "--out", str(mine), "--on", "12 September"]) == 2
    assert run(["forget", str(mine)]) == 0


def test_two_days_the_wrong_way_round_are_refused(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="is not before"):
        write_manual(pack, tmp_path / "site", between=(LATER, ON))
    assert not (tmp_path / "site").exists()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the package chromium to run this")
def test_on_a_phone_no_page_is_wider_than_the_screen(folder: Path, browser: Any) -> None:  # noqa: F811
    looked_at = ("index", "findings", "status", f"between-{ON}-{LATER}")
    longest = max(folder.glob("???-??.html"), key=lambda path: path.stat().st_size)
    page, complaints = opened(browser, folder / "changes.html", viewport=PHONE)
    for path in [*(folder / f"{name}.html" for name in looked_at), longest]:
        page.goto(path.as_uri())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path.name
    assert not complaints
    page.close()
