"""One step of a course: somebody does something, about somebody, some time after something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from everystone.ledger.fault import Fault
from everystone.synthetic.chance import SIZE, minutes_of
from everystone.synthetic.record import ABSENT, Actor, Case, Entry, Sort
from everystone.synthetic.scope import Delay, Scope, listed
from everystone.synthetic.staff import Staff
from everystone.synthetic.value import Value, Values

Op = Callable[[Case], None]
Acting = Callable[[Case, int], Actor | None]
_KNOWN = frozenset(
    {
        *("step", "kind", "tag", "of", "by", "after", "in", "chance", "when", "if", "unless", "only before"),
        *("only after", "fields", "aside", "partial", "told by", "quotes", "written down"),
    }
)
_LATE = 3 * 86_400  # an entry written down later than this may say why


class Steps:
    """Makes ready the steps of one world."""

    def __init__(self, scope: Scope, staff: Staff) -> None:
        self.scope, self.staff = scope, staff
        self.values = Values(scope, staff.fill)
        recording = scope.recipe.part("recording")
        self.lags = minutes_of(recording["lag"], 0.3)
        self.reasons = [str(each) for each in recording["late reasons"]]

    def one(self, said: Mapping[str, Any]) -> Op:
        """One step. Raises Fault for a key that no step has."""
        for key in said:
            if key not in _KNOWN:
                raise Fault(
                    f"A step has no key {key!r}. It has: {', '.join(sorted(_KNOWN))}.",
                    where=self.scope.recipe.where,
                )
        may, reached, write = self._may(said), self._reached(said), self.writer(said)
        anchor, aside, as_at = self.scope.anchors[said["step"]], bool(said.get("aside")), self.scope.as_at

        def op(case: Case) -> None:
            if may is not None and not may(case):
                return
            instant = reached(case, 0)
            if instant == ABSENT:
                return
            case.at[anchor] = case.last = instant
            if instant > case.latest and not aside:
                case.latest = instant
            if instant <= as_at:
                write(case, instant)

        return op

    def _may(self, said: Mapping[str, Any]) -> Callable[[Case], bool] | None:
        test, chance, draw = (
            self.scope.test(said.get("when", {})),
            float(said.get("chance", 1.0)),
            self.scope.draw,
        )
        needed = [self.scope.anchors[name] for name in listed(said.get("if"))]
        barred = [self.scope.anchors[name] for name in listed(said.get("unless"))]
        if not needed and not barred:
            if test is None:
                return None if chance >= 1.0 else lambda _: draw() < chance
            if chance >= 1.0:
                return test
            return lambda case: test(case) and draw() < chance

        def may(case: Case) -> bool:
            if test is not None and not test(case):
                return False
            at = case.at
            if any(at[anchor] == ABSENT for anchor in needed) or any(at[anchor] != ABSENT for anchor in barred):
                return False
            return chance >= 1.0 or draw() < chance

        return may

    def _reached(self, said: Mapping[str, Any]) -> Delay:
        """The instant of a step: so long after its anchors; ABSENT where they never were or it comes outside."""
        after = self.scope.moment(said.get("after"))
        delay = self.scope.delay(said["in"]) if "in" in said else None
        before = self.scope.earliest(said["only before"]) if "only before" in said else None
        later = self.scope.moment(said["only after"]) if "only after" in said else None

        def reached(case: Case, _: int) -> int:
            base = after(case, 0)
            if base == ABSENT:
                return ABSENT
            instant = delay(case, base) if delay else base
            if before is not None and instant >= before(case, 0):
                return ABSENT
            if later is not None and not ABSENT < later(case, 0) < instant:
                return ABSENT
            return instant

        return reached

    # ---- writing -------------------------------------------------------------------------------------------

    def writer(self, said: Mapping[str, Any]) -> Callable[[Case, int], Entry | None]:
        """Writes the entry of a step at an instant, with its place in the order of the case as its key."""
        values, sort = self._fields(said)
        acting, subjects, about = self._acting(said), self._subjects(said), self._posts_named(said)
        self.scope.anchors_set.add(said["step"])
        anchor, draw = self.scope.anchors[said["step"]], self.scope.draw
        lags = [0] * SIZE if said.get("written down") == "at once" else self.lags
        partial, reasons, as_at = float(said.get("partial", 0.0)), self.reasons, self.scope.as_at

        def write(case: Case, instant: int) -> Entry | None:
            actor = acting(case, instant)
            for post in about:
                self.staff.fill(case, post, instant)
            recorded = instant + lags[int(draw() * SIZE)] * 60
            case.counted += 1
            if actor is None or recorded > as_at:
                return None
            key = case.keys[anchor] = f"{case.name}-{case.counted:03}"
            made = [value(case, instant) for value in values]
            entry = Entry(key, sort, subjects(case), instant, recorded, actor, made, case.turn)
            if partial and draw() < partial:
                entry.day_only = True
            if recorded - instant > _LATE and draw() < 0.8:
                entry.late_reason = reasons[int(draw() * len(reasons))]
            case.entries.append(entry)
            return entry

        return write

    def _fields(self, said: Mapping[str, Any]) -> tuple[list[Value], Sort]:
        made = {name: self.values.of(value) for name, value in said.get("fields", {}).items()}
        parts = [
            f'""{name}"": ' + (value.replace("%", "%%") if isinstance(value, str) else "%s")
            for name, value in made.items()
        ]
        live = {name: value for name, value in made.items() if not isinstance(value, str)}
        step, kind = str(said["step"]), str(said["kind"])
        sort = Sort(
            step,
            kind,
            str(said.get("tag", "")),
            tuple(live),
            "{" + ", ".join(parts) + "}",
            str(said.get("quotes", "")),
        )
        return list(live.values()), sort

    def _subjects(self, said: Mapping[str, Any]) -> Callable[[Case], str]:
        names = [str(name) for name in listed(said.get("of"))]
        if any(name in self.values.posts for name in names):
            return lambda case: ";".join(filter(None, [self.subject_of(case, name) for name in names]))
        if len(names) == 1:
            only = names[0]
            return lambda case: case.people[only].id if only in case.people else ""
        return lambda case: ";".join([case.people[name].id for name in names if name in case.people])

    def _posts_named(self, said: Mapping[str, Any]) -> list[str]:
        return [str(name) for name in listed(said.get("of")) if name in self.values.posts]

    def _acting(self, said: Mapping[str, Any]) -> Acting:
        """Who writes the entry: a post, or a person of the case; sometimes the force for another body."""
        by, posts, fill = str(said["by"]), self.values.posts, self.staff.fill
        if by not in posts:
            return lambda case, _: self.staff.person(case, by)
        instead, draw = said.get("told by"), self.scope.draw
        if not instead:
            return lambda case, instant: fill(case, by, instant)
        other, chance = str(instead["post"]), float(instead["chance"])
        return lambda case, instant: fill(case, other if draw() < chance else by, instant)

    def subject_of(self, case: Case, name: str) -> str:
        """The reference of a person of the case or of the holder of a post, "" where there is none."""
        if name in case.people:
            return case.people[name].id
        held = case.posts[self.scope.posts[name]] if name in self.values.posts else None
        return held.id if held else ""

    def written(self, value: str | Value, case: Case, instant: int) -> str:
        """A field's value as it is written."""
        return value if isinstance(value, str) else value(case, instant)
