"""Every sentence about an answer, made from the row, the standard and the frame; nothing else words anything."""

from __future__ import annotations

from datetime import date

from everystone.findings.answer import CANNOT_BE_TOLD, MET, NOT_MET, NOT_YET_DUE, Answer
from everystone.findings.reference import Questions, ask
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.grammar import Check, Forbidden, Rhythm
from everystone.standards.limit import Within
from everystone.standards.pack import Dated, Pack

STRENGTH = {
    "law": "not met",
    "code": "not met",
    "guidance": "departs from",
    "national practice": "departs from",
    "local": "prompt",
    "own": "prompt",
}
WHY_UNTOLD = {
    "not carried": "this extract does not hold {about} for all of that time",
    "not recorded": "the record does not give {about}",
    "no order": "the record does not say which came first: {about} is not known to the minute",
    "several and no link": "several people might be meant, and no link on the record says which",
    "versions differ": "the standard changed within the dates it might have been, and the answers differ",
    "table": "the limit depends on something the record does not give, and the answers differ",
    "not yet finished": "this standard is not yet finished",
}
LIMITS = "A check on the record; not a finding about any person's guilt, honesty or credibility."


def sentence(answer: Answer, pack: Pack, frame: Frame) -> str:
    """What one answer says, in full sentences, worded for the officer and the family alike."""
    if answer.reason == "not yet finished":
        return f"It cannot be told: {WHY_UNTOLD['not yet finished']}."
    dated = version_of(answer, pack)
    if dated is None:
        return "No record of this frame begins this duty."
    trigger = _entry(frame, answer.trigger)
    opening = _opening(dated, trigger, frame, answer)
    said = _said(answer, dated, pack, frame)
    return f"{opening}; {said}." if opening else f"{said[:1].upper()}{said[1:]}."


def version_of(answer: Answer, pack: Pack) -> Dated | None:
    """The version of the standard that gave an answer."""
    loaded = pack.standards.get(answer.standard)
    if loaded is None:
        return None
    return next((each for each in loaded.versions if each.version.since.isoformat() == answer.version), None)


def strength(answer: Answer, pack: Pack) -> str:
    """How strongly a finding may be put: "not met" (law, code), "departs from" (guidance), "prompt" (local, own)."""
    dated = version_of(answer, pack)
    return STRENGTH[dated.version.basis] if dated else ""


def unconfirmed(answer: Answer, pack: Pack) -> str:
    """What of the version's source still has to be confirmed, "" where it was verified."""
    dated = version_of(answer, pack)
    return f"Unconfirmed: {dated.version.confirm}." if dated and dated.version.checked != "verified" else ""


def marks(answer: Answer) -> str:
    """The marks of an answer in words; they never change it."""
    return "; ".join(answer.marks)


def today(answer: Answer, questions: Questions, frame: Frame) -> str:
    """What today's version would have said of the same duty, "" where it is the version that was asked."""
    loaded = questions.pack.standards[answer.standard]
    latest = loaded.versions[-1]
    if latest.version.since.isoformat() == answer.version or answer.reason == "not yet finished":
        return ""
    again = [each for each in ask(frame, _latest_only(questions, answer.standard))
             if (each.asked_for, each.trigger, each.n) == (answer.asked_for, answer.trigger, answer.n)]  # fmt: skip
    since = day_in_words(latest.version.since)
    if not again:
        return f"Today's version (since {since}) would not have asked this."
    said = again[0].answer + (f" ({again[0].reason})" if again[0].reason else "")
    return f"Today's version (since {since}) would have said: {said}."


def _latest_only(questions: Questions, standard: str) -> Questions:
    again = Questions(questions.pack, [standard])
    for question in again.ordered:
        if question.id == standard:
            question.versions = question.versions[-1:]
            question.versions[0].since, question.versions[0].until = date.min, date.max
    return again


# ---- the parts of a sentence -----------------------------------------------------------------------------------


def _opening(dated: Dated, trigger: Entry | None, frame: Frame, answer: Answer) -> str:
    if trigger is None:
        return ""
    words = frame.words
    named = f"{_the(title(trigger.kind, words))} on {instant_in_words(trigger.lo, trigger.hi, words)}"
    body = dated.body
    if isinstance(body, Check | Forbidden):
        return f"At {named}"
    if isinstance(body, Rhythm):
        length = _length(body.every) if isinstance(body.every, Within) else "a regular time"
        return f"At least every {length} from {named}"
    if getattr(body, "before", None) == "trigger":
        return f"Before {named}"
    lengths = {_length(each.within) for _, each in dated.bodies if each.within is not None}
    if len(lengths) == 1 and answer.due is not None:
        return f"{lengths.pop()} after {named}"
    return f"After {named}"


def _length(within: Within | None) -> str:
    return str(within.duration) if within is not None else ""


