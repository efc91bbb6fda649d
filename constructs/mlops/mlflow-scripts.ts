/**
 * What the MLflow containers run besides `mlflow` itself: small Python programs that stand in a ConfigMap, so that any image
 * with MLflow, its `auth` extra, psycopg2 and prometheus-client serves. They read no value but the ones that their docstrings name.
 */

/** Brings the schemas of the databases to the version of MLflow that runs it; safe to run twice. */
export const MIGRATE_PY = `"""migrate.py TRACKING [ACCOUNTS]: names of databases; libpq's PG* variables say where they are."""
import os
import subprocess
import sys
import time

import psycopg2

deadline = time.monotonic() + float(os.environ["DATABASE_WAIT_SECONDS"])
for database in sys.argv[1:]:
    while True:
        try:
            psycopg2.connect(dbname=database).close()
            break
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                sys.exit(f"database {database} does not answer: {error}")
            print(f"waiting for database {database}: {error}", flush=True)
            time.sleep(2)

url = "postgresql+psycopg2:///{}".format
upgrades = [
    ["mlflow", "db", "upgrade"],
    [sys.executable, "-m", "mlflow.server.auth", "db", "upgrade", "--url"],
]
for upgrade, database in zip(upgrades, sys.argv[1:]):
    print(f"upgrading the schema of {database}", flush=True)
    subprocess.run([*upgrade, url(database)], check=True)
`;

/**
 * Makes the accounts of the platform agree with its Secret: MLflow itself sets a password only when it creates its
 * administrator, so a rotated one would never take effect.
 */
export const ACCOUNTS_PY = `"""accounts.py DIRECTORY ADMINISTRATOR PREFIX...: each file of the directory is named as a user and holds the password; a user whose
name begins with a prefix and who has no file is locked out."""
import pathlib
import secrets
import sys

from mlflow.exceptions import MlflowException
from mlflow.server.auth import auth_config, store

directory, administrator, *managed = sys.argv[1:]
wanted = {
    file.name: file.read_text()
    for file in sorted(pathlib.Path(directory).iterdir())
    if file.is_file() and not file.name.startswith(".")
}
store.init_db(auth_config.database_uri)


def agree(username, password, is_admin):
    if not store.has_user(username):
        try:
            store.create_user(username, password, is_admin=is_admin)
            print(f"created {username}", flush=True)
            return
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":  # another replica was faster
                raise
    if not store.authenticate_user(username, password):
        store.update_user(username, password=password)
        print(f"changed the password of {username}", flush=True)
    if store.get_user(username).is_admin != is_admin:
        store.update_user(username, is_admin=is_admin)
        print(f"is {username} an administrator: {is_admin}", flush=True)


for username, password in wanted.items():
    agree(username, password, username == administrator)
for user in store.list_users():
    if user.username.startswith(tuple(managed)) and user.username not in wanted:
        store.update_user(user.username, password=secrets.token_urlsafe(32), is_admin=False)
        print(f"locked {user.username}", flush=True)
`;

/** Serves the counters that the server's workers write to a shared directory, without credentials, on a port of its own. */
export const METRICS_PY = `"""metrics.py DIRECTORY PORT: the multi-process files of prometheus-client, as /metrics."""
import signal
import sys

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

directory, port = sys.argv[1:]
registry = CollectorRegistry()
MultiProcessCollector(registry, path=directory)
start_http_server(int(port), registry=registry)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pause()
`;

/**
 * A plugin of MLflow that keeps artifacts between the server and the bucket. Where the server can sign URLs of its bucket, it tells every
 * client to fetch and send artifacts there directly (seen in 3.17.2; it has no option against it), and clients that cannot reach, or
 * not even resolve, the bucket's endpoint hang: notebooks behind NetworkPolicies, laptops behind a forwarded port. And whoever holds
 * such a URL needs no other permission. This one takes the place of the built-in repository for `s3`, and cannot sign.
 */
export const PROXIED_ARTIFACTS_PY = `"""An S3 artifact repository that moves every byte itself: it signs no URL."""
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository


class ProxiedS3ArtifactRepository(ArtifactRepository):
    def __init__(self, artifact_uri, tracking_uri=None, registry_uri=None):
        super().__init__(artifact_uri, tracking_uri, registry_uri)
        self.bucket = S3ArtifactRepository(artifact_uri, tracking_uri=tracking_uri, registry_uri=registry_uri)

    def log_artifact(self, local_file, artifact_path=None):
        self.bucket.log_artifact(local_file, artifact_path)

    def log_artifacts(self, local_dir, artifact_path=None):
        self.bucket.log_artifacts(local_dir, artifact_path)

    def list_artifacts(self, path=None):
        return self.bucket.list_artifacts(path)

    def _download_file(self, remote_file_path, local_path):
        self.bucket._download_file(remote_file_path, local_path)

    def delete_artifacts(self, artifact_path=None):
        self.bucket.delete_artifacts(artifact_path)

    def upload_archived_trace_data_bytes(self, data):
        self.bucket.upload_archived_trace_data_bytes(data)
`;

/** How Python finds the plugin: https://packaging.python.org/en/latest/specifications/entry-points/ */
export const PROXIED_ARTIFACTS_ENTRY_POINTS = `[mlflow.artifact_repository]
s3 = proxied_artifacts:ProxiedS3ArtifactRepository
`;
