"""Starts a Workflow through the Kubernetes API, with the token of the Pod: it needs the right to create workflows and no other."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.auth import AuthBase

from .problems import Problems
from .settings import Workflow
from .web import Unsuccessful, ask, open_session

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class _PodToken(AuthBase):
    """The token is exchanged while the Pod runs, so it is read for each call."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._file.read_text().strip()}"
        return request


@dataclass(frozen=True)
class Cluster:
    """The API server that a Pod talks to."""

    url: str
    certificate_authority: Path
    token: Path

    @classmethod
    def of_pod(cls, account: Path = ACCOUNT) -> "Cluster":
        """
        The cluster that this program runs in.

        :raises Problems: when it runs in none
        """
        host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT_HTTPS", "443")
        absent = [str(account / name) for name in ("ca.crt", "token") if not (account / name).is_file()]
        if not host:
            absent.insert(0, "KUBERNETES_SERVICE_HOST")
        if absent or host is None:
            raise Problems(f"cluster: {name}: is missing; run this in a Pod with its token mounted, or with --dry-run" for name in absent)
        shown = f"[{host}]" if ":" in host else host
        return cls(f"https://{shown}:{port}", account / "ca.crt", account / "token")

    def submit(self, workflow: dict[str, Any]) -> bool:
        """
        Creates a Workflow.

        :return: whether it is new; False when one of its name is there, which an earlier try made
        """
        namespace = workflow["metadata"]["namespace"]
        url = f"{self.url}/apis/argoproj.io/v1alpha1/namespaces/{namespace}/workflows"
        session = open_session(str(self.certificate_authority), _PodToken(self.token))
        try:
            ask(session, "POST", url, what="the Kubernetes API", json=workflow)
        except Unsuccessful as error:
            if error.status == 409:
                return False
            raise
        return True


def workflow_of(settings: Workflow, number: int, reasons: list[str]) -> dict[str, Any]:
    """The Workflow of a decision; its name follows from the decision's number, so no decision starts two."""
    spec: dict[str, Any] = {"workflowTemplateRef": {"name": settings.template}}
    if settings.service_account_name is not None:
        spec["serviceAccountName"] = settings.service_account_name
    if settings.parameters:
        spec["arguments"] = {"parameters": [{"name": name, "value": value} for name, value in sorted(settings.parameters.items())]}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {
            "name": f"{settings.template}-{number:06d}",
            "namespace": settings.namespace,
            "labels": {"workflows.argoproj.io/workflow-template": settings.template, "app.kubernetes.io/part-of": "nace-coding"},
            "annotations": {"nace-coding/decision": str(number), "nace-coding/reasons": "; ".join(reasons)},
        },
        "spec": spec,
    }
