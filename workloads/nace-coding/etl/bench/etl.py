"""Time and memory of the ETL for one day of 10^5 to 10^7 rows, on a real MinIO: `python bench/etl.py [ROWS...]`. Prints JSON.

A size is measured more often the smaller it is, and the quickest run counts. What a further row costs is the difference of two sizes that
follow each other: what every run costs, whatever its rows (Python, the extension for S3, the table of columns), is in both and falls out.
"""

import contextlib
import itertools
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import conftest
from corpus import lines, records

from nace_monitoring.settings import store_from
from nace_monitoring.store import Objects

DAY = "2026-01-31"
PER_OBJECT = 10_000
# Runs of one size: as many as make two million rows together.
MOST_RUNS, ROWS_ENOUGH = 3, 2_000_000


def fill(objects: Objects, rows: int) -> int:
    """Writes raw objects: real records, each again and again under another identifier. Returns their bytes."""
    templates = [line + b"\n" for line in lines(records(PER_OBJECT, 1)).splitlines()]
    size = 0
    for number in range(rows // PER_OBJECT):
        content = b"".join(line.replace(b'"id": "0001-', b'"id": "%08d-' % number, 1) for line in templates)
        size += len(content)
        objects.write(f"records/date={DAY}/nace-0/{number:08d}.ndjson", content, "application/x-ndjson")
    return size


def run(environment: dict[str, str], objects: Objects, rows: int) -> dict[str, float]:
    """Runs the program once, for a day that has no table yet."""
    for kind in ("parquet", "words", "quarantine", "manifests"):
        for one in list(objects.list(kind)):
            objects.delete(one.key.removeprefix("case/"))
    start = time.monotonic()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "nace_monitoring", "etl"],
        {**environment, "PYTHONPATH": str(ROOT)},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - start
    if status != 0:
        sys.exit(f"the ETL ended with {status}")
    manifest = json.loads(objects.find(f"manifests/date={DAY}/manifest.json") or b"{}")
    assert manifest["counts"]["records"] == rows, manifest["counts"]
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_megabytes": round(usage.ru_maxrss / 1024),
        "parquet_megabytes": round(manifest["parquet"]["bytes"] / 1e6, 1),
    }


def measure(environment: dict[str, str], objects: Objects, rows: int) -> dict[str, Any]:
    """Runs the program, and gives its quickest run."""
    size = fill(objects, rows)
    times = max(1, min(MOST_RUNS, ROWS_ENOUGH // rows))
    runs = [run(environment, objects, rows) for _ in range(times)]
    quickest = min(runs, key=lambda one: one["seconds"])
    return {
        "rows": rows,
        "raw_megabytes": round(size / 1e6, 1),
        **quickest,
        "peak_megabytes": max(one["peak_megabytes"] for one in runs),
        "runs": runs,
    }


def steps(found: list[dict[str, Any]], what: str) -> list[float]:
    """Microseconds that one further row costs, from each size to the next."""
    return [round((more[what] - less[what]) / (more["rows"] - less["rows"]) * 1e6, 2) for less, more in itertools.pairwise(found)]


def main() -> None:
    """Sizes one after another, each with an empty bucket."""
    sizes = [int(size) for size in sys.argv[1:]] or [100_000, 1_000_000, 10_000_000]
    with tempfile.TemporaryDirectory() as folder:
        port, password = conftest.free_port(), secrets.token_hex(16)
        server = subprocess.Popen(
            [conftest.minio(), "server", f"{folder}/data", "--address", f"127.0.0.1:{port}", "--console-address", "127.0.0.1:0"],
            env={
                "HOME": folder,
                "MINIO_ROOT_USER": "bench",
                "MINIO_ROOT_PASSWORD": password,
                "MINIO_BROWSER": "off",
                "PATH": os.environ["PATH"],
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        found = []
        try:
            for _ in range(300):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/minio/health/cluster")
                    break
                time.sleep(0.2)
            for rows in sizes:
                environment = {
                    "PATH": os.environ["PATH"],
                    "HOME": folder,
                    "NACE_DATA": f"s3://rows-{rows}/case",
                    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                    "AWS_ACCESS_KEY_ID": "bench",
                    "AWS_SECRET_ACCESS_KEY": password,
                    "NACE_ETL_TEMPORARY": folder,
                }
                objects = Objects(store_from(environment))
                objects._client.create_bucket(Bucket=f"rows-{rows}")
                found.append(measure(environment, objects, rows))
                for one in list(objects.list("")):
                    objects.delete(one.key.removeprefix("case/"))
        finally:
            server.terminate()
            server.wait(30)
    print(
        json.dumps(
            {
                "cores": os.cpu_count(),
                "load": os.getloadavg()[0],
                "sizes": found,
                "microseconds_per_further_row": steps(found, "seconds"),
                "processor_microseconds_per_further_row": steps(found, "processor_seconds"),
                "memory_of_this_process_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
