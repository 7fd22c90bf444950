"""JSON Schema of the files of a pack."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kind
from everystone.ledger.state import State
from everystone.standards.grammar import BODIES, EVALUATORS, Standard
from everystone.standards.language import WordList

FILES: dict[str, type[BaseModel]] = {"standard": Standard, "kind": Kind, "state": State, "words": WordList}


def schema_of(what: str) -> dict[str, Any]:
    """The JSON Schema of one sort of file: standard, kind, state, words. Raises Fault for another word.

    A file of kinds or states maps names to descriptions; a standard's body is described by its evaluator.
    """
    if what not in FILES:
        raise Fault(f"There is no file called {what!r} in a pack. There are: {', '.join(FILES)}.")
    schema = FILES[what].model_json_schema(by_alias=True)
    if what == "standard":
        for name in EVALUATORS:
            body = BODIES[name].model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
            schema.setdefault("$defs", {}).update(body.pop("$defs", {}))
            schema["properties"][name] = body
    return schema
