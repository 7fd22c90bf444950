"""A standard and a story written in a test, asked at an instant."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from everystone.findings.answer import Answer
from everystone.findings.frames import Instants, frames_of
from everystone.findings.reference import Questions, ask
from everystone.standards import document
from everystone.standards.pack import Pack, read_standard
from everystone.standards.story import end_of, tell

VERSION = """
versions:
  - {since: 2000-01-01, basis: local, checked: verified, sources: [{name: a test}]}
"""


def with_standard(pack: Pack, *bodies: str) -> Pack:
    """The pack with nothing but standards written here (T-01, T-02, ...); a body may bring its own versions."""
    standards = {}
    with TemporaryDirectory() as folder:
        for number, body in enumerate(bodies, 1):
            text = textwrap.dedent(body)
            whole = f"id: T-{number:02d}\ntitle: A test\nasks: A question\nthreatens: record\nwho_acts: nobody\n" + text
            path = Path(folder) / "T.yaml"
            path.write_text(whole + ("" if "versions:" in text else VERSION), encoding="utf-8")
            loaded = read_standard(path)
            standards[loaded.id] = loaded
    return replace(pack, standards=standards)


def answers(
    pack: Pack, timeline: str, as_at: str, *, known_on: str | None = None, people: dict[str, Any] | None = None,
    holds: list[dict[str, Any]] | None = None, shuffled: bool = False,
) -> list[Answer]:  # fmt: skip
    """All answers about a timeline as at an instant."""
    said: dict[str, Any] = {"case": "Oak", "people": people or {}, "timeline": textwrap.dedent(timeline)}
    if holds is not None:
        said["holds"] = holds
    story = tell(document.plain(said), pack, "a test")
    at = end_of(as_at, pack.words)
    when = Instants(at, end_of(known_on, pack.words) if known_on else at, story.coverage)
    streams = {name: list(reversed(each)) if shuffled else each for name, each in story.streams.items()}
    return [each for frame in frames_of(streams, pack.words, when) for each in ask(frame, Questions(pack))]


def said(given: list[Answer]) -> list[str]:
    """Answers as short words, in order of trigger and number."""
    ordered = sorted(given, key=lambda each: (each.standard, each.asked_for, each.trigger, each.n))
    return [each.answer + (f", {each.reason}" if each.reason else "") for each in ordered]
