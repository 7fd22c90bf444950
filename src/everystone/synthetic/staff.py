"""Who works in the invented force and beside it: teams, officers by pool, partners, who acts in a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from everystone.synthetic.record import ABSENT, Actor, Case
from everystone.synthetic.scope import Scope, listed

_TRIES = 12  # how often somebody who is here is looked for, before anybody serves


@dataclass(frozen=True)
class Post:
    """A part in a case that somebody holds from its first use on.

    A watched post passes to the post `next` when its holder goes away; `anchor` then says when that is.
    """

    name: str
    number: int
    pool: str
    anchor: int = ABSENT
    next: str = ""
    describes: bool = False


class Staff:
    """Everybody who acts, by pool and team. A force-wide pool is the same for all teams."""

    def __init__(self, scope: Scope, cases: int) -> None:
        self.scope = scope
        self.teams = [str(team) for team in scope.recipe.said["teams"]]
        self.posts = dict(self._posts(scope.recipe.part("posts")))
        self.pools: dict[str, list[list[Actor]]] = {}
        self.officers: list[Actor] = []
        self._count = 0
        for name, said in scope.recipe.part("pools").items():
            self.pools[name] = self._pool(name, said, cases)

    def _posts(self, said: Mapping[str, Any]) -> Iterator[tuple[str, Post]]:
        for name, each in said.items():
            watched = each.get("watch")
            if watched:
                self.scope.anchors_set.add(watched)
            anchor = self.scope.anchors[watched] if watched else ABSENT
            yield name, Post(name, self.scope.posts[name], each["from"], anchor, each.get("next", ""),
                             bool(each.get("described in case")))  # fmt: skip

    # ---- pools ---------------------------------------------------------------------------------------------

    def _pool(self, name: str, said: Mapping[str, Any], cases: int) -> list[list[Actor]]:
        if "among" in said:
            return [self._among(members, said) for members in self.pools[said["among"]]]
        if said.get("for") == "force":
            return [self._members(name, said, "", cases)] * len(self.teams)
        return [self._members(name, said, team, cases // len(self.teams)) for team in self.teams]

    def _members(self, name: str, said: Mapping[str, Any], team: str, cases: int) -> list[Actor]:
        count = max(int(said["least"]), -(-cases // int(said["one for"])))
        return [self._actor(name, said, team, place) for place in range(count)]

    def _among(self, members: list[Actor], said: Mapping[str, Any]) -> list[Actor]:
        """Some of another pool: the first `share` of its members, or with `rest` all but them."""
        cut = max(1, round(len(members) * float(said["share"])))
        chosen = members[cut:] if said.get("rest") else members[:cut]
        for actor in chosen:
            actor.courses.extend(listed(said.get("courses")))
        return chosen or members[-1:]

    def _actor(self, pool: str, said: Mapping[str, Any], team: str, place: int) -> Actor:
        self._count += 1
        letter = "W" if "agency" in said else "O"
        name, rank = f"{letter}{self._count:05}", str(said.get("rank", ""))
        role, channel = str(said.get("role", "officer")), str(said.get("channel", "force"))
        unit = team or str(said.get("unit", ""))
        shown = "" if "agency" in said else unit
        actor = Actor(
            name,
            f"{name},{role},{rank},{shown},{channel}",
            pool,
            rank,
            shown,
            place,
            listed(said.get("courses")),
        )
        actor.traits = dict(said)
        if "agency" not in said:
            self.officers.append(actor)
        return actor

    # ---- in a case -----------------------------------------------------------------------------------------

    def fill(self, case: Case, name: str, instant: int) -> Actor | None:
        """The holder of a post at an instant; the first use of it in a case settles who that is."""
        post = self.posts[name]
        held = case.posts[post.number]
        if held is None:
            held = self._take(case, post, instant)
        if post.anchor != ABSENT and ABSENT < case.at[post.anchor] <= instant:
            return self.fill(case, post.next, instant)
        return held

    def _take(self, case: Case, post: Post, instant: int) -> Actor:
        pool, draw = self.pools[post.pool][case.place], self.scope.draw
        others = {held.id for held in case.posts if held is not None}
        found = pool[int(draw() * len(pool))]
        for _ in range(_TRIES):
            if found.id not in others and (not found.away or found.here(instant)):
                break
            found = pool[int(draw() * len(pool))]
        case.posts[post.number] = found
        if post.anchor != ABSENT and found.away:
            case.at[post.anchor] = found.gone_from(instant)
        if post.describes:
            case.described.append(found)
        return found

    def person(self, case: Case, name: str) -> Actor | None:
        """A person of the case as an actor, over that person's own channel; None where there is none."""
        person = case.people.get(name)
        return Actor(person.id, f"{person.id},{person.role},,,own") if person else None