def _said(answer: Answer, dated: Dated, pack: Pack, frame: Frame) -> str:
    words = frame.words
    due = f"due {due_in_words(answer.due, words)}" if answer.due is not None else ""
    evidence = [_entry(frame, key) for key in answer.evidence]
    shown = "; ".join(
        f"{title(each.kind, words)} on {instant_in_words(each.lo, each.hi, words)}{_found_where(each)}"
        for each in evidence if each
    )  # fmt: skip
    if answer.answer == MET:
        return f"the record shows {shown or 'what is asked'}" + (f", {due}" if due else "")
    if answer.answer == NOT_YET_DUE:
        return f"not yet due, {due}" if due else "not yet due"
    if answer.answer == CANNOT_BE_TOLD:
        about = _listed(
            [title(name, words) if name in words.kinds else f"“{name.replace('_', ' ')}”" for name in answer.about]
        )
        why = WHY_UNTOLD.get(answer.reason, answer.reason).format(about=about or "what it depends on")
        return f"it cannot be told: {why}"
    if answer.answer == NOT_MET:
        return _failed(answer, shown, due, words)
    return f"does not apply: excused{' by ' + shown if shown else ''}"


def _failed(answer: Answer, shown: str, due: str, words: Vocabulary) -> str:
    expected = _or([title(name, words).lower() for name in answer.about if name in words.kinds]) or "what is asked"
    fields = _listed([name.replace("_", " ") for name in answer.about if name not in words.kinds])
    if answer.reason == "late by":
        return f"the record shows {shown}, after it was {due}"
    if answer.reason == "gap of":
        return f"no record shows it by {due_in_words(answer.due, words)}" + (
            f", the last being {shown}" if shown else ""
        )
    if answer.reason == "forbidden":
        return f"the record shows {shown}, which this standard excludes"
    if answer.reason == "wrong person":
        return f"the record shows {shown}, done by somebody who may not do this step"
    if answer.reason == "not qualified":
        return (
            f"no qualification on record for that day ({fields})"
            if fields
            else "no qualification on record for that day"
        )
    if answer.reason == "not together":
        return (
            f"the record does not show together what is asked ({fields})"
            if fields
            else "the record does not show it together"
        )
    if answer.reason == "unproven":
        return f"no record shows what would prove it ({expected})"
    return f"no record shows {expected}" + (f", {due}" if due else "")


def title(kind: str, words: Vocabulary) -> str:
    """What a kind is called on screen."""
    described = words.kinds.by_name.get(kind)
    return described.title if described else kind


def says(entry: Entry, words: Vocabulary) -> str:
    """One entry as a sentence; fields not recorded are left out as "not recorded"."""
    kind = words.kinds.by_name.get(entry.kind)
    if kind is None:
        return entry.kind
    values = {name: _value(entry.data.get(name)) for name in kind.fields}
    values.update(by=entry.by or "somebody not recorded", subjects=_listed(list(entry.subjects)) or "nobody named")
    return kind.says.format_map(values)


def _value(value: object) -> str:
    if value is None or value == "":
        return "not recorded"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _listed([str(each) for each in value])
    return "a text" if isinstance(value, dict) else str(value)


def instant_in_words(lo: int, hi: int, words: Vocabulary) -> str:
    """An instant, or a day, month or year where that is all the record gives; local time."""
    first, last = words.calendar.local(lo), words.calendar.local(hi)
    if lo == hi:
        return f"{day_in_words(first.date())} at {first:%H:%M}"
    if first.date() == last.date():
        return day_in_words(first.date())
    return f"some time between {day_in_words(first.date())} and {day_in_words(last.date())}"


def due_in_words(due: int | None, words: Vocabulary) -> str:
    """A due instant: "by the end of" a day where it falls there."""
    if due is None:
        return "with no date"
    local = words.calendar.local(due)
    if (local.hour, local.minute) == (23, 59):
        return f"by the end of {day_in_words(local.date())}"
    return f"by {day_in_words(local.date())} at {local:%H:%M}"


def day_in_words(day: date) -> str:
    """Friday 10 June 2011."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def _entry(frame: Frame, root: str) -> Entry | None:
    place = frame.place.get(root)
    if place is not None:
        return frame.entries[place]
    return next((entry for entry in (*frame.entries, *frame.found) if frame.root(entry) == root), None)


def _found_where(entry: Entry) -> str:
    """Where an entry was found, if in a text: (found in the text, page 112 of LOG)."""
    if not entry.found:
        return ""
    document, page, *_ = entry.attachments
    return f" (found in the text, page {page} of {document})" if page else f" (found in the text of {document})"


def _the(text: str) -> str:
    return f"“{text}”"


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)


def _or(parts: list[str]) -> str:
    unique = list(dict.fromkeys(parts))
    return ", ".join(unique[:-1]) + " or " + unique[-1] if len(unique) > 1 else "".join(unique)
