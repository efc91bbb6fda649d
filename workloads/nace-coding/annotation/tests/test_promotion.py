"""With a real registry and a real repository, whose server git itself provides, with TLS and a token."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import DAY, labels, record, write_records
from movement import TRAINING, moves, state, verdict_of
from servers import LocalMlflow, mlflow
from tls import TOKEN, git_handler, https, make_certificate
from world import CONFIG, FILE, World

from nace_annotation import git as git_module
from nace_annotation.figures import read_verdict
from nace_annotation.problems import Failed, Problems, Refused
from nace_annotation.promote import Promoted
from nace_annotation.store import Objects


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalMlflow]:
    with mlflow(tmp_path_factory.mktemp("mlflow")) as running:
        yield running


@pytest.fixture
def world(
    server: LocalMlflow, objects: Objects, folder: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    work = tmp_path / "git"
    work.mkdir()
    bare = work / "config.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", bare], check=True)
    subprocess.run(["git", "config", "http.receivepack", "true"], cwd=bare, check=True)
    first = work / "first"
    subprocess.run(["git", "init", "-q", "-b", "main", first], check=True)
    (first / FILE).parent.mkdir()
    (first / FILE).write_text(CONFIG)
    who = ["-c", "user.name=Other", "-c", "user.email=other@example.org"]
    subprocess.run(["git", "add", "."], cwd=first, check=True)
    subprocess.run(["git", *who, "commit", "-qm", "First"], cwd=first, check=True)
    subprocess.run(["git", "push", "-q", bare, "main"], cwd=first, check=True)
    monkeypatch.setenv("GIT_TOKEN", TOKEN)
    certificate = make_certificate(tmp_path / "tls")
    with https(git_handler(work), certificate) as url:
        yield World(server, objects, folder, work, f"{url}/config.git", certificate, request.node.name)


def test_a_challenger_that_wins_is_promoted_by_a_commit(world: World) -> None:
    world.records()
    done = world.promote(digest="sha256:bbbb", reason="drift of January")
    assert (done.version, done.previous, done.alias_moved) == ("2", "1", True)
    assert world.file() == CONFIG.replace("version: 1}", "version: 2}").replace("aaaa", "bbbb")
    message = world.git("log", "-1", "--format=%an <%ae>%n%B")
    assert message.startswith(f"Coding <coding@example.org>\nPromote version 2 of {world.name}\n\ndrift of January\n")
    assert "Gold set: gold_accuracy 0.6500 against 0.6000 of version 1." in message
    assert "100 records, same code for 80.0%; automatic 100.0% against 100.0%." in message
    assert "30 forms, 15 better and 5 worse (sign test 0.021)." in message
    assert f"Run: {world.runs[1]}\nPromoted-By: somebody" in message
    assert done.commit == world.git("rev-parse", "main").strip()
    assert world.champion() == "2" and world.registry.by_alias("challenger") is None
    tags = world.registry.by_number("2").tags
    assert tags["promoted.commit"] == done.commit and tags["promoted.accuracy"] == "0.650000"
    assert (tags["promoted.by"], tags["promoted.reason"], tags["promoted.replaces"]) == ("somebody", "drift of January", "1")
    assert world.registry.by_number("1").tags["lifecycle"] == "archived"


def test_a_dry_run_changes_nothing(world: World) -> None:
    world.records()
    before = world.git("rev-parse", "main")
    assert "Promote version 2" in world.promote(dry_run=True).message
    assert world.git("rev-parse", "main") == before and world.champion() == "1"


def test_a_challenger_that_does_not_win_is_refused_with_all_reasons(world: World) -> None:
    world.records(better=4, worse=5, count=40)
    world.document["minimumGain"] = 0.1
    world.document["goldDigest"] = "other"
    with pytest.raises(Refused) as refused:
        world.promote()
    assert [reason.split(":")[0] for reason in refused.value.reasons] == ["other differs", "gold set", "shadow", "shadow"]
    assert "gold_accuracy 0.6500 does not beat 0.6000 by 0.1" in str(refused.value)
    assert "40 records that both have coded in 7 days, at least 50" in str(refused.value)
    assert "better on 4 and worse on 5 of 30" in str(refused.value)
    assert world.file() == CONFIG and world.champion() == "1"


def test_equal_is_not_better(world: World) -> None:
    world.records(better=5, worse=5)
    world.document["metric"] = "absent"
    with pytest.raises(Refused) as refused:
        world.promote()
    assert "version 2 has no metric absent" in str(refused.value) and "version 1, the champion, has no metric" in str(refused.value)
    assert "better on 5 and worse on 5" in str(refused.value)


def test_a_verdict_on_the_same_rows_is_taken_instead_of_metrics(world: World, tmp_path: Path) -> None:
    world.records()
    world.document["metric"] = "absent"
    told = {
        "model": world.name, "challenger": "2", "champion": "1", "level": 5, "rows": 700, "challenger_accuracy": 0.62,
        "champion_accuracy": 0.6, "reasons": [], "recoded": None,
    }  # fmt: skip
    file = tmp_path / "verdict.json"

    def promoted(**more: Any) -> Promoted:
        file.write_text(json.dumps({**told, "sections": {}, **more}))
        return world.promote(verdict=read_verdict(file))

    with pytest.raises(Refused, match=r"section C .* worse expected"):
        promoted(reasons=["section C (50 rows): 0.4 against 0.6, at most 0.05 worse expected"])
    with pytest.raises(Refused, match=r"accuracy at level 5 on 700 rows 0\.6050 does not beat 0\.6000 by 0\.01"):
        promoted(challenger_accuracy=0.605)
    with pytest.raises(Problems, match=r"given version 3 against 1 of .*, expected version 2 against 1 of "):
        promoted(challenger="3")
    with pytest.raises(Problems, match=r"given version 2 against 1 of another, expected version 2 against 1 of "):
        promoted(model="another")
    with pytest.raises(Problems, match="rows: "):
        promoted(rows="many")
    assert world.champion() == "1"
    assert "Gold set: accuracy at level 5 on 700 rows 0.6200 against 0.6000 of version 1." in promoted().message
    assert world.champion() == "2"
    tags = world.registry.by_number("2").tags
    assert (tags["promoted.accuracy"], tags["promoted.champion_accuracy"], tags["promoted.gold_rows"]) == ("0.620000", "0.600000", "700")


@pytest.mark.skipif(not TRAINING.exists(), reason="training/ is not there")
def test_the_registry_is_left_as_training_leaves_it(world: World) -> None:
    world.records()
    world.bundle("1")
    for alias in ("champion", "challenger"):
        world.registry.remove_alias(alias)
    for each in moves():
        asked = each["move"]
        if asked["do"] == "promote":
            world.registry.move_alias("challenger", asked["version"])
            world.promote(by=asked["by"], reason=asked["reason"], verdict=verdict_of(asked, world.name))
        else:
            world.roll_back(asked["by"], asked["reason"])
        assert state(world.registry) == each["after"], asked
        assert f"version: {each['after']['aliases']['champion']}}}" in world.file()


def test_without_records_that_both_have_coded_nothing_is_promoted(world: World) -> None:
    with pytest.raises(Refused, match="0 records that both have coded"):
        world.promote()


def test_a_rollback_reverts_the_commit_and_moves_the_alias(world: World) -> None:
    world.records()
    world.bundle("1")
    promoted = world.promote(digest="sha256:bbbb")
    done = world.roll_back()
    assert (done.from_version, done.version, done.reverts) == ("2", "1", promoted.commit)
    assert world.file() == CONFIG
    message = world.git("log", "-1", "--format=%B")
    assert (
        f"This reverts commit {promoted.commit}." in message and "too many complaints" in message and "Rolled-Back-By: somebody" in message
    )
    assert world.champion() == "1"
    assert world.registry.by_number("2").tags["lifecycle"] == "archived"
    tags = world.registry.by_number("1").tags
    assert "lifecycle" not in tags and tags["restored.commit"] == done.commit and tags["restored.reason"] == "too many complaints"
    with pytest.raises(Refused, match=r"version 1 of .* did not come by a promotion"):
        world.roll_back()


def test_nothing_goes_back_to_what_cannot_be_served(world: World) -> None:
    world.records()
    world.promote()
    with pytest.raises(Refused, match=r"version 1 of .*: the registry: artifacts/serving/SHA256SUMS of version 1"):
        world.roll_back()
    world.bundle("1", damaged=True)
    with pytest.raises(Refused, match=r"version 1 of .*: model\.bin: sha256 .* expected; go forward"):
        world.roll_back()
    assert "version: 2}" in world.file() and world.champion() == "2"


def test_a_rollback_works_when_the_lines_beside_have_changed(world: World) -> None:
    world.records()
    world.bundle("1")
    world.promote()
    world.commit("version: 2}  # by promotion\n  replicas: 2", "version: 2}  # by hand\n  replicas: 5")
    world.roll_back()
    assert world.file() == CONFIG.replace("# by promotion\n  replicas: 2", "# by hand\n  replicas: 5")
    assert world.champion() == "1"


def test_what_ended_in_between_is_finished(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.records()
    world.bundle("1")

    def fail(alias: str, number: str) -> None:
        raise Failed(f"the registry is away: {alias} {number}")

    with monkeypatch.context() as away:
        away.setattr(world.registry, "move_alias", fail)
        with pytest.raises(Failed):
            world.promote()
    assert "version: 2}" in world.file() and world.champion() == "1"
    before = world.git("rev-parse", "main")
    # It is decided: what would speak against it now comes too late.
    (world.folder / "gold/gold.parquet").unlink()
    assert world.promote().alias_moved
    assert world.git("rev-parse", "main") == before and world.champion() == "2"
    assert world.registry.by_number("2").tags["promoted.commit"] == before.strip()
    with monkeypatch.context() as away:
        away.setattr(world.registry, "move_alias", fail)
        with pytest.raises(Failed):
            world.roll_back()
    assert world.file() == CONFIG and world.champion() == "2"
    assert world.roll_back().version == "1"
    assert world.champion() == "1" and world.git("rev-list", "--count", "main").strip() == "3"


def test_a_push_that_is_rejected_is_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.records()
    run = git_module.Repository.run
    others = iter(["5", "6"])

    def slower(self: git_module.Repository, *arguments: str) -> str:
        if arguments[0] == "push" and (replicas := next(others, None)):
            world.commit(f"replicas: {'2' if replicas == '5' else '5'}", f"replicas: {replicas}")
        return run(self, *arguments)

    monkeypatch.setattr(git_module.Repository, "run", slower)
    done = world.promote()
    assert world.file() == CONFIG.replace("version: 1}", "version: 2}").replace("replicas: 2", "replicas: 6")
    assert world.git("log", "-3", "--format=%s").splitlines() == [f"Promote version 2 of {world.name}", "Something else", "Something else"]
    assert done.commit == world.git("rev-parse", "main").strip()


def test_somebody_elses_version_is_not_overwritten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.records()
    run = git_module.Repository.run
    others = iter(["once"])

    def slower(self: git_module.Repository, *arguments: str) -> str:
        if arguments[0] == "push" and next(others, None):
            world.commit("version: 1}", "version: 9}")
        return run(self, *arguments)

    monkeypatch.setattr(git_module.Repository, "run", slower)
    with pytest.raises(Refused, match="somebody has made it 9"):
        world.promote()
    assert "version: 9}" in world.file() and world.champion() == "1"


def test_certificates_and_tokens_are_checked(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.records()
    own, world.certificate = world.certificate, make_certificate(tmp_path / "other")
    with pytest.raises(Failed, match="certificate"):
        world.promote()
    world.certificate = own
    monkeypatch.setenv("GIT_TOKEN", "wrong")
    with pytest.raises(Failed, match=r"git clone: .*(401|Authentication failed|could not read Username)"):
        world.promote()
    monkeypatch.delenv("GIT_TOKEN")
    with pytest.raises(Problems, match="GIT_TOKEN: is missing"):
        world.promote()
    assert world.file() == CONFIG


def test_a_message_has_no_lines_that_others_wrote(world: World) -> None:
    with pytest.raises(Problems, match=r"--by: given .*, expected a text of one line"):
        world.promote(by="somebody\nPromoted-Version: 7")


def test_labels_come_from_the_version_in_production(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:

    from nace_annotation.cli import main

    world.server.put_artifact(world.runs[0], "artifacts/serving/labels.json", labels())
    write_records(world.folder, [record(number) for number in range(20)])
    settings = {
        "store": {"url": f"file://{world.folder}"},
        "confidence": {"index": "margin", "threshold": 0.5},
        "nomenclature": {"alias": "champion"},
        "registry": {"url": world.server.url, "model": world.name},
        "sample": {"budget": 5, "days": 1, "seed": 1, "shares": {"random": 1.0, "margin": 0.0, "coverage": 0.0, "disagreement": 0.0}},
    }
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(settings))
    assert main(["sample", "--settings", str(file), "--date", DAY.isoformat(), "--batch", "b1"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 5
    assert json.loads((world.folder / "annotation/batches/b1/batch.json").read_text())["nomenclature"] == "NAF rev. 2"
