"""The documents, done as they say: a page that lies fails here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from everystone.standards.pack import Pack
from tests.conftest import ROOT
from tests.docs.console import blocks, do, everystone, follow


@pytest.mark.parametrize(("document", "least"), [("docs/tutorial.md", 9), ("docs/next-month.md", 5)])
def test_a_page_comes_out_as_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: str, least: int
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    spoken = list(follow(document))
    assert len(spoken) >= least
    for each in spoken:
        assert each.agrees, f"{each.command}\n--- shown\n{each.shown}\n--- printed\n{each.printed}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the tutorial, for what the other documents say."""
    folder = tmp_path_factory.mktemp("documents")
    for block in blocks("docs/tutorial.md"):
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")
    return folder


#: What stands for the reader's own in a document, and what the tutorial has for it.
MEANT = {"EXTRACT...": "extract", "2024/00173": "17/2024", "2026-06-30": "2024-06-30", "my-story.yaml": "ash.yaml",
         "LOC-02": "LOC-01", "FOLDER": "local"}  # fmt: skip


#: The commands that the files of the tutorial are enough for; of others it is read that they and their options exist.
DONE = {"review", "ask", "try", "standards"}


def test_the_commands_of_the_front_page_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    said = [line for block in blocks("README.md") for line in block.text.splitlines() if line.startswith("everystone ")]
    said = [command for command in said if command.split()[1] in DONE]
    assert {command.split()[1] for command in said} == DONE
    for command in said:
        for word, meant in MEANT.items():
            command = command.replace(word, meant)
        printed, status = do(command)
        assert status == 0, f"{command}\n{printed}"
    assert do("everystone forget review/")[1] == 0


def test_the_commands_of_the_guide_check_and_show_what_it_shows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    shown = {block.text.split(":")[0]: block.text for block in blocks("docs/how-to-add.md") if block.language == "yaml"}
    files = {"standards/missing/LOC-01-school-told.yaml": shown["id"], "kinds/school.yaml": shown["school.told"],
             "states.yaml": shown["school aware"]}  # fmt: skip
    for name, text in files.items():
        for pack in ("local", "wider") if name.startswith("standards") else ("wider",):
            (folder / pack / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / pack / name).write_text(text, encoding="utf-8")
    printed, status = do("everystone standards check local")
    assert (status, printed.rstrip()) == (0, "1 standards, 1 finished, 5 stories, 0 otherwise")
    printed, status = do("everystone standards show LOC-01 --pack england_wales --pack local")
    assert (status, printed.splitlines()[0]) == (0, "School told after a missing episode (LOC-01)")
    printed, status = do("everystone standards list --pack england_wales --pack wider")
    assert "LOC-01  School told after a missing episode" in printed
    assert do(f"everystone try --pack england_wales --pack wider wider/{next(iter(files))}")[1] == 0
    for what in ("standard", "kind", "state", "words", "mapping"):
        printed, status = do(f"everystone standards schema {what}")
        assert (status, "properties" in printed) == (0, True), what


@pytest.mark.parametrize(
    "pack", sorted(path.parent for path in (ROOT / "examples").glob("*/kinds")), ids=lambda path: path.name
)
def test_a_pack_that_has_nothing_to_do_with_the_police_checks(pack: Path) -> None:
    printed, status = everystone("standards", "check", pack)
    assert status == 0, printed
    assert printed.rstrip().endswith("0 otherwise")


# ---- what stands in all of them --------------------------------------------------------------------------------------

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere_and_options_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert not [link for link in links if not (page.parent / link).exists()]
    for line in re.findall(r"(?:^\$? ?|`)(everystone [a-z][^`\n]*)", text, re.MULTILINE):
        names, options = command_of(line)
        known = everystone(*names, "--help")
        assert known[1] == 0, line
        assert not [option for option in options if option not in known[0]], line


def command_of(line: str) -> tuple[list[str], list[str]]:
    """The command that a line names (of several, `review|ask`, the first), and its options."""
    words = line.split()[1:]
    names = [words[0].split("|")[0].rstrip(",")]
    if names[0] in ("standards", "intake", "site") and len(words) > 1:
        names.append(words[1].split("|")[0])
    return names, re.findall(r"(?<!\S)--[a-z-]+", line)


def test_the_makefile_has_the_targets_that_the_front_page_names() -> None:
    named = re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"demo", "test", "lint", "proof", "bench"} <= set(named)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert not [name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)]


#: The words of the design, in its order; each is explained in the glossary's first column.
WORDS = """case, entry, kind, stream, frame, happened, recorded, accepted, as at, as known on, correct, withdraw, supersede,
standard, source, version, ask, answer, reason, mark, finding, coverage, not carried, line of enquiry, opened, pursued,
exhausted, action, raised, allocated, resulted, filed, review, dip sample, reading, decision, rationale, challenge, reply,
upheld, refer, referral, oversight body, leaf, checkpoint, inclusion proof, consistency proof, witness, child, victim, person
named, suspect, lead, supervisor, reviewer"""


def test_the_glossary_explains_every_word() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| [^|]*\|$", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    explained = {word.strip() for row in rows for word in re.split(r"[;:,]", row)}
    assert not [
        word for word in re.split(r",\s+", WORDS.replace("person\nnamed", "person named")) if word not in explained
    ]


#: The awkward standards that the grammar names, which the first decision walks.
WALKED = [
    "INV-10",
    "INV-11",
    "MIS-06",
    "SUP-05",
    "SUP-06",
    "OFF-04",
    "OFF-05",
    "OFF-08",
    "OFF-12",
    "CUS-05",
    "CUS-07",
    "CHG-05",
    "NRA-01",
    "NRA-02",
    "VIC-04",
    "VIC-05",
    "EXP-01",
    "CAP-02",
    "CAP-04",
    "LAN-02",
]


def test_the_first_decision_walks_the_awkward_standards_as_their_files_are(pack: Pack) -> None:
    text = (ROOT / "docs" / "decisions" / "0001-grammar.md").read_text(encoding="utf-8")
    parts = {part.split()[0]: part for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]}
    assert list(parts) == WALKED
    for name, part in parts.items():
        loaded = pack.standards[name]
        file = re.sub(r"\s+", " ", loaded.path.read_text(encoding="utf-8"))
        heading, shown = part.partition("\n")[0], "".join(re.findall(r"```yaml\n(.*?)```", part, re.DOTALL))
        assert heading == f"{name} {loaded.standard.title}"
        named = re.findall(r"\b(?:[a-z_]+\.[a-z_]+|(?:days|hours|months|working days): \d+|rank: \w+)", shown)
        assert named, name
        assert not [each for each in named if each not in file], name
        assert "Not asked" in part or not loaded.standard.not_asked, name
