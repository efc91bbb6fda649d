"""The first version that comes to production: there is none to compare it with. The repository is real, on this machine."""

import json
import subprocess
from pathlib import Path

import pytest
from conftest import DAY, MARGIN
from memory import MemoryRegistry

from nace_annotation.figures import Verdict
from nace_annotation.problems import Problems, Refused
from nace_annotation.promote import Order, Promoted, promote
from nace_annotation.rollback import roll_back
from nace_annotation.settings import Promotion
from nace_annotation.store import Objects

CONFIG = """\
# What runs.
coding:
  model: nace-coding
  serves: { version: 1 } # by promotion
  shadow: { alias: challenger }
"""


class Office:
    """A registry with two versions and no champion, and a configuration that names version 1."""

    def __init__(self, objects: Objects, folder: Path) -> None:
        self.objects, self.bare = objects, folder / "config.git"
        self.registry = MemoryRegistry("nace-coding", 2)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", self.bare], check=True)
        first = folder / "first"
        subprocess.run(["git", "clone", "-q", self.bare, first], check=True, capture_output=True)
        (first / "config.yaml").write_text(CONFIG)
        who = ["-c", "user.name=Other", "-c", "user.email=other@example.org"]
        for command in (["add", "."], [*who, "commit", "-qm", "First"], ["push", "-q", "origin", "HEAD:main"]):
            subprocess.run(["git", *command], cwd=first, check=True)
        document = {
            "git": {"url": f"file://{self.bare}", "author": "Coding <coding@example.org>"},
            "file": "config.yaml",
            "version": ["coding", "serves", "version"],
            "metric": "gold_accuracy",
            "shadow": {"days": 7, "minimumRows": 50, "minimumAnnotated": 20},
        }
        self.settings = Promotion.model_validate_json(json.dumps(document))

    def promote(self, *, dry_run: bool = False, verdict: Verdict | None = None) -> Promoted:
        order = Order(by="office", digest=None, last=DAY, dry_run=dry_run, verdict=verdict)
        return promote(self.objects, self.settings, MARGIN, self.registry, None, order)

    def git(self, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=self.bare, check=True, capture_output=True, text=True).stdout

    def state(self) -> tuple[str, dict[str, str]]:
        return self.git("show", "main:config.yaml"), dict(self.registry.aliases)


@pytest.fixture
def office(objects: Objects, tmp_path: Path) -> Office:
    return Office(objects, tmp_path)


def test_it_needs_the_gate_and_nothing_else(office: Office) -> None:
    office.registry.move_alias("challenger", "2")
    office.registry.versions["2"] = {"gate": "failed", "gate.reason": "accuracy of 0.1"}
    with pytest.raises(Refused, match=r"gate: version 2: failed \(accuracy of 0\.1\); run `python -m nace_training select`"):
        office.promote()
    office.registry.versions["2"] = {}
    with pytest.raises(Refused, match="gate: version 2: was never checked"):
        office.promote()
    assert office.state() == (CONFIG, {"challenger": "2"})
    office.registry.versions["2"] = {"gate": "passed"}
    assert "Promote version 2" in office.promote(dry_run=True).message
    assert office.state() == (CONFIG, {"challenger": "2"})
    done = office.promote()
    assert (done.version, done.previous, done.commit) == ("2", "1", office.git("rev-parse", "main").strip())
    assert office.state() == (CONFIG.replace("version: 1 }", "version: 2 }"), {"champion": "2"})
    message = office.git("log", "-1", "--format=%B")
    assert "Gold set: not measured.\nThere was no champion; the gate was passed." in message and "Promoted-By: office" in message
    tags = office.registry.versions["2"]
    assert tags["promoted.commit"] == done.commit and "promoted.replaces" not in tags
    assert [line.split(" ", 1)[1] for line in office.registry.history()] == [
        "version 2 promoted by office, replaces none: no reason given"
    ]  # fmt: skip


def test_there_is_nothing_to_go_back_to(office: Office) -> None:
    office.registry.move_alias("challenger", "2")
    office.promote()
    before = office.state()
    with pytest.raises(Refused, match=r"version 1 of nace-coding has never been champion"):
        roll_back(office.settings, office.registry, None, by="office", reason="complaints")
    assert office.state() == before


def test_its_verdict_tells_the_figures(office: Office) -> None:
    office.registry.move_alias("challenger", "2")
    told = {"model": "nace-coding", "challenger": "2", "champion": None, "level": 5, "rows": 345, "challenger_accuracy": 0.43}
    verdict = Verdict.model_validate({**told, "champion_accuracy": None, "sections": {}, "reasons": [], "recoded": None})
    with pytest.raises(Problems, match="given version 2 against 1 of nace-coding, expected version 2 against None of nace-coding"):
        office.promote(verdict=verdict.model_copy(update={"champion": "1"}))
    assert "Gold set: accuracy at level 5 on 345 rows 0.4300.\n" in office.promote(verdict=verdict).message
    tags = office.registry.versions["2"]
    assert (tags["promoted.accuracy"], tags["promoted.gold_rows"]) == ("0.430000", "345")


def test_what_the_configuration_says_already_makes_no_commit_and_moves_the_alias(office: Office) -> None:
    office.registry.move_alias("challenger", "1")
    office.registry.versions["1"] = {"gate": "failed"}
    before = office.git("rev-parse", "main")
    with pytest.raises(Refused, match="gate: version 1: failed"):
        office.promote()
    office.registry.versions["1"] = {"gate": "passed"}
    assert not office.promote(dry_run=True).alias_moved
    assert office.state() == (CONFIG, {"challenger": "1"})
    done = office.promote()
    assert (done.version, done.commit, done.alias_moved) == ("1", None, True)
    assert office.git("rev-parse", "main") == before
    assert office.state() == (CONFIG, {"champion": "1"})
    assert office.registry.versions["1"]["promoted.by"] == "office"


def test_an_alias_that_was_left_over_is_taken_away(office: Office) -> None:
    office.registry.move_alias("champion", "1")
    office.registry.move_alias("challenger", "1")
    assert not office.promote().alias_moved
    assert office.state() == (CONFIG, {"champion": "1"})
    office.registry.move_alias("champion", "2")
    office.registry.move_alias("challenger", "2")
    with pytest.raises(Refused, match="version 2 of nace-coding is the champion already; remove its alias challenger"):
        office.promote()
