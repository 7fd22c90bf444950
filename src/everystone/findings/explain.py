"""Every sentence about an answer, made from the row, the standard and the frame; nothing else words anything."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from everystone.findings.answer import CANNOT_BE_TOLD, EARLIER, MET, NOT_MET, NOT_YET_DUE, Answer
from everystone.ledger.case import Frame
from everystone.ledger.duration import Duration
from everystone.ledger.entry import Entry
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.grammar import Check, Forbidden, Response, Rhythm
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
    "not recorded": "{about}",
    "no order": "the record does not say which came first, because {about} is not known to the minute",
    "several and no link": "several people might be meant, and no link on the record says which",
    "versions differ": "the standard changed within the dates on which it might have been, and the answers differ",
    "table": "the limit depends on something that the record leaves out, and the answers differ",
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
    said = outcome(answer, pack, frame)
    return f"{_opening(dated, trigger, frame, answer)}; {said}." if trigger else f"{_capital(said)}."


def outcome(answer: Answer, pack: Pack, frame: Frame) -> str:
    """What one answer comes to, without the duty and its beginning: the second half of its sentence."""
    trigger, words = _entry(frame, answer.trigger), frame.words
    if answer.answer == MET:
        return _met(answer, frame, trigger)
    if answer.answer == NOT_YET_DUE:
        due = f": {due_in_words(answer.due, words)}" if answer.due is not None else ", and no date is set yet"
        return f"not yet due{due}"
    if answer.answer == CANNOT_BE_TOLD:
        return f"it cannot be told: {WHY_UNTOLD[answer.reason].format(about=_about(answer, words))}"
    if answer.answer == NOT_MET:
        return _FAILED.get(answer.reason, _absent)(answer, frame, trigger)
    shown = _shown(_entries(answer, frame), words) or _about(answer, words, "or")
    return f"this does not apply, because the record shows {shown}"


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


# ---- how a sentence opens ------------------------------------------------------------------------------------------


def _opening(dated: Dated, trigger: Entry, frame: Frame, answer: Answer) -> str:
    """The duty: how long after (before, at) what. A length is named only where it is what gave the due instant."""
    words, body = frame.words, dated.body
    begun = f"“{title(trigger.kind, words)}” {_when(trigger.lo, trigger.hi, words)}"
    if isinstance(body, Check | Forbidden):
        later = isinstance(body, Forbidden) and any(entry is not trigger for entry in _entries(answer, frame))
        return f"{'After' if later else 'At'} {begun}"
    if getattr(body, "before", None) == "trigger" and answer.due in (None, trigger.lo, trigger.hi):
        return f"Before {begun}"
    for length in _lengths(dated):
        if answer.due is not None and words.calendar.due(trigger.hi, length, frame.known_day) == answer.due:
            return _after(length, begun)
    if isinstance(body, Rhythm):
        every = body.every.duration if isinstance(body.every, Within) else None
        return f"At least every {every} from {begun}" if every else f"At the interval that is set, from {begun}"
    return f"After {begun}"


def _lengths(dated: Dated) -> Iterable[Duration]:
    """Every length that a version names: its own, its first beat's, those of its further limbs, for each line."""
    for _, body in dated.bodies:
        within = [body.within]
        if isinstance(body, Rhythm):
            within = [body.first]
        limb = body.then if isinstance(body, Response) else None
        while limb is not None:
            within.append(limb.within if limb.counted_from == "trigger" else None)
            limb = limb.then
        yield from (each.duration for each in within if each is not None)


def _after(length: Duration, begun: str) -> str:
    if length.n == 0:
        day = {"days": "By the end of the day of", "working days": "By the end of the first working day from"}
        return f"{day.get(length.unit, 'At')} {begun}"
    if length.beginning_with:
        return f"{replace(length, beginning_with=False)}, beginning with that of {begun}"
    return f"{length} after {begun}"


# ---- how it ends -----------------------------------------------------------------------------------------------


