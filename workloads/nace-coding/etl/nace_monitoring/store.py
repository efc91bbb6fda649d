"""The object store: objects through boto3, tables through DuckDB and its httpfs extension."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import botocore.exceptions
import duckdb

from .problems import Refused
from .settings import Store


@dataclass(frozen=True, order=True)
class Listed:
    """An object as a listing tells it."""

    key: str
    size: int
    etag: str


class Objects:
    """The objects of one bucket. Written ones appear whole or not at all."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=store.endpoint,
            region_name=store.region,
            aws_access_key_id=store.access_key_id,
            aws_secret_access_key=store.secret_access_key,
            aws_session_token=store.session_token,
            verify=str(store.authority) if store.authority else None,
            config=botocore.config.Config(
                s3={"addressing_style": "path" if store.path_style else "virtual"},
                retries={"mode": "standard", "max_attempts": 5},
                connect_timeout=10,
                read_timeout=60,
                max_pool_connections=16,
                # Stores that know no checksums of this kind refuse requests with them.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def folders(self, rest: str) -> list[str]:
        """Names of the folders below a folder, sorted."""
        prefix = self.store.key(rest)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.store.bucket, Prefix=prefix, Delimiter="/")
        return sorted(found["Prefix"][len(prefix) :].rstrip("/") for page in pages for found in page.get("CommonPrefixes", ()))

    def list(self, rest: str) -> Iterator[Listed]:
        """Objects below a folder, by key."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.store.bucket, Prefix=self.store.key(rest))
        for page in pages:
            for found in page.get("Contents", ()):
                yield Listed(found["Key"], found["Size"], found["ETag"].strip('"'))

    def read(self, listed: Listed) -> bytes:
        """The content of an object as it was listed.

        :raises Refused: when it has changed since
        """
        try:
            answer = self._client.get_object(Bucket=self.store.bucket, Key=listed.key, IfMatch=listed.etag)
            content: bytes = answer["Body"].read()
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "412", "NoSuchKey"):
                raise Refused(
                    f"{listed.key}: changed or deleted while it was read; raw objects are written once and never changed: find out who writes there, and run again"
                ) from error
            raise
        if len(content) != listed.size:
            raise Refused(f"{listed.key}: {len(content)} bytes were read of {listed.size}: run again")
        return content

    def find(self, rest: str) -> bytes | None:
        """The content of an object, or None when there is none."""
        try:
            content: bytes = self._client.get_object(Bucket=self.store.bucket, Key=self.store.key(rest))["Body"].read()
            return content
        except self._client.exceptions.NoSuchKey:
            return None

    def digest(self, rest: str) -> str | None:
        """The SHA-256 that an object was written with, or None when there is no such object."""
        try:
            head = self._client.head_object(Bucket=self.store.bucket, Key=self.store.key(rest))
        except botocore.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
        digest: str = head["Metadata"].get("sha256", "")
        return digest

    def write(self, rest: str, content: bytes | Path, media_type: str) -> str:
        """Writes an object in one request, of up to 5 GiB; returns its SHA-256, which stays with it."""
        with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as body:
            digest = hashlib.file_digest(body, "sha256").hexdigest()
            body.seek(0)
            self._client.put_object(
                Bucket=self.store.bucket, Key=self.store.key(rest), Body=body, ContentType=media_type, Metadata={"sha256": digest}
            )
        return digest

    def delete(self, rest: str) -> None:
        """Deletes an object; one that is not there is no error."""
        self._client.delete_object(Bucket=self.store.bucket, Key=self.store.key(rest))


def extension() -> Path:
    """The httpfs extension that the package duckdb-ext-httpfs brings for this version of DuckDB."""
    import duckdb_ext

    for root in duckdb_ext.__path__:
        for found in sorted(Path(root).glob(f"extensions/v{duckdb.__version__}/*/httpfs.duckdb_extension")):
            return found
    raise Refused(f"no httpfs extension for DuckDB {duckdb.__version__}: install duckdb-ext-httpfs of that version (requirements.txt)")


def connect(store: Store, database: str = ":memory:", **settings: str | int | bool) -> duckdb.DuckDBPyConnection:
    """DuckDB that reads the store; nothing is downloaded."""
    config: dict[str, str | int | bool] = {"autoinstall_known_extensions": False, "allow_community_extensions": False, **settings}
    connection = duckdb.connect(
        database, config={name: str(value).lower() if isinstance(value, bool) else value for name, value in config.items()}
    )
    connection.execute(f"LOAD {literal(str(extension()))}")
    connection.execute("SET enable_server_cert_verification = true")
    if store.authority is not None:
        connection.execute(f"SET ca_cert_file = {literal(str(store.authority))}")
    token = f", SESSION_TOKEN {literal(store.session_token)}" if store.session_token else ""
    connection.execute(
        f"CREATE SECRET store (TYPE s3, KEY_ID {literal(store.access_key_id)}, SECRET {literal(store.secret_access_key)}{token}, "
        f"REGION {literal(store.region)}, ENDPOINT {literal(store.host)}, USE_SSL {str(store.tls).lower()}, "
        f"URL_STYLE '{'path' if store.path_style else 'vhost'}')"
    )
    return connection


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
