"""What was found in the texts of a file, told to whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from everystone.intake.texts import Text, texts_of
from everystone.standards.pack import SHIPPED, Pack, load
from everystone.standards.prompts import WHOSE, Looked, prompts


def words(file: Path, column: str | None = None, pack: list[str] | None = None) -> None:
    """Look at texts for words that blame a child: whose they are, why they harm, what is better. Nothing is changed.

    FILE is a text file, or a table (.csv) whose --column holds the texts (by default one of a usual name). Rows whose
    `kind` holds other people's own words are passed over, and so are quoted words whose speaker is named, in the text
    or in a column `quote_of`, denials and titles.
    """
    out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    for line in Wording(load(pack or [SHIPPED])).lines(file, column):
        out.print(line)


class Wording:
    """One run over a file, with how many texts were looked at, passed over and prompted on."""

    def __init__(self, pack: Pack) -> None:
        self.lists, self.kinds = pack.lists, pack.words.kinds.by_name
        self.looked_at = self.prompted = self.passed_over = self.left_alone = 0

    def lines(self, path: Path, column: str | None = None) -> Iterator[str]:
        """What to print: the places of each text, and at the end how many texts there were. Raises Fault."""
        for text in texts_of(path, column):
            looked = self._look(text)
            if looked.prompts:
                yield from _told(text, looked)
        yield self._total()

    def _look(self, text: Text) -> Looked:
        kind = self.kinds.get(text.kind)
        if kind is not None and kind.verbatim:
            self.passed_over += 1
            return Looked([], 0)
        looked = prompts(self.lists, text.text, text.spoken_by)
        self.looked_at += 1
        self.prompted += bool(looked.prompts)
        self.left_alone += looked.left_alone
        return looked

    def _total(self) -> str:
        said = f"{_many(self.looked_at)} looked at, {self.prompted} to look at again"
        if self.left_alone:
            said += f"; {self.left_alone} places left alone (quoted with a speaker, denied, a title or part of reasons)"
        if self.passed_over:
            said += f"; {_many(self.passed_over)} passed over (other people's own words are never prompted on)"
        return f"{said}. Nothing was changed."


def _told(text: Text, looked: Looked) -> Iterator[str]:
    yield f"line {text.line}: {WHOSE}"
    for prompt in looked.prompts:
        yield f"  “{prompt.words}” in: {prompt.shown}"
        yield f"    {prompt.title}: {prompt.why}."
        yield f"    Better: {prompt.better}."
        if prompt.right_when:
            yield f"    Right where: {prompt.right_when}."


def _many(n: int) -> str:
    return f"{n} text" if n == 1 else f"{n} texts"
