"""Other bodies whose lists can be laid beside the record: which entries are claims to them, how their lists are headed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field

from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kinds, Strict
from everystone.standards import document

Scalar = bool | int | float | str | None


class ClaimOf(Strict):
    """Entries of one kind that say something of another body, and in which fields the facts of it stand.

    `where` compares fields with values (none: not recorded). `date` is a field that says when it is claimed to have
    happened, else the entry's own time. Their entry may answer up to `later` days after it, and where only the day of
    writing is known have come `earlier`. `says` ends the sentence "the record says that this ...".
    """

    kind: str
    where: dict[str, Scalar | list[Scalar]] = Field(default_factory=dict)
    reference: str | None = None
    decision: str | None = None
    date: str | None = None
    later: int = Field(0, ge=0)
    earlier: int = Field(0, ge=0)
    says: str

    @property
    def fields(self) -> Iterator[str]:
        """Every field it reads."""
        yield from self.where
        yield from (name for name in (self.reference, self.decision, self.date) if name is not None)


class ClaimsTo(Strict):
    """One body: its title in a sentence, the body whose own channel proves its acts, what is claimed of it.

    The first of its claims is how the record ordinarily says it. `days` between two dates are no difference. Each line of
    `words` lists what is written for one decision.
    """

    title: str
    body: str
    days: int = Field(7, ge=0, le=92)
    claims: list[ClaimOf] = Field(min_length=1)
    columns: dict[str, list[str]] = Field(default_factory=dict)
    words: list[list[str]] = Field(default_factory=list)

    def decision(self, word: str) -> str | None:
        """What a word of the record or of the list stands for; None where the pack does not know it."""
        plain = _plain(word)
        return next((line[0] for line in self.words if any(plain == _plain(each) for each in line)), None)


class Names(Strict):
    """Where the record says how people are called."""

    kind: str
    field: str


class BodiesFile(Strict):
    """A pack's `bodies.yaml`: heads that are common to all lists, and each body."""

    names: Names | None = None
    columns: dict[str, list[str]] = Field(default_factory=dict)
    bodies: dict[str, ClaimsTo]

    def heads(self, body: str, fact: str) -> list[str]:
        """The heads under which a body's list may give a fact, its own before the common ones."""
        return [*self.bodies[body].columns.get(fact, ()), *self.columns.get(fact, ())]

    def named(self, body: str) -> ClaimsTo:
        """One body. Raises Fault where the pack does not know it."""
        if body in self.bodies:
            return self.bodies[body]
        near = get_close_matches(body, self.bodies, 1)
        meant = f" Was {near[0]!r} meant?" if near else ""
        raise Fault(
            f"No body {body!r} is known to the packs in use.{meant} There are: {', '.join(sorted(self.bodies))}."
        )


def read_bodies(folders: Sequence[Path], kinds: Kinds) -> BodiesFile | None:
    """What the packs say of other bodies' lists, together; None where none says anything. Raises Fault with file and line."""
    files = [folder / "bodies.yaml" for folder in folders if (folder / "bodies.yaml").is_file()]
    read = [_checked(path, kinds) for path in files]
    if not read:
        return None
    return BodiesFile(
        names=next((each.names for each in read if each.names), None),
        columns=_merged([each.columns for each in read]),
        bodies={name: body for each in read for name, body in each.bodies.items()},
    )


def _checked(path: Path, kinds: Kinds) -> BodiesFile:
    said = document.checked(BodiesFile, document.plain(document.read(path)), str(path))
    for name, body in said.bodies.items():
        for number, claim in enumerate(body.claims):
            wrong = _misfit(claim, kinds)
            if wrong:
                line = document.line_of(path.read_text(encoding="utf-8"), ["bodies", name, "claims", number])
                raise Fault(wrong, where=f"{path}:{line}")
    return said


def _misfit(claim: ClaimOf, kinds: Kinds) -> str:
    if claim.kind not in kinds:
        return f"The kind {claim.kind!r} is not known."
    fields = kinds.by_name[claim.kind].fields
    unknown = [name for name in claim.fields if name not in fields]
    return f"{claim.kind} has no field {unknown[0]!r}." if unknown else ""


def _merged(parts: Sequence[Mapping[str, list[str]]]) -> dict[str, list[str]]:
    return {fact: [head for part in parts for head in part.get(fact, ())] for part in parts for fact in part}


def _plain(word: str) -> str:
    return " ".join(word.casefold().replace("_", " ").split())
