"""Objects, in S3 or in a folder: one client for both."""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import LocalStore, S3Store

from .problems import Failed, Problems
from .settings import Store

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config


class Objects:
    """The objects below the prefix of the settings; keys are relative to it."""

    def __init__(self, store: LocalStore | S3Store, url: str) -> None:
        self._store = store
        self._url = url.rstrip("/")

    def name(self, key: str) -> str:
        """What an object is called in a message."""
        return f"{self._url}/{key}"

    def _failure(self, key: str, deed: str, error: Exception) -> Failed:
        # What follows is how the client looks at itself.
        return Failed(f"{self.name(key)} cannot be {deed}: {str(error).split('Debug source:')[0].strip()}")

    def _check_bucket(self, key: str, error: Exception) -> None:
        """A bucket that is not there is an error, and no object that is not there."""
        if "NoSuchBucket" in str(error):
            raise self._failure(key, "read", error) from error

    def get(self, key: str) -> bytes | None:
        """The content of an object, or None when there is none."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError as error:
            self._check_bucket(key, error)
            return None
        except BaseError as error:
            raise self._failure(key, "read", error) from error

    def put(self, key: str, content: bytes) -> bool:
        """Writes an object whole. It is left alone when it is the same. Returns whether it changed."""
        if self.get(key) == content:
            return False
        try:
            obstore.put(self._store, key, content)
        except (BaseError, FileNotFoundError) as error:
            raise self._failure(key, "written", error) from error
        return True

    def create(self, key: str, content: bytes) -> bool:
        """Writes an object that is not there yet; returns False, and changes nothing, when it is: of two writers one is told so."""
        try:
            obstore.put(self._store, key, content, mode="create", use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            return False
        except (BaseError, FileNotFoundError) as error:
            raise self._failure(key, "written", error) from error
        return True

    def list(self, folder: str) -> list[str]:
        """Keys below a folder, in order."""
        try:
            return sorted(str(each["path"]) for page in obstore.list(self._store, prefix=folder) for each in page)
        except FileNotFoundError as error:
            self._check_bucket(folder, error)
            return []
        except BaseError as error:
            raise self._failure(folder, "listed", error) from error

    def fetch(self, key: str, folder: Path) -> Path | None:
        """Copies an object into a folder on this machine, piece by piece, or returns None when there is none."""
        target = folder / key.replace("/", "__")
        try:
            pieces = obstore.get(self._store, key).stream()
            with target.open("wb") as file:
                for piece in pieces:
                    file.write(bytes(piece))
        except FileNotFoundError as error:
            self._check_bucket(key, error)
            return None
        except BaseError as error:
            raise self._failure(key, "read", error) from error
        return target


def open_store(settings: Store, certificate_authority: str | None = None) -> Objects:
    """
    Opens the store of the settings.

    :raises Problems: when credentials are missing
    """
    parts = urlsplit(settings.url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        folder.mkdir(parents=True, exist_ok=True)
        return Objects(LocalStore(prefix=folder), settings.url)
    absent = [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if not os.environ.get(name)]
    if absent:
        raise Problems(f"environment: {name}: is missing, and {settings.url} needs it; set it from a Secret" for name in absent)
    config: S3Config = {"region": settings.region}
    if settings.endpoint is not None:
        config["endpoint"] = settings.endpoint
        config["virtual_hosted_style_request"] = False
    client: ClientConfig = {"allow_http": settings.endpoint is not None and settings.endpoint.startswith("http://")}
    if certificate_authority is not None:
        client["root_certificate"] = Path(certificate_authority).read_bytes()
    prefix = unquote(parts.path).strip("/")
    return Objects(S3Store(parts.netloc, prefix=prefix or None, config=config, client_options=client), settings.url)
