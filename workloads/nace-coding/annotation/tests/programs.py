"""Real servers on this machine, with the packages of the images; each is made once and kept in the user's cache."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

IMAGES = Path(__file__).parents[4] / "images"
PORTS = range(26000, 27000)


def cache() -> Path:
    """Where programs are kept."""
    return Path(os.environ.get("BOUTURE_CACHE") or Path.home() / ".cache/bouture")


def python_with(wheels: Path, sources: Path | None = None) -> Path:
    """A Python that has exactly the packages of the files; the folder takes its name once every package is in."""
    digest = hashlib.sha256(wheels.read_bytes() + (sources.read_bytes() if sources else b""))
    # Node.js prints the version with a line end; the environment of MLflow is the one of the project's other tests.
    digest.update(f"{sys.version}\n".encode())
    venv = cache() / "venvs" / digest.hexdigest()[:16]
    python = venv / "bin/python"
    if python.exists():
        return python
    making = venv.with_name(f".making-{venv.name}-{os.getpid()}")
    subprocess.run([sys.executable, "-m", "venv", making], check=True)
    pip = [making / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "-r", wheels], check=True)
    if sources:
        built = ["--no-build-isolation", "--no-binary", ":all:", "--require-hashes", "-r", sources]
        subprocess.run([*pip, *built], check=True)
    making.rename(venv)
    return python


def free_port() -> int:
    """A port of this workload's range on which nothing listens."""
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def _end(group: int, number: int) -> bool:
    """Sends a signal to a group of processes; returns False when there is none left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def running(command: list[str | Path], env: dict[str, str], log: Path, is_ready: Callable[[], bool], seconds: int = 180) -> Iterator[None]:
    """A program, from when it is ready until the block ends, and with it what it has started."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            deadline = time.monotonic() + seconds
            while not is_ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"{command[0]} is not ready:\n{log.read_text(errors='replace')[-3000:]}")
                time.sleep(0.5)
            yield
        finally:
            _end(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            _end(process.pid, signal.SIGKILL)
            process.wait(10)


def built_program(name: str) -> Path:
    """A program of the embedded cluster as this machine has built it, or one on the path."""
    built = sorted(cache().glob(f"programs/*/{name}"))
    found = str(built[-1]) if built else shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on this machine: `npm run test:e2e` builds one")
    return Path(found)
