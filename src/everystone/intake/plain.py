"""A file as plain UTF-8 text: unpacked, without another encoding, and refused where it is not what its name says."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from everystone.ledger.fault import Fault

BLOCK = 1 << 22
LARGEST = 1 << 30  # bytes that a file may unpack to whatever its size
RATIO = 200  # times its own size to which a larger one may unpack

_ARCHIVES = {
    b"PK\x03\x04": "a workbook or an archive",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old workbook",
}
#: The longer first, as the mark of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class PlainFile(NamedTuple):
    """A file to read as UTF-8, and whether U+0000 stands anywhere in it."""

    path: Path
    has_nul: bool


@contextmanager
def unpacked(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked if it is a .gz. Raises Fault where it is damaged or unpacks beyond all bounds."""
    try:
        with path.open("rb") as file:
            if path.suffix.lower() != ".gz":
                yield file
                return
            with gzip.open(file) as inner:
                yield io.BufferedReader(_Bounded(inner, path), BLOCK)
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise Fault("The file is cut off or damaged. Export it again.", where=path.name) from fault
    except OSError as fault:
        raise Fault(
            "This file cannot be read. Check that it is there and that you may open it.", where=path.name
        ) from fault


class _Bounded(io.RawIOBase):
    """Unpacked bytes, as long as they stay within bounds."""

    def __init__(self, inner: gzip.GzipFile, path: Path) -> None:
        self._inner, self._name, self._given = inner, path.name, 0
        self._most = max(LARGEST, path.stat().st_size * RATIO)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer))
        self._given += len(data)
        if self._given > self._most:
            raise Fault(f"The file unpacks to more than {self._most >> 20} MB and was refused.", where=self._name)
        buffer[: len(data)] = data
        return len(data)


def as_plain(path: Path, encoding: str | None, copy: Path) -> PlainFile:
    """The file itself where it is UTF-8 text already, else a copy that is. Raises Fault where it cannot be made.

    A file in UTF-16 or UTF-32 is known by its mark; any other encoding must be stated, as a guess is silently wrong.
    """
    with unpacked(path) as file:
        first = file.read(4)
    _refuse_archives(first, path)
    encoding = encoding or next((name for mark, name in _MARKS.items() if first.startswith(mark)), None)
    if encoding is None and b"\0" in first:
        raise Fault("This looks like UTF-16 or UTF-32 without its mark. State its `encoding`.", where=path.name)
    if path.suffix.lower() != ".gz" and encoding in (None, "utf-8"):
        with unpacked(path) as file:
            return PlainFile(path, any(b"\0" in block for block in iter(lambda: file.read(BLOCK), b"")))
    return PlainFile(copy, _copied(path, encoding or "utf-8", copy))


def _refuse_archives(first: bytes, path: Path) -> None:
    if not first:
        raise Fault("The file has no rows. Nothing was taken.", where=path.name)
    for mark, sort in _ARCHIVES.items():
        if first.startswith(mark):
            raise Fault(f"This is {sort}, not text. Save it as CSV, UTF-8.", where=path.name)


def _copied(path: Path, encoding: str, copy: Path) -> bool:
    """Write the copy; whether U+0000 stands in it."""
    as_it_is = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    has_nul = False
    with unpacked(path) as file, copy.open("wb") as plain:
        decoder = codecs.getincrementaldecoder("utf-8" if as_it_is else _known(encoding, path))()
        while True:
            block = file.read(BLOCK)
            try:
                data = block if as_it_is else decoder.decode(block, final=not block).encode("utf-8")
            except UnicodeError as fault:
                raise Fault(f"The file is not text in {encoding}. State its `encoding`.", where=path.name) from fault
            has_nul = has_nul or b"\0" in data
            plain.write(data)
            if not block:
                return has_nul


def _known(encoding: str, path: Path) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as fault:
        raise Fault(f"The encoding {encoding!r} is not known. Name it as Python does.", where=path.name) from fault
