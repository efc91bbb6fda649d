"""Writes a list of known flaws in the form of grype's database, schema 6.

    flaw_list.py FLAWS BUILT FILE

FLAWS is JSON: a list of {id, cve, severity, package, before, fixed} about packages of Python. BUILT is an instant in UTC.
"""

import json
import sqlite3
import sys

SCHEMA = """
CREATE TABLE blobs (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE db_metadata (build_timestamp DATETIME NOT NULL, model INTEGER NOT NULL, revision INTEGER NOT NULL, addition INTEGER NOT NULL);
CREATE TABLE providers (id TEXT PRIMARY KEY, version TEXT, processor TEXT, date_captured DATETIME, input_digest TEXT);
CREATE TABLE vulnerability_handles (id INTEGER PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, published_date DATETIME,
  modified_date DATETIME, withdrawn_date DATETIME, provider_id TEXT NOT NULL REFERENCES providers (id), blob_id INTEGER);
CREATE TABLE vulnerability_aliases (name TEXT, alias TEXT NOT NULL, PRIMARY KEY (name, alias));
CREATE TABLE packages (id INTEGER PRIMARY KEY, ecosystem TEXT, name TEXT);
CREATE TABLE operating_systems (id INTEGER PRIMARY KEY, name TEXT, release_id TEXT, major_version TEXT, minor_version TEXT,
  label_version TEXT, codename TEXT, channel TEXT, eol_date DATETIME, eoas_date DATETIME);
CREATE TABLE affected_package_handles (id INTEGER PRIMARY KEY, vulnerability_id INTEGER NOT NULL REFERENCES vulnerability_handles (id),
  operating_system_id INTEGER REFERENCES operating_systems (id), package_id INTEGER REFERENCES packages (id), blob_id INTEGER);
CREATE TABLE unaffected_package_handles (id INTEGER PRIMARY KEY, vulnerability_id INTEGER NOT NULL, operating_system_id INTEGER,
  package_id INTEGER, blob_id INTEGER);
CREATE TABLE operating_system_specifier_overrides (alias TEXT, version TEXT, version_pattern TEXT, codename TEXT, channel TEXT,
  replacement TEXT, replacement_major_version TEXT, replacement_minor_version TEXT, replacement_label_version TEXT,
  replacement_channel TEXT, rolling NUMERIC, applicable_client_db_schemas TEXT);
CREATE TABLE package_specifier_overrides (ecosystem TEXT, replacement_ecosystem TEXT);
CREATE TABLE architecture_aliases (alias TEXT PRIMARY KEY, canonical TEXT NOT NULL);
CREATE TABLE cpes (id INTEGER PRIMARY KEY, part TEXT NOT NULL, vendor TEXT, product TEXT NOT NULL, edition TEXT, language TEXT,
  software_edition TEXT, target_hardware TEXT, target_software TEXT, other TEXT);
CREATE TABLE package_cpes (cpe_id INTEGER, package_id INTEGER, PRIMARY KEY (cpe_id, package_id));
CREATE TABLE affected_cpe_handles (id INTEGER PRIMARY KEY, vulnerability_id INTEGER NOT NULL, cpe_id INTEGER, blob_id INTEGER);
CREATE TABLE unaffected_cpe_handles (id INTEGER PRIMARY KEY, vulnerability_id INTEGER NOT NULL, cpe_id INTEGER, blob_id INTEGER);
CREATE TABLE known_exploited_vulnerability_handles (id INTEGER PRIMARY KEY, cve TEXT NOT NULL, blob_id INTEGER);
CREATE TABLE epss_handles (id INTEGER PRIMARY KEY, cve TEXT NOT NULL, epss REAL NOT NULL, percentile REAL NOT NULL);
CREATE TABLE epss_metadata (date DATETIME NOT NULL);
CREATE TABLE cwe_handles (id INTEGER PRIMARY KEY, cve TEXT NOT NULL, cwe TEXT NOT NULL, source TEXT, type TEXT);
"""


def main(flaws: str, built: str, file: str) -> None:
    database = sqlite3.connect(file)
    database.executescript(SCHEMA)
    database.execute("INSERT INTO db_metadata VALUES (?, 6, 1, 9)", [built])
    database.execute("INSERT INTO providers VALUES ('github', '1', 'test', ?, '')", [built])
    database.execute("INSERT INTO epss_metadata VALUES (?)", [built])

    def blob(value: object) -> int:
        row = database.execute("INSERT INTO blobs (value) VALUES (?)", [json.dumps(value)])
        return row.lastrowid or 0

    for flaw in json.loads(flaws):
        severity = {"scheme": "CHMLN", "value": flaw["severity"], "rank": 1}
        vulnerability = database.execute(
            "INSERT INTO vulnerability_handles (name, status, provider_id, blob_id) VALUES (?, 'active', 'github', ?)",
            [flaw["id"], blob({"id": flaw["id"], "aliases": [flaw["cve"]], "severities": [severity]})],
        ).lastrowid
        package = database.execute(
            "INSERT INTO packages (ecosystem, name) VALUES ('python', ?)", [flaw["package"]]
        ).lastrowid
        affected = {"version": {"type": "python", "constraint": f"<{flaw['before']}"}}
        if flaw["fixed"]:
            affected["fix"] = {"version": flaw["before"], "state": "fixed"}
        else:
            affected["fix"] = {"state": "not-fixed"}
        database.execute(
            "INSERT INTO affected_package_handles (vulnerability_id, package_id, blob_id) VALUES (?, ?, ?)",
            [vulnerability, package, blob({"cves": [flaw["cve"]], "ranges": [affected]})],
        )
    database.commit()
    database.close()


main(*sys.argv[1:])
