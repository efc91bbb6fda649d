"""With a real Label Studio: what is brought there, what people say, what comes back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import DAY, MARGIN, labels, record, rows_in, write_records
from servers import LEGACY_TOKEN, LocalLabelStudio, label_studio

from nace_annotation.cli import main
from nace_annotation.interface import path_of
from nace_annotation.label_studio import LabelStudioClient
from nace_annotation.nomenclature import Codes, official, read_codes
from nace_annotation.problems import Failed, Problems
from nace_annotation.pull import pull
from nace_annotation.push import push
from nace_annotation.revision import revise
from nace_annotation.sample import sample
from nace_annotation.settings import LabelStudio, Queue, Revision, Sample, Shares
from nace_annotation.store import Objects
from nace_annotation.web import Unsuccessful

SHARES = Shares(random=0.4, margin=0.3, coverage=0.2, disagreement=0.1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLabelStudio]:
    with label_studio(tmp_path_factory.mktemp("label-studio")) as running:
        yield running


@pytest.fixture
def codes() -> Codes:
    return read_codes(labels(), "labels.json", "naf2")


@pytest.fixture
def settings(server: LocalLabelStudio) -> LabelStudio:
    return LabelStudio.model_validate({"url": server.url, "annotators": 3, "minimumAnnotations": 2, "tasksPerImport": 7}, by_alias=True)


@pytest.fixture
def client(settings: LabelStudio, monkeypatch: pytest.MonkeyPatch) -> LabelStudioClient:
    monkeypatch.setenv("LABEL_STUDIO_TOKEN", LEGACY_TOKEN)
    return LabelStudioClient(settings, None)


@pytest.fixture
def batch(objects: Objects, folder: Path, codes: Codes, request: pytest.FixtureRequest) -> str:
    """A batch with a name of its own, of twelve forms, two of them for specialists of agriculture."""
    name = request.node.name.replace("_", "-")[5:35].rstrip("-")
    write_records(folder, [record(number) for number in range(12)])
    wanted = Sample(budget=12, days=1, seed=1, shares=SHARES, queues=(Queue(name="agri", prefixes=("01",)),))
    sample(objects, wanted, MARGIN, codes.name, DAY, name)
    return name


def leaf(codes: Codes, code: str) -> list[dict[str, Any]]:
    return [{"from_name": "code", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": [path_of(codes, code)]}}]


def remark(text: str) -> list[dict[str, Any]]:
    return [{"from_name": "remarks", "to_name": "text", "type": "textarea", "value": {"text": [text]}}]


def test_a_batch_becomes_projects_with_suggestions(
    objects: Objects, server: LocalLabelStudio, client: LabelStudioClient, settings: LabelStudio, codes: Codes, batch: str
) -> None:
    done = push(objects, client, settings, codes, None)
    assert [(each.queue, each.created, each.tasks, each.added) for each in done] == [("agri", True, 4, 4), ("general", True, 8, 8)]
    project = server.ask("GET", f"projects/{server.project(f'{batch}/agri')['id']}/")
    options = ("maximum_annotations", "skip_queue", "sampling", "enable_empty_annotation", "show_skip_button")
    assert [project[name] for name in options] == [3, "REQUEUE_FOR_OTHERS", "Sequential sampling", False, True]
    assert '<Choice value="0111Z Culture de céréales' in project["label_config"]
    assert project["parsed_label_config"]["code"]["type"] == "Taxonomy"
    tasks = server.tasks(f"{batch}/agri")
    assert {task["data"]["text"] for task in tasks.values()} == {"Activité 0", "Activité 1", "Activité 6", "Activité 7"}
    predictions = tasks["r000000"]["predictions"]
    assert [(each["score"], each["result"][0]["value"]["taxonomy"][0][-1].split()[0]) for each in predictions] == [
        (0.6, "0111Z"),
        (0.1, "0112Z"),
    ]
    assert {each["model_version"] for each in predictions} == {"FastText-APE 3"}


def test_pushing_again_makes_nothing_twice(
    objects: Objects, folder: Path, server: LocalLabelStudio, client: LabelStudioClient, settings: LabelStudio, codes: Codes, batch: str
) -> None:
    push(objects, client, settings, codes, None)
    assert push(objects, client, settings, codes, None) == []
    # As after an end in between: the mark is not there, and neither are some tasks.
    (folder / f"annotation/batches/{batch}/pushed.json").unlink()
    lost = server.tasks(f"{batch}/general")["r000002"]
    server.ask("DELETE", f"tasks/{lost['id']}/")
    done = push(objects, client, settings, codes, None)
    assert [(each.queue, each.created, each.added) for each in done] == [("agri", False, 0), ("general", False, 1)]
    assert len(server.tasks(f"{batch}/general")) == 8
    assert server.ask("GET", f"projects/{done[1].project}/")["task_number"] == 8


def test_a_call_whose_answer_was_lost_makes_nothing_twice(
    objects: Objects, server: LocalLabelStudio, client: LabelStudioClient, settings: LabelStudio, codes: Codes, batch: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    add, lost = client.add_tasks, iter([True])

    def loses(number: int, tasks: list[dict[str, Any]]) -> None:
        add(number, tasks)
        if next(lost, False):
            raise Failed("no answer")

    monkeypatch.setattr(client, "add_tasks", loses)
    assert [each.added for each in push(objects, client, settings, codes, None)] == [4, 8]
    assert server.ask("GET", f"projects/{server.project(f'{batch}/agri')['id']}/")["task_number"] == 4

    def refuses(number: int, tasks: list[dict[str, Any]]) -> None:
        refused.append(number)
        raise Unsuccessful("bad request", 400)

    refused: list[int] = []
    monkeypatch.setattr(client, "add_tasks", refuses)
    some = next(iter(server.tasks(f"{batch}/agri").values()))
    server.ask("DELETE", f"tasks/{some['id']}/")
    with pytest.raises(Unsuccessful):
        push(objects, client, settings, codes, batch)
    assert len(refused) == 1


def test_other_options_come_to_projects_that_are_there(
    objects: Objects, server: LocalLabelStudio, client: LabelStudioClient, settings: LabelStudio, codes: Codes, batch: str
) -> None:
    push(objects, client, settings, codes, None)
    changed = settings.model_copy(update={"annotators": 5, "instructions": "Read twice.", "suggestions": "none"})
    push(objects, client, changed, codes, batch)
    project = server.ask("GET", f"projects/{server.project(f'{batch}/agri')['id']}/")
    assert (project["maximum_annotations"], project["expert_instruction"], project["show_instruction"]) == (5, "Read twice.", True)


def test_a_batch_of_an_unknown_nomenclature_or_none_is_refused(
    objects: Objects, folder: Path, client: LabelStudioClient, settings: LabelStudio, codes: Codes, batch: str
) -> None:
    wanted = Sample(budget=2, days=1, seed=2, shares=SHARES)
    again = [record(number + 100, text_clean=f"autr {number}") for number in range(5)]
    write_records(folder, again)
    sample(objects, wanted, MARGIN, "ISIC", DAY, f"{batch}-i")
    with pytest.raises(Problems, match=r"nomenclature: given ISIC, expected NAF rev\. 2 or an official one"):
        push(objects, client, settings, codes, f"{batch}-i")
    with pytest.raises(Problems, match="--batch: given absent"):
        push(objects, client, settings, codes, "absent")


def test_two_projects_of_one_queue_are_told(
    objects: Objects, server: LocalLabelStudio, client: LabelStudioClient, settings: LabelStudio, codes: Codes, batch: str
) -> None:
    body = {"title": "Twice", "description": f"x [{batch}/agri]", "label_config": "<View/>"}
    made = [server.ask("POST", "projects/", json=body)["id"] for _ in range(2)]
    with pytest.raises(Problems, match=rf"projects {made[0]}, {made[1]} are all of {batch}/agri"):
        push(objects, client, settings, codes, None)
    server.ask("DELETE", f"projects/{made[1]}/")


def test_a_personal_access_token_is_exchanged_and_renewed(
    server: LocalLabelStudio, settings: LabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = server.ask("POST", "token/")["token"]
    monkeypatch.setenv("LABEL_STUDIO_TOKEN", token)
    client = LabelStudioClient(settings, None)
    before = len(list(client.projects()))
    auth = client._session.auth
    auth._access = auth._access[:-3] + "abc"  # type: ignore[union-attr]
    assert len(list(client.projects())) == before
    body = {"title": "Made by a token", "description": "", "label_config": "<View/>"}
    auth._access = "expired"  # type: ignore[union-attr]
    assert client.create_project(body)["title"] == "Made by a token"


def test_a_wrong_token_is_told(settings: LabelStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABEL_STUDIO_TOKEN", "f" * 40)
    with pytest.raises(Unsuccessful, match="401"):
        list(LabelStudioClient(settings, None).projects())
    monkeypatch.delenv("LABEL_STUDIO_TOKEN")
    with pytest.raises(Problems, match="LABEL_STUDIO_TOKEN: is missing"):
        LabelStudioClient(settings, None)


def test_what_people_say_comes_back_as_the_gold_set(
    objects: Objects, folder: Path, server: LocalLabelStudio, client: LabelStudioClient, settings: LabelStudio, codes: Codes, batch: str
) -> None:
    push(objects, client, settings, codes, None)
    tasks = {**server.tasks(f"{batch}/agri"), **server.tasks(f"{batch}/general")}

    def say(number: int, *said: list[dict[str, Any]] | None) -> None:
        for person, result in enumerate(said):
            if result is not None:
                server.annotate(tasks[f"r{number:06d}"]["id"], person, result)

    maize, rice, shop = leaf(codes, "0111Z"), leaf(codes, "0112Z"), leaf(codes, "4711A")
    say(0, maize, maize, rice)  # most of them
    say(1, rice, rice)  # enough of them
    say(2, maize, rice, shop)  # each something else
    say(3, maize)  # too few
    say(4, remark("plutôt 62.01Z, sûr"), leaf(codes, "6201Z"))  # typed, with a dot
    invented = [{"from_name": "code", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": [["A", "9999Z nothing"]]}}]
    say(5, invented, leaf(codes, "9602A"), leaf(codes, "9602A"))  # one of no code
    unfit = [{"from_name": "code", "to_name": "text", "type": "taxonomy", "value": {"taxonomy": [["XXXXX Inclassable"]]}}]
    say(6, unfit, unfit)
    server.annotate(tasks["r000007"]["id"], 0, [], cancelled=True)
    changed = server.annotate(tasks["r000008"]["id"], 0, maize)
    server.ask("PATCH", f"annotations/{changed['id']}/", json={"result": shop})
    say(8, None, shop)

    done = pull(objects, client, settings, codes)
    gold = {row["id"]: row for row in rows_in(folder / "gold/gold.parquet")}
    assert {number: row["code"] for number, row in gold.items()} == {
        "r000000": "0111Z", "r000001": "0112Z", "r000004": "6201Z", "r000005": "9602A", "r000008": "4711A",
    }  # fmt: skip
    assert (gold["r000000"]["annotations"], round(gold["r000000"]["agreement"], 2)) == (3, 0.67)
    assert gold["r000000"]["text"] == "Activité 0"
    assert gold["r000000"]["code_2"] == "0112Z"
    assert 0 < gold["r000000"]["inclusion_probability"] <= 1
    assert len(gold["r000000"]["annotator"].split(",")) == 2
    assert gold["r000000"]["annotated_at"] is not None
    figures = done.report[batch]
    assert figures["outcomes"] == {"decided": 5, "unclassifiable": 1, "disagreement": 1, "pending": 1}
    assert figures["quarantined"] == 1 and sum(figures["cancelled"].values()) == 1
    assert 0 < figures["alpha"]["code"] < 1
    assert figures["alpha"]["levels"][0] >= figures["alpha"]["code"]
    [quarantined] = json.loads((folder / "annotation/quarantine.json").read_text())
    assert (quarantined["id"], quarantined["problem"], quarantined["given"]) == ("r000005", "unknown code", "9999Z nothing")
    assert [row["id"] for row in rows_in(folder / "annotation/disagreements.parquet")] == ["r000002"]

    files = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert pull(objects, client, settings, codes).changed == []
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == files

    # Who could not agree is followed by others, in the next batch; what they say holds.
    wanted = Sample(budget=1, days=1, seed=1, shares=SHARES)
    assert sample(objects, wanted, MARGIN, codes.name, DAY, f"{batch}-2").design["reasons"]["arbitration"] == 1
    assert sample(objects, wanted, MARGIN, codes.name, DAY, f"{batch}-3").rows == 0
    push(objects, client, settings, codes, f"{batch}-2")
    [again] = server.tasks(f"{batch}-2/arbitration").values()
    for person in (0, 1):
        server.annotate(again["id"], person, shop)
    pull(objects, client, settings, codes)
    assert {row["id"]: row["code"] for row in rows_in(folder / "gold/gold.parquet")}["r000002"] == "4711A"
    assert rows_in(folder / "annotation/disagreements.parquet") == []

    # Nor does it change when the model in production has followed a revision: the batch keeps its nomenclature.
    present = official("NACE Rev. 2.1")
    assert present is not None and present.name != codes.name
    before_the_revision = (folder / "gold/gold.parquet").read_bytes()
    assert pull(objects, client, settings, present).report[batch]["outcomes"]["decided"] == 5
    assert (folder / "gold/gold.parquet").read_bytes() == before_the_revision
    assert {row["nomenclature"] for row in rows_in(folder / "gold/gold.parquet")} == {codes.name}

    # A project that people have deleted has said what it said.
    gold_before = (folder / "gold/gold.parquet").read_bytes()
    server.ask("DELETE", f"projects/{server.project(f'{batch}/agri')['id']}/")
    pull(objects, client, settings, codes)
    assert (folder / "gold/gold.parquet").read_bytes() == gold_before


def test_a_revision_offers_legal_successors_alone(
    objects: Objects, folder: Path, server: LocalLabelStudio, client: LabelStudioClient, settings: LabelStudio, codes: Codes, batch: str
) -> None:
    push(objects, client, settings, codes, None)
    tasks = {**server.tasks(f"{batch}/agri"), **server.tasks(f"{batch}/general")}
    for number, code in (("r000000", "0111Z"), ("r000001", "4711A"), ("r000002", "5610A")):
        for person in (0, 1):
            server.annotate(tasks[number]["id"], person, leaf(codes, code))
    pull(objects, client, settings, codes)

    revision = Revision(concordance="nace2-nace21", target="gold/nace21.parquet")
    name = f"rev-{batch}"[:30]
    done = revise(objects, revision, codes, name)
    assert (done.recoded, done.queued, done.unknown) == (1, 2, {})
    assert [(row["id"], row["code_before"], row["code"]) for row in rows_in(folder / "gold/nace21.parquet")] == [
        ("r000000", "0111Z", "0111")
    ]
    push(objects, client, settings, codes, name)
    asked = server.tasks(f"{name}/revision")
    offered = {number: [each["value"].split()[0] for each in task["data"]["candidates"]] for number, task in asked.items()}
    assert offered == {"r000001": ["4711", "4791", "XXXXX"], "r000002": ["5611", "5612", "XXXXX"]}

    def choice(text: str) -> list[dict[str, Any]]:
        return [{"from_name": "code", "to_name": "text", "type": "choices", "value": {"choices": [text]}}]

    taken = asked["r000001"]["data"]["candidates"][0]["value"]
    for person in (0, 1):
        server.annotate(asked["r000001"]["id"], person, choice(taken))
        server.annotate(asked["r000002"]["id"], person, choice("0111 Growing of cereals"))
    report = pull(objects, client, settings, codes).report[name]
    assert report["quarantined"] == 2
    found = {row["id"]: (row["code_before"], row["code"]) for row in rows_in(folder / "gold/nace21.parquet")}
    assert found == {"r000000": ("0111Z", "0111"), "r000001": ("4711A", "4711")}
    assert {row["code"] for row in rows_in(folder / "gold/gold.parquet")} == {"0111Z", "4711A", "5610A"}
    # Again: nothing is asked twice, and nothing that was said is lost.
    assert revise(objects, revision, codes, f"{name}-2").queued == 0
    assert {row["id"]: (row["code_before"], row["code"]) for row in rows_in(folder / "gold/nace21.parquet")} == found


def test_the_command_line_does_all_of_it(
    folder: Path, tmp_path: Path, server: LocalLabelStudio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_records(folder, [record(number) for number in range(6)])
    (tmp_path / "labels.json").write_bytes(labels())
    document = {
        "store": {"url": f"file://{folder}"},
        "confidence": {"index": "margin", "threshold": 0.5},
        "nomenclature": {"labels": str(tmp_path / "labels.json"), "titles": "naf2"},
        "sample": {"budget": 3, "days": 1, "seed": 1, "shares": SHARES.model_dump()},
        "labelStudio": {"url": server.url, "annotators": 1},
        "revision": {"concordance": "nace2-nace21", "target": "gold/nace21.parquet"},
    }
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(document))
    monkeypatch.setenv("LABEL_STUDIO_TOKEN", LEGACY_TOKEN)

    def run(command: str, *options: str) -> Any:
        assert main([command, "--settings", str(file), *options]) == 0
        return json.loads(capsys.readouterr().out)

    assert run("sample", "--date", DAY.isoformat(), "--batch", "by-command")["rows"] == 3
    assert sum(each["added"] for each in run("push")) == 3
    tasks = server.tasks("by-command/general")
    codes = read_codes(labels(), "labels.json", "naf2")
    for task in tasks.values():
        server.annotate(task["id"], 0, leaf(codes, "4711A"))
    assert run("pull")["report"]["by-command"]["outcomes"]["decided"] == 3
    assert run("pull")["changed"] == []
    assert run("revision", "--batch", "by-command-revised")["queued"] == 3
    assert [each["queue"] for each in run("push")] == ["revision"]
