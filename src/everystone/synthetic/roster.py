"""Who is on duty: a rota of some weeks up to the day of asking, for posts that always have a holder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from everystone.synthetic.record import Actor, Case
from everystone.synthetic.step import Op
from everystone.synthetic.world import World


def roster(world: World) -> None:
    """Adds weeks on duty to the officers' own records: a pool takes turns, in each team or for the force."""
    records = {record.name: record for record in world.officers.records}
    for number, said in enumerate(world.scope.recipe.said.get("rosters", [])):
        world.scope.rng.seed(f"{world.seed}/roster/{number}")
        step, pools = world.rosters[number], world.staff.pools[said["pool"]]
        for pool in pools[:1] if said.get("for") == "force" else pools:
            _weeks(world, said, step, pool, records)


def _weeks(world: World, said: Mapping[str, Any], step: Op, pool: list[Actor], records: Mapping[str, Case]) -> None:
    scope, weeks = world.scope, int(said["weeks"])
    monday = scope.as_at_day - (scope.as_at_day + 3) % 7
    for week in range(weeks):
        record = records[pool[week % len(pool)].id]
        record.at[scope.anchors["week"]] = scope.times.instant(monday - 7 * (weeks - 1 - week), 420)
        step(record)
