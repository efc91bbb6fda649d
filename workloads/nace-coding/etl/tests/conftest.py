"""A real MinIO, and the program as a process."""

import contextlib
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nace_monitoring.settings import store_from
from nace_monitoring.store import Objects

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))


def minio() -> Path:
    """The server that the embedded cluster is built with, or the one of PATH."""
    built = sorted(Path.home().glob(".cache/bouture/programs/minio-v*/minio"))
    found = os.environ.get("BOUTURE_MINIO") or (str(built[-1]) if built else shutil.which("minio"))
    if found is None:
        pytest.fail("no MinIO server: set BOUTURE_MINIO, or build it (npx bouture cluster up)")
    return Path(found)


def free_port() -> int:
    """A free port of the loopback interface."""
    first = int(os.environ.get("BOUTURE_TEST_PORTS", "25100"))
    # In any order: several runs of the tests may look for one at once.
    for port in random.sample(range(first, first + 400), 400):
        with socket.socket() as server, contextlib.suppress(OSError):
            server.bind(("127.0.0.1", port))
            return port
    pytest.fail("no free port")


@dataclass
class Bucket:
    """A bucket of its own in the server, and the environment that the program reads."""

    environment: dict[str, str]
    objects: Objects

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs the program to its end."""
        return subprocess.run(
            [sys.executable, "-m", "nace_monitoring", *arguments],
            cwd=ROOT,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Starts the program."""
        return subprocess.Popen(
            [sys.executable, "-m", "nace_monitoring", *arguments],
            cwd=ROOT,
            env={**self.environment, **more},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def put(self, rest: str, content: bytes) -> None:
        """Writes an object."""
        self.objects.write(rest, content, "application/x-ndjson")

    def contents(self) -> dict[str, bytes]:
        """Every object that the program wrote."""
        return {
            one.key: self.objects.read(one)
            for folder in ("parquet/", "words/", "quarantine/", "manifests/")
            for one in self.objects.list(folder)
        }


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A MinIO with TLS under an authority of its own, and credentials."""
    folder = tmp_path_factory.mktemp("minio")
    certificates = folder / "certs"
    certificates.mkdir()
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=store",
            ),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", certificates / "private.key", "-out", certificates / "public.crt"),
        ],
        check=True,
        capture_output=True,
    )
    port, password = free_port(), secrets.token_hex(16)
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [
            minio(),
            "server",
            folder / "data",
            "--address",
            f"127.0.0.1:{port}",
            "--console-address",
            "127.0.0.1:0",
            "--certs-dir",
            certificates,
        ],
        env={
            "HOME": str(folder),
            "MINIO_ROOT_USER": "tester",
            "MINIO_ROOT_PASSWORD": password,
            "MINIO_BROWSER": "off",
            "PATH": os.environ["PATH"],
        },
        stdout=log,
        stderr=log,
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": password,
        "AWS_CA_BUNDLE": str(certificates / "public.crt"),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    import ssl

    trusting = ssl.create_default_context(cafile=certificates / "public.crt")
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"https://127.0.0.1:{port}/minio/health/cluster", context=trusting)
            break
        time.sleep(0.1)
    else:
        pytest.fail((folder / "log").read_text())
    yield environment
    process.terminate()
    process.wait(20)


@pytest.fixture
def bucket(server: dict[str, str]) -> Bucket:
    """An empty bucket."""
    name = f"nace-{secrets.token_hex(6)}"
    environment = {**server, "NACE_DATA": f"s3://{name}/case"}
    objects = Objects(store_from(environment))
    objects._client.create_bucket(Bucket=name)
    return Bucket(environment, objects)
