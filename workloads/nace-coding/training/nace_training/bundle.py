"""The folder `serving/` of a model: what another language needs to serve it, and to know that it serves it right."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .classifier import Classifier
from .data import Dataset
from .errors import UserError, problems
from .nomenclatures import Nomenclature, by_title
from .parameters import Parameters
from .preprocess import Preprocessor, Spec, read_spec
from .preprocess.conformance import FORMS, TRICKY
from .preprocess.spec import rendered

FORMAT = 1
FILES = ("model.bin", "preprocess.json", "labels.json", "golden.jsonl", "model.json")
SUMS = "SHA256SUMS"
GOLDEN_LINES = 1200
TOLERANCE = 2e-6
"""How far a probability may be from the one of the Python library."""


def _json(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def golden_queries(dataset: Dataset) -> list[dict[str, str | None]]:
    """Texts at which implementations differ, all that was held out, and as many learned ones as are needed."""
    held_out = [each.query() for each in dataset.examples if each.split != "train"]
    learned = [each.query() for each in dataset.of("train")]
    tricky: list[dict[str, str | None]] = [{"text": text} for text in TRICKY]
    return (tricky + list(FORMS) + held_out + learned)[: max(GOLDEN_LINES, len(tricky) + len(FORMS) + len(held_out))]


def write_bundle(folder: Path, classifier: Classifier, dataset: Dataset, parameters: Parameters, calibration: dict[str, Any]) -> None:
    """Writes every file, the sums last. The same model, data and parameters give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    classifier.model.save_model(str(folder / "model.bin"))
    spec = classifier.preprocessor.spec
    (folder / "preprocess.json").write_text(rendered(spec), encoding="utf-8")
    nomenclature = dataset.nomenclature
    (folder / "labels.json").write_text(_json({"nomenclature": nomenclature.name, "labels": dict(nomenclature.labels)}), encoding="utf-8")
    # Asked of the file that is served, not of the model in memory.
    served = Classifier.load(folder / "model.bin", classifier.preprocessor, parameters.label_prefix)
    with (folder / "golden.jsonl").open("w", encoding="utf-8") as file:
        for query in golden_queries(dataset):
            text = served.preprocessor.read(query)
            file.write(json.dumps({"query": query, "text": text, "predictions": served.code_text(text)}) + "\n")
    meta = {
        "format": FORMAT,
        "parameters": parameters.described(),
        "data": {"digest": dataset.digest, "rows": len(dataset.examples), "trained": len(dataset.of("train"))},
        "preprocess": spec["version"],
        "calibration": calibration,
    }
    (folder / "model.json").write_text(_json(meta), encoding="utf-8")
    (folder / SUMS).write_text("".join(f"{_sha256(folder / name)}  {name}\n" for name in sorted(FILES)), encoding="utf-8")


@dataclass(frozen=True)
class Bundle:
    """A bundle whose sums are right."""

    folder: Path
    classifier: Classifier
    nomenclature: Nomenclature
    meta: dict[str, Any]

    @property
    def spec(self) -> Spec:
        """How it reads a form."""
        return self.classifier.preprocessor.spec


def check_sums(folder: Path) -> None:
    """
    :raises UserError: with every file that is missing, unknown to the sums, or other than they say
    """
    path = folder / SUMS
    if not path.is_file():
        raise UserError(f"{path} is missing: this is no bundle of a model. Train it anew.")
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines())}
    found = [f"{name}: no sum" for name in FILES if name not in sums]
    for name, digest in sorted(sums.items()):
        if not (folder / name).is_file():
            found.append(f"{name}: missing")
        elif _sha256(folder / name) != digest:
            found.append(f"{name}: sha256 {_sha256(folder / name)}, {digest} expected")
    if found:
        raise problems(f"the bundle in {folder} is damaged", found, "Download it anew; when it stays so, train it anew.")


def read_bundle(folder: Path) -> Bundle:
    """
    Reads a bundle.

    :raises UserError: when it is damaged, or of a format that this program does not know
    """
    check_sums(folder)
    meta = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if meta["format"] != FORMAT:
        raise UserError(f"{folder}/model.json: format {meta['format']}, {FORMAT} expected. Use the program of that format.")
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    preprocessor = Preprocessor(read_spec(folder / "preprocess.json"))
    classifier = Classifier.load(folder / "model.bin", preprocessor, meta["parameters"]["label_prefix"])
    return Bundle(folder, classifier, by_title(labels["nomenclature"]), meta)


def check_golden(bundle: Bundle) -> list[str]:
    """Every golden line that the model answers in another way, and what else is wrong with them."""
    found = []
    lines = (bundle.folder / "golden.jsonl").read_text(encoding="utf-8").splitlines()
    if len(lines) < 1000:
        found.append(f"{len(lines)} golden lines, at least 1000 expected")
    for number, line in enumerate(lines, start=1):
        golden = json.loads(line)
        text = bundle.classifier.preprocessor.read(golden["query"])
        if text != golden["text"]:
            found.append(f"line {number}: the model reads {text[:80]!r}, {golden['text'][:80]!r} expected")
            continue
        answer = bundle.classifier.code_text(text)
        expected = golden["predictions"]
        if len(answer) != len(expected) or any(
            code != expected_code or abs(probability - expected_probability) > TOLERANCE
            for (code, probability), (expected_code, expected_probability) in zip(answer, expected, strict=True)
        ):
            found.append(f"line {number}: {answer[:2]} and so on answered, {expected[:2]} and so on expected")
    return found
