"""HTTP with verified certificates, time limits and retries."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .problems import Failed

TIMEOUT_SECONDS = (10, 120)


def open_session(certificate_authority: str | None, auth: requests.auth.AuthBase | None = None) -> requests.Session:
    """
    A session that tries again what may be asked twice: a connection that fails, and an answer of 429, 502, 503 or 504 to anything but
    POST.

    :param certificate_authority: file of the certificates to trust instead of the system's
    """
    session = requests.Session()
    # Credentials come from the settings alone, never from a .netrc that happens to lie there.
    session.trust_env = False
    session.auth = auth
    if certificate_authority is not None:
        session.verify = certificate_authority
    retry = Retry(total=6, backoff_factor=0.5, backoff_jitter=0.3, status_forcelist=(429, 502, 503, 504), raise_on_status=False)
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


class Unsuccessful(Failed):
    """A server said no."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def ask(session: requests.Session, method: str, url: str, *, what: str, **sent: Any) -> Any:
    """
    The JSON of a successful answer, or None when its body is empty.

    :param what: what is asked, for the message
    :raises Unsuccessful: when the answer is an error or leads elsewhere
    :raises Failed: when there is no answer, or none that is JSON
    """
    try:
        answer = session.request(method, url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **sent)
    except requests.RequestException as error:
        raise Failed(f"{what}: no answer from {url}: {error}") from error
    if not 200 <= answer.status_code < 300:
        raise Unsuccessful(f"{what}: {method} {url} answered {answer.status_code}: {answer.text[:500]}", answer.status_code)
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError as error:
        raise Failed(f"{what}: {method} {url} answered something that is not JSON: {answer.text[:200]}") from error
