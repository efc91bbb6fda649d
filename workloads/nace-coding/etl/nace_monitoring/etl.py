"""`python -m nace_monitoring etl`: every day of raw records that is not yet in the table, or that has changed."""

import datetime
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .day import Options, write_day
from .problems import BadInput, Refused
from .settings import integer, store_from
from .store import Objects

MASKINGS = ("none", "patterns", "drop")


def options_from(environment: Mapping[str, str] = os.environ) -> Options:
    """Reads how days are written.

    :raises BadInput: with every problem of the environment
    """
    problems: list[str] = []
    default = Options()
    masking = environment.get("NACE_ETL_MASKING", default.masking)
    if masking not in MASKINGS:
        problems.append(f"NACE_ETL_MASKING is {masking!r}: expected {', '.join(MASKINGS)}")
    temporary = environment.get("NACE_ETL_TEMPORARY")
    if temporary is not None and not Path(temporary).is_dir():
        problems.append(f"NACE_ETL_TEMPORARY is {temporary!r}: there is no such folder; mount a volume there")
    options = Options(
        masking=masking,
        memory_megabytes=integer(environment, "NACE_ETL_MEMORY_MEGABYTES", default.memory_megabytes, 256, problems),
        batch_megabytes=integer(environment, "NACE_ETL_BATCH_MEGABYTES", default.batch_megabytes, 1, problems),
        threads=integer(environment, "NACE_ETL_THREADS", default.threads, 1, problems),
        words_least=integer(environment, "NACE_ETL_WORDS_LEAST", default.words_least, 1, problems),
        temporary=Path(temporary) if temporary else None,
    )
    if problems:
        raise BadInput(problems)
    return options


def run(since: str | None = None) -> int:
    """Writes the days, each for itself, and a report to standard output; a refused day does not hold back the others.

    :param since: the first day that is looked at, such as `2026-01-31`; None is the first of all
    :returns: 0, or 1 when a day was refused
    """
    problems: list[str] = []
    if since is not None and not _is_date(since):
        problems.append(f"--since is {since!r}: expected a date such as 2026-01-31")
    try:
        store = store_from()
    except BadInput as error:
        problems += error.problems
    try:
        options = options_from()
    except BadInput as error:
        problems += error.problems
    if problems:
        raise BadInput(problems)
    objects = Objects(store)
    days: list[dict[str, Any]] = []
    for folder in objects.folders("records/"):
        date = folder.removeprefix("date=")
        if not folder.startswith("date=") or not _is_date(date):
            days.append(
                {
                    "date": folder,
                    "state": "refused",
                    "problem": f"records/{folder}/ is no folder of a day, such as date=2026-01-31: move or delete it",
                }
            )
        elif since is None or date >= since:
            try:
                days.append(write_day(objects, date, options))
            except Refused as error:
                days.append({"date": date, "state": "refused", "problem": str(error)})
        print(
            f"etl: {days[-1]['date']} {days[-1]['state']} {days[-1].get('problem', '')}".rstrip() if days else f"etl: {folder}",
            file=sys.stderr,
        )
    totals = {
        name: sum(day["counts"][name] for day in days if "counts" in day)
        for name in ("objects", "lines", "records", "duplicates", "quarantined")
    }
    print(json.dumps({"days": days, "totals": totals}))
    return 1 if any(day["state"] == "refused" for day in days) else 0


def _is_date(text: str) -> bool:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
