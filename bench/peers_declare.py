"""pm4py and Declare4Py checking five constraints, run by the Python of an environment of their own.

Neither is a dependency of Everystone: pm4py is under the AGPL. `python -m venv peers && peers/bin/pip install pm4py declare4py
pyarrow`.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

warnings.filterwarnings("ignore")


def pm4py_declare(path: str, responses: list[Any], precedences: list[Any]) -> dict[str, Any]:
    """Conformance of a log in memory; in how many cases each is broken."""
    import pandas as pd
    import pm4py

    events = pd.read_parquet(path)
    model = {
        name: {tuple(pair): {"support": 1, "confidence": 1} for pair in pairs}
        for name, pairs in (("response", responses), ("precedence", precedences))
    }
    began = time.process_time()
    told = pm4py.conformance_declare(events, model)
    spent = time.process_time() - began
    asked = [*(("response", tuple(pair)) for pair in responses), *(("precedence", tuple(pair)) for pair in precedences)]
    broken = [
        sum(any((name, tuple(pair)) == each for name, pair in case["deviations"]) for case in told) for each in asked
    ]
    return {"seconds": spent, "broken": broken, "entries": len(events), "version": pm4py.__version__}


def declare4py(path: str, responses: list[Any], precedences: list[Any]) -> dict[str, Any]:
    """The same by MP-Declare; turning the log into its form is timed apart."""
    from importlib.metadata import version

    import pandas as pd
    import pm4py
    from Declare4Py.D4PyEventLog import D4PyEventLog
    from Declare4Py.ProcessMiningTasks.ConformanceChecking.MPDeclareAnalyzer import MPDeclareAnalyzer
    from Declare4Py.ProcessModels.DeclareModel import DeclareModel

    events = pd.read_parquet(path)
    began = time.process_time()
    log = pm4py.convert_to_event_log(events)
    log._properties |= {"pm4py:param:timestamp_key": "time:timestamp", "pm4py:param:activity_key": "concept:name"}
    turned = D4PyEventLog(log=log)
    turning = time.process_time() - began
    names = sorted({name for pair in [*responses, *precedences] for name in pair})
    said = [f"activity {name}" for name in names]
    said += [f"Response[{first}, {second}] | | |" for first, second in responses]
    said += [f"Precedence[{first}, {second}] | | |" for first, second in precedences]
    model = DeclareModel().parse_from_string("\n".join(said))
    began = time.process_time()
    told = MPDeclareAnalyzer(log=turned, declare_model=model, consider_vacuity=True).run()
    spent = time.process_time() - began
    states = told.get_metric(metric="state")
    broken = [int((states[name] == 0).sum()) for name in states.columns]  # 0: violated
    return {
        "seconds": spent,
        "turning": turning,
        "broken": broken,
        "entries": len(events),
        "version": version("declare4py"),
    }


if __name__ == "__main__":
    asked = {"pm4py": pm4py_declare, "declare4py": declare4py}[sys.argv[1]]
    print("\n" + json.dumps(asked(sys.argv[2], *json.loads(sys.argv[3]))))
