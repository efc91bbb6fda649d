"""What annotators said, read from tasks of Label Studio."""

import re
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from .interface import CODE, REMARKS, code_of
from .nomenclature import UNCLASSIFIABLE, plain


class Vote(BaseModel):
    """What one person said about one form: a code, or what is wrong with what was said."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    queue: str
    annotator: str
    at: str
    code: str | None
    problem: str | None
    given: str


def _instant(text: str) -> str:
    """An instant of Label Studio as UTC with milliseconds, as records have it."""
    at = datetime.fromisoformat(text).astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def typed_codes(text: str, legal: set[str]) -> list[str]:
    """The legal codes that stand in a remark, with or without dots, once each."""
    words = re.findall(r"[A-Za-z0-9](?:[A-Za-z0-9.]*[A-Za-z0-9])?", text)
    return sorted({plain(word) for word in words if plain(word) in legal})


def _values(result: list[dict[str, Any]], control: str) -> list[dict[str, Any]]:
    return [item["value"] for item in result if item.get("from_name") == control]


def read_code(result: list[dict[str, Any]], known: set[str], legal: set[str]) -> tuple[str | None, str | None, str]:
    """
    The code of an annotation: of the tree or the list, or else typed in the remarks.

    :param known: codes of the nomenclature
    :param legal: those of them that this form may have
    :return: the code or None, what is wrong or None, and what was given
    """
    taken = [path[-1] for value in _values(result, CODE) for path in value.get("taxonomy", []) if path]
    taken += [choice for value in _values(result, CODE) for choice in value.get("choices", [])]
    remarks = [value.get("text", "") for value in _values(result, REMARKS)]
    comment = " ".join(part for each in remarks for part in ([each] if isinstance(each, str) else each))
    if len(taken) > 1:
        return None, "several codes", " | ".join(taken)
    if taken:
        code = plain(code_of(taken[0]))
        if code in legal or code == UNCLASSIFIABLE:
            return code, None, taken[0]
        return None, "not a legal successor" if code in known else "unknown code", taken[0]
    typed = typed_codes(comment, legal | {UNCLASSIFIABLE})
    if len(typed) == 1:
        return typed[0], None, comment
    return None, "several codes in the remarks" if typed else "no code", comment


def votes_of(task: dict[str, Any], queue: str, known: set[str], legal: set[str]) -> tuple[list[Vote], int]:
    """
    The last annotation of each annotator of a task, and how many were cancelled.
    """
    latest: dict[str, dict[str, Any]] = {}
    cancelled = 0
    for annotation in sorted(task["annotations"], key=lambda each: (_instant(each["updated_at"]), each["id"])):
        if annotation.get("was_cancelled"):
            cancelled += 1
            continue
        author = annotation["completed_by"]
        latest[str(author["id"] if isinstance(author, dict) else author)] = annotation
    votes = []
    for annotator, annotation in sorted(latest.items()):
        code, problem, given = read_code(annotation["result"], known, legal)
        at = _instant(annotation["updated_at"])
        number = str(task["data"]["id"])
        votes.append(Vote(id=number, queue=queue, annotator=annotator, at=at, code=code, problem=problem, given=given))
    return votes, cancelled
