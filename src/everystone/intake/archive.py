"""A zip folder as the files in it: listed before anything is unpacked, and refused where it is not what it should be."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from everystone.intake.plain import BLOCK, LARGEST, RATIO
from everystone.ledger.fault import Fault

MOST = 1_000  # files in one archive
_UNSAFE = re.compile(r"^[/\\]|^[A-Za-z]:|\\|(?:^|/)\.\.(?:/|$)|[\x00-\x1f]")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, KeyError)


def is_archive(path: Path) -> bool:
    """Whether a file is named as an archive."""
    return path.suffix.lower() == ".zip"


def names(path: Path) -> list[str]:
    """The files in an archive. Raises Fault where any is unsafe, protected, an archive itself, or all are too much."""
    with opened(path) as archive:
        found = [each for each in archive.infolist() if not each.is_dir() and not _left_by_a_computer(each.filename)]
    if not found:
        raise Fault("The file has no rows. Nothing was taken.", where=path.name)
    for each in found:
        if is_archive(Path(each.filename)):
            raise Fault("The archive holds another archive. Unpack that first.", where=path.name)
    return [each.filename for each in found]


def unpacked(path: Path, member: str, folder: Path) -> Path:
    """One file of an archive, written into a folder. Raises Fault where it is damaged or grows beyond what it states."""
    folder.mkdir(mode=0o700)
    place = folder / member.rpartition("/")[2]
    with opened(path) as archive, archive.open(member) as file, place.open("wb") as plain:
        while block := file.read(BLOCK):
            plain.write(block)
    return place


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive whose list of files is sound and within bounds; what is found damaged in it is a Fault."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive.infolist(), path)
            yield archive
    except Fault:
        raise
    except _BROKEN as fault:
        raise Fault("The file is cut off or damaged. Export it again.", where=path.name) from fault


def _check(infos: list[zipfile.ZipInfo], path: Path) -> None:
    most = max(LARGEST, path.stat().st_size * RATIO)
    if len(infos) > MOST:
        raise Fault(f"The archive holds more than {MOST:,} files and was refused.", where=path.name)
    if sum(each.file_size for each in infos) > most:
        raise Fault(f"The file unpacks to more than {most >> 20} MB and was refused.", where=path.name)
    if any(_UNSAFE.search(each.orig_filename) or stat.S_ISLNK(each.external_attr >> 16) for each in infos):
        raise Fault("The archive holds an unsafe file name or a link and was refused.", where=path.name)
    if any(each.flag_bits & 1 for each in infos):
        raise Fault("The file has a password. Remove it, and send the file by the approved route.", where=path.name)
    ends = 0
    for each in sorted(infos, key=lambda info: info.header_offset):
        if each.header_offset < ends:
            raise Fault("The files in the archive lie over one another. It was refused.", where=path.name)
        ends = each.header_offset + each.compress_size


def _left_by_a_computer(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
