"""Label Studio's interface, as far as a batch needs it."""

import os
import re
from collections.abc import Iterator
from typing import Any

import requests
from requests.auth import AuthBase

from .problems import Failed, Problems
from .settings import LabelStudio
from .web import Unsuccessful, ask, open_session

PAGE = 200


class _Legacy(AuthBase):
    """A token of old: forty characters that are sent as they are."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Token {self._token}"
        return request


class _Personal(AuthBase):
    """A personal access token: it is exchanged for a short-lived one, again whenever that has run out."""

    def __init__(self, url: str, token: str, session: requests.Session) -> None:
        self._url = url
        self._token = token
        self._session = session
        self._access: str | None = None

    def _fetch(self) -> str:
        body = {"refresh": self._token}
        answer = ask(self._session, "POST", f"{self._url}/api/token/refresh", what="the personal access token", json=body)
        return str(answer["access"])

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self._access = self._access or self._fetch()
        request.headers["Authorization"] = f"Bearer {self._access}"
        request.register_hook("response", self._again)  # type: ignore[no-untyped-call]
        return request

    def _again(self, response: requests.Response, **options: Any) -> requests.Response:
        if response.status_code != 401:
            return response
        response.close()
        self._access = self._fetch()
        request = response.request.copy()
        request.headers["Authorization"] = f"Bearer {self._access}"
        request.deregister_hook("response", self._again)  # type: ignore[no-untyped-call]
        again = response.connection.send(request, **options)
        again.history.append(response)
        return again


def _auth(url: str, certificate_authority: str | None) -> AuthBase:
    token = os.environ.get("LABEL_STUDIO_TOKEN", "").strip()
    if not token:
        raise Problems(["environment: LABEL_STUDIO_TOKEN: is missing; set a personal access token or a legacy one from a Secret"])
    # A personal access token is a JWT: three parts with dots between.
    return _Personal(url, token, open_session(certificate_authority)) if token.count(".") == 2 else _Legacy(token)


class LabelStudioClient:
    """The organisation that the token's owner works in."""

    def __init__(self, settings: LabelStudio, certificate_authority: str | None) -> None:
        self._url = settings.url
        self._session = open_session(certificate_authority, _auth(settings.url, certificate_authority))

    def _ask(self, method: str, path: str, **sent: Any) -> Any:
        return ask(self._session, method, f"{self._url}/api/{path}", what="Label Studio", **sent)

    def projects(self) -> Iterator[dict[str, Any]]:
        """All projects: `id`, `title`, `description`."""
        page = 1
        while True:
            query = {"page": page, "page_size": PAGE, "include": "id,title,description", "ordering": "id"}
            answer = self._ask("GET", "projects/", params=query)
            yield from answer["results"]
            if not answer.get("next"):
                return
            page += 1

    def project(self, number: int) -> dict[str, Any]:
        """A project with its options."""
        return dict(self._ask("GET", f"projects/{number}/"))

    def projects_by_key(self) -> dict[str, int]:
        """
        The numbers of projects by the key in brackets that their descriptions end with.

        :raises Problems: when several have the same
        """
        found: dict[str, list[int]] = {}
        for each in self.projects():
            if match := re.search(r"\[([^\[\]]+)\]$", each["description"] or ""):
                found.setdefault(match[1], []).append(int(each["id"]))
        twice = {key: numbers for key, numbers in found.items() if len(numbers) > 1}
        if twice:
            raise Problems(
                f"Label Studio: projects {', '.join(map(str, numbers))} are all of {key}; delete those without annotations"
                for key, numbers in sorted(twice.items())
            )
        return {key: numbers[0] for key, numbers in found.items()}

    def create_project(self, body: dict[str, Any]) -> dict[str, Any]:
        """Makes a project."""
        return dict(self._ask("POST", "projects/", json=body))

    def change_project(self, number: int, body: dict[str, Any]) -> None:
        """Changes a project."""
        self._ask("PATCH", f"projects/{number}/", json=body)

    def tasks(self, number: int, *, with_annotations: bool = False) -> Iterator[dict[str, Any]]:
        """The tasks of a project, in their order; those who only want to know what is there leave annotations out."""
        page, seen = 1, 0
        while True:
            query: dict[str, Any] = {"project": number, "page": page, "page_size": PAGE}
            if with_annotations:
                query["fields"] = "all"
            try:
                answer = self._ask("GET", "tasks", params=query)
            except Unsuccessful as error:
                # A page behind the last one, which an empty project's first is too.
                if error.status == 404:
                    return
                raise
            yield from answer["tasks"]
            seen += len(answer["tasks"])
            if not answer["tasks"] or seen >= int(answer["total"]):
                return
            page += 1

    def add_tasks(self, number: int, tasks: list[dict[str, Any]]) -> None:
        """Adds tasks with their predictions."""
        answer = self._ask("POST", f"projects/{number}/import", json=tasks)
        if int(answer["task_count"]) != len(tasks):
            raise Failed(f"Label Studio: project {number}: {len(tasks)} tasks were sent, {answer['task_count']} were taken")
