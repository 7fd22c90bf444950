"""Sealed matters are not there for anybody else: the same site with and without one, byte for byte."""

from __future__ import annotations

import re
from typing import Any

import pytest

from everystone.ledger.entry import Capacity, Entry, Source
from tests.web.test_door import POSTS, addresses, filled

OTHERS = [name for name in POSTS if name != "standards"]
SIGNED_IN = re.compile(rb"<li>Signed in:.*?</li>", re.DOTALL)  # by the minute of the machine's clock
NEW_EACH_TIME = re.compile(rb'(name="(?:csrfmiddlewaretoken|once)" value=")[^"]*"')


def entry(live: Any, stream: str, kind: str, key: str, subjects: tuple[str, ...], by: str, **data: Any) -> Entry:
    return Entry(0, stream, kind, subjects, live.now - 60, live.now - 60, live.now - 60, live.now - 60, by,
                 Capacity("prosecutor" if by == "R1" else "officer"), data, Source("LIST", "cps", key, live=True))  # fmt: skip


CLAIM = ("case/Alder", "claim.made", "claim", ("X1",), "O1")
DENIED = ("case/Alder", "acknowledgement.given", "denied", ("X1",), "R1")
RESTRICTED = ("conduct/officer/O1", "role.restricted", "restricted", ("O1",), "P1")


@pytest.fixture
def seen(live: Any) -> Any:
    """Every page of every other post, with some entries in the ledger; everything is taken back afterwards."""
    from django.db import transaction

    from everystone.web.store import MACHINE, worklists
    from everystone.work.conduct import write

    def pages(*entries: Entry, posts: list[str] = OTHERS) -> dict[str, bytes]:
        found = {}
        with transaction.atomic():
            with worklists(MACHINE, live.now) as lists:
                for each in entries:
                    if each.stream.startswith("conduct/"):
                        ordinary = each._replace(stream=each.stream.removeprefix("conduct/"))
                        write(lists.book, lists.asking, ordinary, live.now)
                    else:
                        lists.book.append([each])
                while lists.tick():
                    pass
            for name in posts:
                client = live.as_(name)
                for address in addresses():
                    if address.name == "usersessions_list":
                        continue  # one's own sessions, by the minute of the machine's clock
                    cases = ("Alder", "Birch") if name in ("inspector", "other supervisor") else ("Alder",)
                    for case in cases if "case>" in str(address.pattern) else [""]:
                        answer = client.get(filled(address, case))
                        body = SIGNED_IN.sub(b"", NEW_EACH_TIME.sub(rb"\1", answer.getvalue()))
                        found[f"{name} {filled(address, case)}"] = b"%d %b" % (answer.status_code, body)
            for what in ("acknowledgement", "role", "C1"):
                found[f"find {what}"] = NEW_EACH_TIME.sub(
                    rb"\1", live.as_("lead").get(f"/case/Alder/record?find={what}").content
                )
            transaction.set_rollback(True)
        return found

    return pages


def test_a_matter_changes_no_byte_of_anybody_elses_pages(live: Any, seen: Any) -> None:
    """A claim stands in both worlds; in one the other body denies it, by its own channel, and a matter is opened."""
    claim = entry(live, *CLAIM, claim_type="cps", text="prosecutor consulted")
    denied = entry(live, *DENIED, act="cps", agreed=False)
    matter = entry(live, "conduct/case/Alder", "severity.assessed", "severity", ("O1",), "P1", severity="misconduct")
    without, with_it = seen(claim), seen(claim, denied, matter)
    assert without.keys() == with_it.keys()
    assert [where for where in without if without[where] != with_it[where]] == []


def test_the_pages_can_tell_two_worlds_apart(live: Any, seen: Any) -> None:
    """What would be seen if it were not sealed is seen: the comparison is not blind."""
    agreed = entry(live, *DENIED, act="cps", agreed=True)
    assert seen(posts=["lead"]) != seen(agreed, posts=["lead"])


def test_a_restriction_and_a_leave_look_the_same(live: Any, seen: Any) -> None:
    """Not available, and never why: the page of allocation with the one is that with the other."""
    restricted = entry(live, *RESTRICTED, restriction="other", **{"from": "2026-03-01"})  # type: ignore[arg-type]
    leave = entry(
        live, "officer/O1", "leave.recorded", "leave", ("O1",), "S1", **{"from": "2026-03-01", "to": "2026-03-20"}
    )
    page = "supervisor /case/Alder/allocate"
    one, other, neither = (seen(*each, posts=["supervisor"])[page] for each in ([restricted], [leave], []))
    assert b"not available" in one.lower()
    assert one != neither
    assert b"restrict" not in one.lower()
    assert re.findall(rb"<li>[^<]*O1.*?</li>|O1[^<]*not available[^<]*", one) == re.findall(
        rb"<li>[^<]*O1.*?</li>|O1[^<]*not available[^<]*", other
    )


def test_a_denied_claim_reaches_professional_standards(both: Any) -> None:
    """With the round that brings it, and with the purpose for which it is read on record."""
    from django.db import transaction

    from everystone.web.store import MACHINE, ledger, worklists

    with transaction.atomic():
        with worklists(MACHINE, both.now) as lists:
            lists.book.append([entry(both, *CLAIM, claim_type="cps"), entry(both, *DENIED, act="cps", agreed=False)])
            while lists.tick():
                pass
        client = both.as_("standards")
        assert b"Alder" in client.get("/told").content
        assert b"Alder" not in both.as_("other supervisor").get("/told").content
        assert b"For what do you open them?" in client.get("/sealed").content
        assert client.post("/sealed", {"purpose": "look"}).status_code == 200, "a purpose says something"
        page = client.post("/sealed", {"purpose": "what came in overnight"}, follow=True).content.decode()
        assert "What another body denies" in page
        assert "case/Alder" in page
        client.post("/sealed/matter/officer/O1", {
            "kind": "role.restricted", "person": "O1", "restriction": "other", "from": "2026-03-01", "happened": "now", "once": "f" * 32})  # fmt: skip
        page = client.get("/sealed/matter/officer/O1").content.decode()
        assert "O1 is not available for allocation" in page
        with ledger(MACHINE, both.now) as book:
            assert book.readings_of("P1")[-1].data["why"] == "what came in overnight"
            assert [each.kind for each in book.read("conduct/officer/O1")] == ["role.restricted"]
        with worklists(MACHINE, both.now) as lists:
            assert lists.rebuild()
            assert lists.database.one("SELECT COUNT(*) FROM work_sealed WHERE frame = 'case/Alder'")[0] >= 1
        transaction.set_rollback(True)


def test_nothing_but_a_case_or_an_officer_has_a_matter(live: Any) -> None:
    client = live.as_("standards")
    client.post("/sealed", {"purpose": "what came in overnight"})
    assert client.get("/sealed/matter/conduct/case/Alder").status_code == 404
