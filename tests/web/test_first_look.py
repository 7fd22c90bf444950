"""What somebody meets who is new here: a page with nothing on it says what would be here; a form asks for little."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from everystone.standards.pack import Pack

PAGES = {
    "investigating officer": ["/today", "/duty", "/other-systems"],
    "supervisor": ["/today", "/board", "/duty", "/handover", "/told", "/other-systems"],
}
REQUIRED = re.compile(r"<(?:input|textarea|select)[^>]*\srequired[\s>]")


def main_of(answer: Any) -> str:
    """The words of a page between its head and its foot."""
    html = answer.content.decode()
    html = html[html.index("<main") : html.index("</main")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("role", PAGES)
def test_a_page_with_nothing_on_it_says_what_would_be_here_and_what_to_do(live: Any, role: str) -> None:
    from django.db import transaction

    from everystone.web.models import Person, Post
    from everystone.web.store import pack

    with transaction.atomic():
        somebody = Person.objects.create_user(f"E-{role[:3]}", "Somebody new", "four words that do not belong")
        day = pack().words.calendar.day_of(live.now)
        Post.objects.create(person=somebody, role=role, team="West", since=day)
        live.people["new"] = somebody
        for path in PAGES[role]:
            answer = live.as_("new").get(path)
            assert answer.status_code == 200, path
            said = main_of(answer)
            assert re.search(r"\bwould\b|\bappears?\b|\bstands here\b|\bsays here\b", said), (path, said)
        del live.people["new"]
        transaction.set_rollback(True)


#: What each post has in the head of its pages, on a site into which nothing has come yet.
EMPTY = {
    "lead": ["/today", "/duty", "/other-systems"], "supervisor": ["/today", "/board", "/handover", "/told"],
    "inspector": ["/today", "/board", "/duty", "/handover", "/told", "/other-systems"],
    "standards": ["/sealed", "/openings", "/told"], "policy lead": ["/challenges"],
}  # fmt: skip


def test_on_the_first_day_every_page_of_every_post_says_what_would_be_here(
    sites: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tempfile import TemporaryDirectory

    from everystone.web import beginning
    from tests.ledger.stores import memory
    from tests.web.conftest import at_its_instant
    from tests.web.site import Live, people, use, write_site

    before = sites("sqlite")
    with TemporaryDirectory(prefix="es-", dir=memory()) as folder:
        live = Live(write_site(Path(folder), str(Path(folder) / "ledger")), before.now)
        use(live.path)
        beginning.make_ready(static=False)
        at_its_instant(live, monkeypatch).people = people(live.now)
        for name, paths in EMPTY.items():
            client = live.as_(name)
            client.post("/sealed", {"purpose": "To look at it on the first day."})
            for path in paths:
                said = main_of(client.get(path))
                assert re.search(r"\bwould\b|\bstands here\b|\bsays here\b|\bBegin a\b", said), (name, path, said)
    use(before.path)


def test_a_new_record_asks_for_at_most_five_things(live: Any, pack: Pack) -> None:
    """Nothing is required of any kind but to say when, which is filled in: what is not known stays empty."""
    client = live.as_("lead")
    kinds = [
        name
        for name, kind in pack.words.kinds.by_name.items()
        if not (kind.sealed or kind.describes or kind.level == "officer")
    ]
    for kind in kinds[:: max(1, len(kinds) // 8)]:
        answer = client.get(f"/case/Alder/record/{kind}")
        if answer.status_code == 200:
            assert len(REQUIRED.findall(answer.content.decode())) <= 5, kind
