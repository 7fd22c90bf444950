"""Taking an extract: read, mapped, checked to the row, and written as a new part of a ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from everystone.intake import quoting
from everystone.intake.csv import Written, read_csv
from everystone.intake.desk import Desk, laid_out
from everystone.intake.extracts import Extract, extracts_in
from everystone.intake.faults import report
from everystone.intake.fitting import kinds_of, read_mapping
from everystone.intake.keys import BAD, settle, taken
from everystone.intake.laid import Laid
from everystone.intake.line import MADE, Line
from everystone.intake.lines import Parts
from everystone.intake.mapping import Join, Table
from everystone.intake.mapping import Mapping as MappingFile
from everystone.intake.moment import Times
from everystone.intake.narrative import HITS, look, made, narrative
from everystone.intake.rejects import Reject, Rejects
from everystone.intake.xes import read_xes
from everystone.ledger.book.parquet import ENTRIES, NARRATIVE, ROW_GROUP, ParquetBook
from everystone.ledger.coverage import Holding
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
