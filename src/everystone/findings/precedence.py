"""The order inside a tier: gravity, the youngest, repetition, the newest information, how long, the reference."""

from __future__ import annotations

from everystone.findings.placed import LOSS, Reason
from everystone.findings.standing import Names, Standing
from everystone.ledger.entry import Entry
from everystone.ledger.people import listed
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.danger import DangerFile

GROWN_UP = 999  # stands after every age: somebody grown up, of an age not known, or not named
FAR = 1 << 43  # seconds: no instant of a ledger lies further from 1970
HOUR = 3600
#: What each place of an order after the tier stands for, said of whoever comes first; the last is the reference alone.
BECAUSE = (
    "it is lost sooner",
    "what is alleged is more serious",
    "the child is younger",
    "more people are named, or it was more often",
    "there is newer information",
    "it has been so for longer",
    "",
)


def decided(first: str, second: str) -> str:
    """What puts one order before another of the same tier, in a few words; "" where only the reference, or the tier, does."""
    one, other = (order.split(".", len(BECAUSE)) for order in (first, second))
    if one[0] != other[0] or len(one) != len(other):
        return ""
    return next((said for said, mine, theirs in zip(BECAUSE, one[1:], other[1:], strict=False) if mine != theirs), "")


class Precedence:
    """What decides between two people of one tier, made ready."""

    def __init__(self, said: DangerFile, words: Vocabulary) -> None:
        self.said = said
        self.by = [Names(each) for each in said.gravity.by]
        self.codes = {kind: [name for name, of in words.kinds.by_name[kind].fields.items()
                             if of.type in ("offence", "offences")]
                      for names in self.by for kind in names.kinds}  # fmt: skip
        self.table = words.offences

    def order(self, standing: Standing, reason: Reason) -> str:
        """Where a reason puts its person: a text that sorts, the most urgent first."""
        person = reason.person
        circle = {person, *standing.frame.people.suspects_of.get(person, ())}
        if reason.named:
            circle.add(reason.named)
        hours = max(reason.until - standing.instant, 0) // HOUR if reason.tier == LOSS else 0
        return ".".join((
            str(reason.tier),
            f"{min(hours, 99_999):05d}",
            str(self._gravity(standing, circle)),
            f"{self._age(standing, person):03d}",
            f"{99 - min(self._repeats(standing, person, circle), 99):02d}",
            f"{FAR - self._newest(standing, circle):015d}",
            f"{FAR + reason.since:015d}",
            person,
        ))  # fmt: skip

    def _gravity(self, standing: Standing, circle: set[str]) -> int:
        """The place of the gravest of what is alleged, with one of the circle as the one harmed or believed to harm."""
        order = self.said.gravity.order
        classes = {self._class(entry) for names in self.by for entry in names.entries(standing.frame)
                   if not circle.isdisjoint(names.persons(entry))}  # fmt: skip
        places = [order.index(each) if each in order else order.index("") for each in classes]
        return min(places, default=order.index(""))

    def _class(self, entry: Entry) -> str:
        own = entry.data.get(self.said.gravity.field)
        if own:
            return str(own)
        names = self.codes[entry.kind]
        found = [self.table.get(code, {}).get(self.said.gravity.property)
                 for name in names for code in listed(entry.data.get(name))]  # fmt: skip
        return next((str(each) for each in found if each), "")

    def _age(self, standing: Standing, person: str) -> int:
        age = standing.age(person)
        return age if age is not None and age < self.said.child.under else GROWN_UP

    def _repeats(self, standing: Standing, person: str, circle: set[str]) -> int:
        """For how many people somebody of the circle is named, or how often within the time it was the same child."""
        people, repeats = standing.frame.people, self.said.repeats
        calendar, known = standing.frame.words.calendar, standing.frame.known_day
        victims = max((len(people.victims_of.get(each, ())) for each in circle), default=0)
        episodes = 0
        for entry in standing.frame.by_kind.get(repeats.kind, ()):
            until = calendar.due(entry.hi, repeats.within.duration, known) if person in entry.subjects else None
            episodes += until is not None and standing.instant <= until
        return max(victims, episodes, 1)

    def _newest(self, standing: Standing, circle: set[str]) -> int:
        """When the newest information came in: in this case, or in another about one of the circle."""
        latest = -FAR
        for kind in self.said.newest:
            for entry in reversed(standing.frame.by_kind.get(kind, ())):
                if entry.lo <= latest:
                    break
                if standing.stream(entry) == standing.home or not circle.isdisjoint(entry.subjects):
                    latest = entry.lo
                    break
        return latest
