"""Settings from the environment. Every problem is told at once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .problems import BadInput

PLACE = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9._/-]+?))?/?")


@dataclass(frozen=True)
class Store:
    """Where the objects of the case lie, and how they are reached."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    access_key_id: str
    secret_access_key: str
    session_token: str | None
    authority: Path | None
    """Certificate authority that is trusted, PEM; None is the system's."""
    path_style: bool

    def key(self, rest: str) -> str:
        """Key of an object below the prefix."""
        return f"{self.prefix}/{rest}" if self.prefix else rest

    def url(self, rest: str) -> str:
        """The same as an address for DuckDB."""
        return f"s3://{self.bucket}/{self.key(rest)}"

    @property
    def tls(self) -> bool:
        return self.endpoint.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port, without a scheme."""
        return urlsplit(self.endpoint).netloc


def store_from(environment: Mapping[str, str] = os.environ) -> Store:
    """Reads where the objects lie.

    :raises BadInput: with every problem of the environment
    """
    problems: list[str] = []

    def required(name: str, expected: str) -> str:
        value = environment.get(name, "")
        if not value:
            problems.append(f"environment variable {name} is missing: expected {expected}")
        return value

    data = required("NACE_DATA", "the bucket and folder of the case, such as s3://nace/coding")
    place = PLACE.fullmatch(data)
    if data and place is None:
        problems.append(f"NACE_DATA is {data!r}: expected s3://BUCKET or s3://BUCKET/FOLDER")
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or required(
        "AWS_ENDPOINT_URL", "the address of the S3 service, such as https://minio:9000"
    )
    parts = urlsplit(endpoint)
    if endpoint and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/")):
        problems.append(f"AWS_ENDPOINT_URL is {endpoint!r}: expected http:// or https://, host and port, and no path")
    key_id = required("AWS_ACCESS_KEY_ID", "the name of the credentials")
    secret = required("AWS_SECRET_ACCESS_KEY", "the secret of the credentials")
    bundle = environment.get("AWS_CA_BUNDLE")
    if bundle and not Path(bundle).is_file():
        problems.append(f"AWS_CA_BUNDLE is {bundle!r}: there is no such file; mount the certificate authority of the store there")
    style = environment.get("NACE_S3_PATH_STYLE", "true")
    if style not in ("true", "false"):
        problems.append(f"NACE_S3_PATH_STYLE is {style!r}: expected true (host/bucket) or false (bucket.host)")
    if problems or place is None:
        raise BadInput(problems)
    return Store(
        bucket=place["bucket"],
        prefix=(place["prefix"] or "").strip("/"),
        endpoint=endpoint.rstrip("/"),
        region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1",
        access_key_id=key_id,
        secret_access_key=secret,
        session_token=environment.get("AWS_SESSION_TOKEN") or None,
        authority=Path(bundle) if bundle else None,
        path_style=style == "true",
    )


def integer(environment: Mapping[str, str], name: str, default: int, least: int, problems: list[str]) -> int:
    """A whole number of the environment; a problem is added to `problems`."""
    text = environment.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) < least:
        problems.append(f"{name} is {text!r}: expected a whole number of at least {least}")
        return default
    return int(text)
