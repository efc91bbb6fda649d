"""Brings batches to Label Studio: a project for each queue of a batch."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from . import batches, interface
from .batches import Batch
from .label_studio import LabelStudioClient
from .nomenclature import Codes
from .problems import Failed, Problems
from .settings import LabelStudio
from .store import Objects
from .table import Row, connect, json_of, rows_of, view
from .web import Unsuccessful


@dataclass(frozen=True)
class Pushed:
    """What was done for one queue."""

    batch: str
    queue: str
    project: int
    created: bool
    tasks: int
    added: int


def key_of(batch: str, queue: str) -> str:
    """By what a project is known: it stands at the end of its description."""
    return f"{batch}/{queue}"


def tasks_of(objects: Objects, batch: Batch) -> list[Row]:
    """
    The rows of a batch, in the order in which people get them.

    :raises Problems: when they are not there
    """
    with TemporaryDirectory() as temporary, connect() as connection:
        file = objects.fetch(f"{batch.folder}/tasks.parquet", Path(temporary))
        if file is None:
            raise Problems([f"{objects.name(batch.folder)}/tasks.parquet: is missing; delete batch.json and make the batch anew"])
        view(connection, "tasks", [file], ["id", "text", "queue", "position"])
        return rows_of(connection, "FROM tasks ORDER BY position")


def _project(
    client: LabelStudioClient, settings: LabelStudio, batch: Batch, queue: str, config: str, present: dict[str, int]
) -> tuple[int, bool]:
    """The project of a queue, made when it is not there; the number, and whether it is new."""
    key = key_of(batch.name, queue)
    wanted: dict[str, Any] = {
        "label_config": config,
        "expert_instruction": settings.instructions,
        "show_instruction": bool(settings.instructions),
        "show_skip_button": True,
        "enable_empty_annotation": False,
        "maximum_annotations": settings.annotators,
        "sampling": "Sequential sampling",
        "skip_queue": "REQUEUE_FOR_OTHERS",
        "show_collab_predictions": True,
    }
    if key not in present:
        title = f"{settings.title} {batch.name} {queue}"[:50]
        about = f"{batch.nomenclature}. The end of this text is how the project is found again. [{key}]"
        return int(client.create_project({"title": title, "description": about, **wanted})["id"]), True
    existing = client.project(present[key])
    # The configuration of a project with annotations stays as it is: what was said refers to it.
    changed = {name: value for name, value in wanted.items() if name != "label_config" and existing.get(name) != value}
    if changed:
        client.change_project(present[key], changed)
    return present[key], False


def _missing(client: LabelStudioClient, project: int, tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    there = {task["data"].get("id") for task in client.tasks(project)}
    return [task for task in tasks if task["data"]["id"] not in there]


def _may_pass(error: BaseException) -> bool:
    """Whether the same call may work later; a call that Label Studio refuses is refused again."""
    return isinstance(error, Failed) and not (isinstance(error, Unsuccessful) and 400 <= error.status < 500 and error.status != 429)


def _add(client: LabelStudioClient, project: int, tasks: list[dict[str, Any]], at_once: int) -> int:
    """
    Adds the tasks that are not there, and says how many. After a failure it looks again: a call whose answer was lost may have worked.
    """
    missing = _missing(client, project, tasks)
    added = len(missing)
    wait = wait_exponential_jitter(multiplier=0.5, max=20)
    for attempt in Retrying(retry=retry_if_exception(_may_pass), stop=stop_after_attempt(5), wait=wait, reraise=True):
        with attempt:
            if attempt.retry_state.attempt_number > 1:
                missing = _missing(client, project, tasks)
            for start in range(0, len(missing), at_once):
                client.add_tasks(project, missing[start : start + at_once])
    return added


def has_suggestions(row: Row, settings: LabelStudio) -> bool:
    """A suggestion leads people; what is chosen at random measures the model, and may be left without."""
    return settings.suggestions == "all" or (settings.suggestions == "targeted" and row["sample_reason"] != "random")


def push_batch(objects: Objects, client: LabelStudioClient, settings: LabelStudio, batch: Batch, codes: Codes) -> list[Pushed]:
    """
    Brings a batch to Label Studio; what is there is not made again.

    :param codes: the nomenclature of the model
    :raises Problems: when the batch is of a nomenclature that nobody knows
    """
    own_codes = batches.codes_of(objects, batch, codes)
    config = interface.revision_interface() if batch.concordance else interface.coding_interface(own_codes)
    done = []
    present = client.projects_by_key()
    rows = tasks_of(objects, batch)
    for queue in sorted({row["queue"] for row in rows}):
        own = [row for row in rows if row["queue"] == queue]
        project, created = _project(client, settings, batch, queue, config, present)
        tasks = [
            interface.revision_task(row, own_codes)
            if batch.concordance
            else interface.coding_task(row, own_codes, suggest=has_suggestions(row, settings))
            for row in own
        ]
        added = _add(client, project, tasks, settings.tasks_per_import)
        done.append(Pushed(batch.name, queue, project, created, len(tasks), added))
    return done


def push(objects: Objects, client: LabelStudioClient, settings: LabelStudio, codes: Codes, only: str | None) -> list[Pushed]:
    """
    Brings the batches that are not there yet to Label Studio, or one, of which everything is looked at again.

    A batch that is there whole has `pushed.json`: people may delete its projects when they are done.

    :raises Problems: when there is no such batch
    """
    known = batches.read_all(objects)
    if only is not None and only not in {batch.name for batch in known}:
        raise Problems([f"--batch: given {only}, expected the name of a batch in {objects.name(batches.FOLDER)}; make it with sample"])
    done = []
    for batch in known:
        marker = f"{batch.folder}/pushed.json"
        if only == batch.name or (only is None and objects.get(marker) is None):
            found = push_batch(objects, client, settings, batch, codes)
            objects.put(marker, json_of({each.queue: {"project": each.project, "tasks": each.tasks} for each in found}))
            done += found
    return done
