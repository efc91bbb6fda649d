"""Writes a list of known flaws as grype takes it from the world: an archive with its database, schema 6.

    flaw_list.py GRYPE FLAWS BUILT ARCHIVE

FLAWS is JSON: a list of {id, cve, severity, package, before, fixed} about packages of Python. BUILT is an instant in UTC.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

NAME = "vulnerability.db"


def tables(grype: str, built: str, folder: Path) -> Path:
    """A database without flaws. Grype makes its tables itself, in one that it imports."""
    first = sqlite3.connect(folder / NAME)
    first.execute(
        "CREATE TABLE db_metadata (build_timestamp DATETIME NOT NULL, model INTEGER NOT NULL,"
        " revision INTEGER NOT NULL, addition INTEGER NOT NULL)"
    )
    first.execute("INSERT INTO db_metadata VALUES (?, 6, 1, 9)", [built])
    first.commit()
    first.close()
    archive(folder / NAME, folder / "first.tar.gz")
    settings = {"GRYPE_CHECK_FOR_APP_UPDATE": "false", "GRYPE_DB_VALIDATE_AGE": "false"}
    subprocess.run(
        [grype, "db", "import", folder / "first.tar.gz"],
        env={**os.environ, **settings, "GRYPE_DB_CACHE_DIR": str(folder / "cache")},
        check=True,
    )
    return folder / "cache" / "6" / NAME


def fill(file: Path, flaws: list[dict[str, object]]) -> None:
    database = sqlite3.connect(file)
    database.execute("INSERT INTO providers (id) VALUES ('github')")

    def insert(table: str, **values: object) -> int:
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        return database.execute(statement, list(values.values())).lastrowid or 0

    def blob(value: object) -> int:
        return insert("blobs", value=json.dumps(value))

    for flaw in flaws:
        severity = {"scheme": "CHMLN", "value": flaw["severity"], "rank": 1}
        said = blob({"id": flaw["id"], "aliases": [flaw["cve"]], "severities": [severity]})
        vulnerability = insert(
            "vulnerability_handles", name=flaw["id"], status="active", provider_id="github", blob_id=said
        )
        fix = {"version": flaw["before"], "state": "fixed"} if flaw["fixed"] else {"state": "not-fixed"}
        affected = {"version": {"type": "python", "constraint": f"<{flaw['before']}"}, "fix": fix}
        insert(
            "affected_package_handles",
            vulnerability_id=vulnerability,
            package_id=insert("packages", ecosystem="python", name=flaw["package"]),
            blob_id=blob({"cves": [flaw["cve"]], "ranges": [affected]}),
        )
    database.commit()
    database.close()


def archive(file: Path, target: Path) -> None:
    with tarfile.open(target, "w:gz") as tar:
        tar.add(file, NAME)


def main(grype: str, flaws: str, built: str, target: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = tables(grype, built, Path(folder))
        fill(file, json.loads(flaws))
        archive(file, Path(target))


main(*sys.argv[1:])
