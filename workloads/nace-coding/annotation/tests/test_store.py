"""The same behaviour in a folder and in a real MinIO."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from programs import built_program, free_port, running

from nace_annotation.problems import Failed, Problems
from nace_annotation.settings import Store
from nace_annotation.store import Objects, open_store

KEYS = {"AWS_ACCESS_KEY_ID": "key-of-tests", "AWS_SECRET_ACCESS_KEY": "secret-of-tests"}


@pytest.fixture(scope="module")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("minio")
    (folder / "data/coding").mkdir(parents=True)
    port, console = free_port(), "127.0.0.1:0"
    command = [built_program("minio"), "server", "--address", f"127.0.0.1:{port}", "--console-address", console, folder / "data"]
    env = {"MINIO_ROOT_USER": KEYS["AWS_ACCESS_KEY_ID"], "MINIO_ROOT_PASSWORD": KEYS["AWS_SECRET_ACCESS_KEY"]}

    def is_ready() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port}/minio/health/ready", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    with running(command, env, folder / "minio.log", is_ready):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(params=["folder", "minio"])
def either(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Objects:
    if request.param == "folder":
        return open_store(Store(url=f"file://{tmp_path}/store"))
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return open_store(Store(url=f"s3://coding/{request.node.name.split('[')[0]}", endpoint=request.getfixturevalue("minio")))


def test_objects_are_written_read_and_listed(either: Objects, tmp_path: Path) -> None:
    assert either.get("a/b.json") is None and either.list("a") == [] and either.fetch("a/b.json", tmp_path) is None
    assert either.put("a/b.json", b"one") and not either.put("a/b.json", b"one") and either.put("a/b.json", b"two")
    either.put("a/c/date=2026-01-31/d.parquet", bytes(5_000_000))
    either.put("ab/e.json", b"beside")
    assert either.list("a") == ["a/b.json", "a/c/date=2026-01-31/d.parquet"]
    assert either.get("a/b.json") == b"two"
    copied = either.fetch("a/c/date=2026-01-31/d.parquet", tmp_path)
    assert copied is not None and copied.stat().st_size == 5_000_000


def test_of_two_that_create_one_is_told_so(either: Objects) -> None:
    assert either.create("decisions/1.json", b"mine")
    assert not either.create("decisions/1.json", b"yours")
    assert either.get("decisions/1.json") == b"mine"


def test_a_bucket_that_is_not_there_is_told(minio: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    absent = open_store(Store(url="s3://absent/x", endpoint=minio))
    with pytest.raises(Failed, match=r"s3://absent/x/a cannot be written: (?s:.)*NoSuchBucket"):
        absent.create("a", b"")
    for read in (lambda: absent.get("a"), lambda: absent.fetch("a", tmp_path), lambda: absent.list("a")):
        with pytest.raises(Failed, match=r"s3://absent/x/a cannot be (?s:.)*NoSuchBucket"):
            read()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(Failed, match=r"s3://coding/x/a cannot be read"):
        open_store(Store(url="s3://coding/x", endpoint=minio)).get("a")


def test_keys_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Problems) as refused:
        open_store(Store(url="s3://coding/x"))
    assert [problem.split(":")[1].strip() for problem in refused.value.problems] == list(KEYS)
