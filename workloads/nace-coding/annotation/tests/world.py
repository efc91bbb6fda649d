"""A registry, a repository and records: what a promotion is about."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

from conftest import CODES, DAY, MARGIN, parquet, record, write_records
from servers import LocalMlflow

from nace_annotation.promote import Order, Promoted, promote
from nace_annotation.registry import BUNDLE, BUNDLE_FILES, ModelRegistry
from nace_annotation.rollback import RolledBack, roll_back
from nace_annotation.settings import Promotion, Registry
from nace_annotation.store import Objects

CONFIG = """\
# Who changes this is told in the history.
inference:
  model: {name: FastText-APE, version: 1}  # by promotion
  replicas: 2
  image: 'sha256:aaaa'
"""
FILE = "apps/coding.yaml"


class World:
    """A registry with two versions, a repository, and records that both have coded."""

    def __init__(self, server: LocalMlflow, objects: Objects, folder: Path, work: Path, url: str, certificate: Path, name: str) -> None:
        self.objects, self.folder, self.work, self.certificate, self.name = objects, folder, work, certificate, name
        self.server = server
        self.runs = server.make_model(name, [{"gold_accuracy": 0.60}, {"gold_accuracy": 0.65}], {"gold": "sha256:1"})
        self.registry = ModelRegistry(Registry(url=server.url, model=name), None)
        for number in ("1", "2"):
            self.registry.tag(number, "gate", "passed")
        self.registry.move_alias("champion", "1")
        self.registry.move_alias("challenger", "2")
        self.document: dict[str, Any] = {
            "git": {"url": url, "author": "Coding <coding@example.org>"},
            "file": FILE,
            "version": ["inference", "model", "version"],
            "digest": ["inference", "image"],
            "metric": "gold_accuracy",
            "goldDigest": "gold",
            "minimumGain": 0.01,
            "shadow": {"days": 7, "minimumRows": 50, "minimumAnnotated": 20},
        }

    def records(self, better: int = 15, worse: int = 5, count: int = 100) -> None:
        """Records that version 2 has seen beside version 1; of the first thirty it is known what they are."""
        rows, gold = [], []
        for number in range(count):
            truth, other = CODES[number % 6], CODES[(number + 1) % 6]
            champion = other if number < better else truth
            challenger = other if better <= number < better + worse else truth
            row = record(number, code_1=champion, model_version="1", shadow_version="2", shadow_code_1=challenger, shadow_confidence=0.9)
            rows.append(row)
            if number < 30:
                gold.append(row | {"id": f"g{number}", "code": truth, "annotated_at": "2026-01-30 00:00:00", "annotator": "1"})
        # Other versions have coded the same forms, and say nothing about these two.
        for number in range(20):
            rows.append(rows[number] | {"id": f"o{number}", "model_version": "0", "shadow_code_1": "9602A"})
            rows.append(rows[number] | {"id": f"p{number}", "shadow_version": "9", "shadow_code_1": "9602A"})
        write_records(self.folder, rows)
        parquet(self.folder / "gold/gold.parquet", gold, {"code": "VARCHAR", "annotated_at": "TIMESTAMP", "annotator": "VARCHAR"})

    def bundle(self, number: str, *, damaged: bool = False) -> None:
        """What a version is served from, with its sums."""
        files = {name: f"{name} of version {number}".encode() for name in BUNDLE_FILES}
        sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
        if damaged:
            files["model.bin"] += b"!"
        for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
            self.server.put_artifact(self.runs[int(number) - 1], f"{BUNDLE}/{name}", content)

    def promote(self, **more: Any) -> Promoted:
        order = Order(**{"by": "somebody", "digest": None, "last": DAY, "dry_run": False, **more})
        settings = Promotion.model_validate_json(json.dumps(self.document))
        return promote(self.objects, settings, MARGIN, self.registry, str(self.certificate), order)

    def roll_back(self, by: str = "somebody", reason: str = "too many complaints") -> RolledBack:
        settings = Promotion.model_validate_json(json.dumps(self.document))
        return roll_back(settings, self.registry, str(self.certificate), by=by, reason=reason)

    def git(self, *arguments: str) -> str:
        """Git in the bare repository, as its server has it."""
        return subprocess.run(["git", *arguments], cwd=self.work / "config.git", check=True, capture_output=True, text=True).stdout

    def file(self) -> str:
        return self.git("show", f"main:{FILE}")

    def commit(self, change: str, into: str) -> None:
        """Somebody else's commit."""
        clone = self.work / f"clone-{len(list(self.work.iterdir()))}"
        subprocess.run(["git", "clone", "-q", self.work / "config.git", clone], check=True)
        file = clone / FILE
        file.write_text(file.read_text().replace(change, into))
        who = ["-c", "user.name=Other", "-c", "user.email=other@example.org"]
        subprocess.run(["git", *who, "commit", "-qam", "Something else"], cwd=clone, check=True)
        subprocess.run(["git", "push", "-q"], cwd=clone, check=True)

    def champion(self) -> str | None:
        found = self.registry.by_alias("champion")
        return found.number if found else None