def _met(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    others = [entry for entry in _entries(answer, frame) if entry is not trigger]
    if not others:
        return "the record shows all that is asked"
    due = "" if answer.due is None or _is_at(answer.due, trigger) else f", due {due_in_words(answer.due, frame.words)}"
    return f"the record shows {_shown(others, frame.words)}{due}"


def _late(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    words, entries = frame.words, _entries(answer, frame)
    if answer.due is not None and entries and all(entry.lo <= answer.due for entry in entries):
        known = max(entry.known for entry in entries)
        shown = f"{_shown(entries, words)}, written down {_when(known, known, words)}"
    else:
        shown = _shown(entries, words) or "it"
    if _is_at(answer.due, trigger):
        return f"the record shows {shown}, which is later"
    return f"the record shows {shown}, and it was due {due_in_words(answer.due, words)}"


def _gap(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    others = [entry for entry in _entries(answer, frame) if entry is not trigger]
    last = f", the last being {_shown(others, frame.words)}" if others else ""
    return f"no record shows what was due {due_in_words(answer.due, frame.words)}{last}"


def _forbidden(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    entries = _entries(answer, frame)
    if all(entry is trigger for entry in entries):
        return "the record shows what this standard excludes"
    return f"the record shows {_shown(entries, frame.words)}, which this standard excludes"


def _wrong_person(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    entries = _entries(answer, frame)
    shown = "it" if all(entry is trigger for entry in entries) else _shown(entries, frame.words)
    return f"the record shows {shown}, done by somebody who may not do this step"


def _not_qualified(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    return "no qualification on record for that day"


def _not_together(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    turns = f"; it turns on {_about(answer, frame.words)}" if answer.about else ""
    return f"the record does not show together all that is asked{turns}"


def _unproven(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    copied = [name for name in answer.about if name.startswith(EARLIER)]
    if copied:
        own = [f"“{called(name, frame.words)}”" for name in answer.about if name not in copied]
        return f"{_listed(own) or 'what is written'} is nearly {_listed(copied, 'or')}"
    proof = f": {_about(answer, frame.words, 'or')}" if answer.about else ""
    return f"no record shows what would prove it{proof}"


def _absent(answer: Answer, frame: Frame, trigger: Entry | None) -> str:
    """No record shows it; where entries of that kind stand there all the same, none of the sort that is asked."""
    expected = _about(answer, frame.words, "or") if answer.about else "what is asked"
    other = " of the sort that is asked" if any(name in frame.by_kind for name in answer.about) else ""
    due = "" if answer.due is None or _is_at(answer.due, trigger) else f", due {due_in_words(answer.due, frame.words)}"
    return f"no record shows {expected}{other}{due}"


_FAILED = {
    "late by": _late,
    "gap of": _gap,
    "forbidden": _forbidden,
    "wrong person": _wrong_person,
    "not qualified": _not_qualified,
    "not together": _not_together,
    "unproven": _unproven,
}


def _is_at(due: int | None, trigger: Entry | None) -> bool:
    return trigger is not None and due in (trigger.lo, trigger.hi)


def _entries(answer: Answer, frame: Frame) -> list[Entry]:
    return [entry for key in answer.evidence if (entry := _entry(frame, key)) is not None]


def _shown(entries: Sequence[Entry], words: Vocabulary) -> str:
    """Entries by title and instant; several of one kind at one instant once, with their number."""
    numbered: dict[str, int] = {}
    for each in entries:
        said = f"“{title(each.kind, words)}” {_when(each.lo, each.hi, words)}{_found_where(each)}"
        numbered[said] = numbered.get(said, 0) + 1
    return _listed([said if n == 1 else f"{said} ({n} entries)" for said, n in numbered.items()])


def _about(answer: Answer, words: Vocabulary, joined: str = "and") -> str:
    """What the reason of an answer is about: kinds by their titles, fields and states by what they are called."""
    kinds = [f"“{title(name, words)}”" for name in answer.about if name in words.kinds]
    others = [f"“{called(name, words)}”" for name in answer.about if name not in words.kinds and name != "any"]
    if answer.reason == "not recorded":
        where = f"what stands under {_listed(kinds)}" if kinds else "the record"
        return f"{where} leaves out {_listed(others) or 'something on which this turns'}"
    return _listed([*kinds, *others], joined) or "what it depends on"


def called(name: str, words: Vocabulary) -> str:
    """What a field or a state is called on screen."""
    return words.kinds.called.get(name) or name.replace("_", " ")


def title(kind: str, words: Vocabulary) -> str:
    """What a kind is called on screen."""
    described = words.kinds.by_name.get(kind)
    return described.title if described else kind


def says(entry: Entry, words: Vocabulary) -> str:
    """One entry as a sentence; fields not recorded are left out as "not recorded"."""
    kind = words.kinds.by_name.get(entry.kind)
    if kind is None:
        return entry.kind
    values = {name: _value(entry.data.get(name), of.type) for name, of in kind.fields.items()}
    values.update(by=entry.by or "somebody not recorded", subjects=_listed(list(entry.subjects)) or "nobody named")
    return kind.says.format_map(values)


def _value(value: object, of_type: str = "") -> str:
    """A value in words, by the type of its field: dates as they are spoken, words of a list without underlines."""
    if value is None or value == "":
        return "not recorded"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _listed([_value(each, of_type) for each in value]) or "none"
    if isinstance(value, dict):
        return "a text"
    if of_type == "date":
        return _spoken(str(value))
    return str(value).replace("_", " ") if of_type in ("word", "words") else str(value)


def _spoken(text: str) -> str:
    """A written date as it is spoken, as near as it is written: 10 June 2011 at 17:30, June 2011, 2011."""
    written = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d)(?:[ T](\d\d:\d\d).*)?)?", text)
    if written is None:
        return text
    year, month, day, time = written.groups()
    spoken = f"{int(day)} " if day else ""
    return f"{spoken}{month_name[int(month)]} {year}" + (f" at {time}" if time else "")


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


def _when(lo: int, hi: int, words: Vocabulary) -> str:
    said = instant_in_words(lo, hi, words)
    return said if said.startswith("some") else f"on {said}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(parts: Sequence[str], joined: str = "and") -> str:
    unique = list(dict.fromkeys(parts))
    return f"{', '.join(unique[:-1])} {joined} {unique[-1]}" if len(unique) > 1 else "".join(unique)
