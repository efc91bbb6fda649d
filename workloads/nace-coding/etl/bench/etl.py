"""Time and memory of the ETL for one day of 10^5 to 10^7 rows, on a real MinIO: `python bench/etl.py [ROWS...]`. Prints JSON."""

import contextlib
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

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import conftest
from corpus import lines, records

from nace_monitoring.settings import store_from
from nace_monitoring.store import Objects

DAY = "2026-01-31"
PER_OBJECT = 10_000


def fill(objects: Objects, rows: int) -> int:
    """Writes raw objects: real records, each again and again under another identifier. Returns their bytes."""
    templates = [line + b"\n" for line in lines(records(PER_OBJECT, 1)).splitlines()]
    size = 0
    for number in range(rows // PER_OBJECT):
        content = b"".join(line.replace(b'"id": "0001-', b'"id": "%08d-' % number, 1) for line in templates)
        size += len(content)
        objects.write(f"records/date={DAY}/nace-0/{number:08d}.ndjson", content, "application/x-ndjson")
    return size


def measure(environment: dict[str, str], objects: Objects, rows: int) -> dict[str, float]:
    """Runs the program once."""
    size = fill(objects, rows)
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
        "rows": rows,
        "raw_megabytes": round(size / 1e6, 1),
        "parquet_megabytes": round(manifest["parquet"]["bytes"] / 1e6, 1),
        "seconds": round(seconds, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_megabytes": round(usage.ru_maxrss / 1024),
        "processor_seconds_per_million_rows": round((usage.ru_utime + usage.ru_stime) / rows * 1e6, 1),
    }


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
    first, last = found[0], found[-1]
    print(
        json.dumps(
            {
                "cores": os.cpu_count(),
                "load": os.getloadavg()[0],
                "runs": found,
                "processor_per_row_last_to_first": round(
                    last["processor_seconds_per_million_rows"] / first["processor_seconds_per_million_rows"], 2
                ),
                "memory_of_this_process_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
