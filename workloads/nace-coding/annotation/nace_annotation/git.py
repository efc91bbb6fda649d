"""The repository of the configuration, by the `git` program."""

import base64
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from .problems import Failed, Problems
from .settings import Git


class _Rejected(Failed):
    """Somebody else has pushed in between."""


def _environment(settings: Git, home: Path, certificate_authority: str | None) -> dict[str, str]:
    """What git is given: nothing of the machine's own configuration, and the token where no list of processes shows it."""
    name, _, email = settings.author.removesuffix(">").partition(" <")
    options = {
        "user.name": name,
        "user.email": email,
        "http.followRedirects": "false",
        "http.sslVerify": "true",
        "core.hooksPath": "/dev/null",
        "core.autocrlf": "false",
        "commit.gpgSign": "false",
        "advice.detachedHead": "false",
    }
    if certificate_authority is not None:
        options["http.sslCAInfo"] = certificate_authority
    if settings.url.startswith("https://"):
        token, user = os.environ.get("GIT_TOKEN"), os.environ.get("GIT_USERNAME", "git")
        if not token:
            raise Problems([f"environment: GIT_TOKEN: is missing, and {settings.url} needs it; set it from a Secret"])
        pair = base64.b64encode(f"{user}:{token}".encode()).decode()
        options[f"http.{settings.url}.extraHeader"] = f"Authorization: Basic {pair}"
    numbered = {f"GIT_CONFIG_KEY_{at}": key for at, key in enumerate(options)}
    values = {f"GIT_CONFIG_VALUE_{at}": value for at, value in enumerate(options.values())}
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(home),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "https:file",
        "GIT_CONFIG_COUNT": str(len(options)),
        **numbered,
        **values,
    }


class Repository:
    """A clone of the branch of the settings, in a folder of its own."""

    def __init__(self, settings: Git, folder: Path, certificate_authority: str | None) -> None:
        self._settings = settings
        self._environment = _environment(settings, folder, certificate_authority)
        self.work = folder / "work"
        self.work.mkdir()
        branch = settings.branch
        self.run("clone", "--quiet", "--single-branch", "--no-tags", "--branch", branch, "--", settings.url, ".")

    def run(self, *arguments: str) -> str:
        """
        Runs git and returns what it prints.

        :raises Failed: when it fails
        """
        try:
            done = subprocess.run(  # noqa: S603
                ["git", *arguments],  # noqa: S607
                cwd=self.work, env=self._environment, capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise Failed(f"git {arguments[0]}: no answer within 300 seconds from {self._settings.url}") from error
        if done.returncode == 0:
            return done.stdout
        message = (done.stderr or done.stdout).strip()
        if arguments[0] == "push" and any(word in message for word in ("[rejected]", "non-fast-forward", "fetch first", "cannot lock ref")):
            raise _Rejected(f"git push: {message}")
        raise Failed(f"git {arguments[0]}: {message}")

    def read(self, file: str) -> str:
        """
        A file of the branch, with its line ends.

        :raises Problems: when it is not there
        """
        path = self.work / file
        if not path.is_file() or not path.resolve().is_relative_to(self.work.resolve()):
            raise Problems([f"{self._settings.url}: {file}: is missing on branch {self._settings.branch}; mend promotion.file"])
        return path.read_bytes().decode()

    def write(self, file: str, text: str) -> None:
        """Writes a file, with its line ends."""
        (self.work / file).write_bytes(text.encode())

    def head(self) -> str:
        """The commit that the clone stands on."""
        return self.run("rev-parse", "HEAD").strip()

    def publish(self, change: Callable[[], str | None]) -> str | None:
        """
        Makes a commit and pushes it. When somebody else was faster, the change is made anew on what they pushed.

        :param change: changes files and returns the message, or None when there is nothing to change
        :return: the commit, or None
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_Rejected), stop=stop_after_attempt(self._settings.attempts),
            wait=wait_random_exponential(multiplier=0.2, max=5), reraise=True,
        )  # fmt: skip
        branch = self._settings.branch
        for attempt in retrying:
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    self.run("fetch", "--quiet", "origin", branch)
                    self.run("reset", "--quiet", "--hard", f"origin/{branch}")
                message = change()
                if message is None:
                    return None
                self.run("commit", "--quiet", "--all", "--message", message)
                self.run("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
                return self.head()
        return None
