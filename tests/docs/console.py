"""What a document shows, done: its files written, its commands run in one folder, its output compared."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from everystone.cli import run
from tests.conftest import ROOT


class Block(NamedTuple):
    """A block of code with its language and the file name that stands at the end of the line before it ("" for none)."""

    language: str
    text: str
    file: str


class Spoken(NamedTuple):
    """A command, what the document shows of its output, and what it printed."""

    command: str
    shown: str
    printed: str

    @property
    def agrees(self) -> bool:
        """Whether it printed what is shown; `...` stands for anything."""
        lines = "".join(map(_line, self.shown.splitlines()))
        return re.fullmatch(lines, "".join(f"{line}\n" for line in self.printed.rstrip().splitlines())) is not None


def _line(shown: str) -> str:
    """A shown line as a pattern: `...` alone stands for any lines, inside a line for any words."""
    if shown == "...":
        return r"(?:.*\n)*"
    return ".*".join(map(re.escape, shown.split("..."))) + r"\n"


def blocks(document: str) -> Iterator[Block]:
    """The blocks of code of a document in order."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for match in re.finditer(r"([^\n]*)\n\n```(\w*)\n(.*?)```", text, re.DOTALL):
        named = re.search(r"`([\w./-]+\.\w+)`$", match[1].strip())
        yield Block(match[2], match[3], named[1] if named else "")


def commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with what is shown of its output."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown.rstrip()


def do(command: str) -> tuple[str, int]:
    """What a command prints (faults as well) and its status; `ls` and `cat` are enough of a shell for a tutorial."""
    name, *arguments = shlex.split(command)
    if name == "ls":
        return "\n".join(sorted(path.name for path in Path(arguments[0]).iterdir())), 0
    if name == "cat":
        return Path(arguments[0]).read_text(encoding="utf-8"), 0
    assert name == "everystone", command
    return everystone(*arguments)


def everystone(*arguments: object) -> tuple[str, int]:
    """What the command line prints and its status, without a program of its own."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = run([str(each) for each in arguments])
    return printed.getvalue(), status


def follow(document: str) -> Iterator[Spoken]:
    """Do everything that a document says in the folder one stands in."""
    for block in blocks(document):
        if block.file:
            Path(block.file).parent.mkdir(parents=True, exist_ok=True)
            Path(block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            for command, shown in commands(block.text):
                yield Spoken(command, shown, do(command)[0])
        elif block.language == "python":
            yield from _asked(block.text)


def _asked(text: str) -> Sequence[Spoken]:
    printed = io.StringIO()
    test = doctest.DocTestParser().get_doctest(text, {}, "the document", None, None)
    doctest.DocTestRunner(verbose=False).run(test, out=printed.write)
    return [Spoken("python", "", printed.getvalue())]
