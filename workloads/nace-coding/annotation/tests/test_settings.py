import json
from pathlib import Path
from typing import Any

import pytest

from nace_annotation.cli import main
from nace_annotation.problems import Problems
from nace_annotation.settings import read_settings

WHOLE: dict[str, Any] = {
    "store": {"url": "s3://coding/nace", "endpoint": "https://minio.example.org"},
    "confidence": {"index": "margin", "threshold": 0.8},
    "nomenclature": {"alias": "champion", "titles": "naf2"},
    "registry": {"url": "https://mlflow.example.org/", "model": "FastText-APE"},
    "sample": {
        "budget": 500,
        "days": 30,
        "seed": 1,
        "shares": {"random": 0.25, "margin": 0.35, "coverage": 0.2, "disagreement": 0.2},
        "queues": [{"name": "agri", "prefixes": ["01", "02"]}],
    },
    "labelStudio": {"url": "https://label-studio.example.org"},
    "revision": {"concordance": "nace2-nace21", "target": "gold/nace21.parquet"},
    "retraining": {
        "sustainedDays": 3,
        "accuracy": {"of": "automatic", "required": 0.85, "days": 90, "minimumRows": 200},
        "minimumAnnotations": 1000,
        "coolDownDays": 14,
        "runsPerMonth": 2,
        "workflow": {"namespace": "nace", "template": "train-grid"},
    },
    "promotion": {
        "git": {"url": "https://git.example.org/office/config.git", "author": "Coding <coding@example.org>"},
        "file": "apps/coding.yaml",
        "version": ["inference", "model", "version"],
        "metric": "gold_accuracy",
        "shadow": {"days": 14, "minimumRows": 1000, "minimumAnnotated": 100},
    },
}


def written(folder: Path, document: Any) -> Path:
    file = folder / "settings.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def test_the_whole_is_read(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, WHOLE), ["sample", "label_studio", "revision", "retraining", "promotion"])
    assert settings.registry is not None and settings.registry.url == "https://mlflow.example.org"
    assert settings.sample is not None and settings.sample.queues[0].prefixes == ("01", "02")
    assert settings.label_studio is not None and settings.label_studio.annotators == 3


def test_the_readme_shows_settings_that_are_read(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    block = readme.split("```json\n", 1)[1].split("```", 1)[0]
    settings = read_settings(written(tmp_path, block))
    assert all(getattr(settings, name) is not None for name in type(settings).model_fields)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    document = json.loads(json.dumps(WHOLE))
    document["sample"]["shares"]["random"] = 0.5
    document["sample"]["budget"] = "500"
    document["confidence"]["index"] = "p1"
    document["labelStudio"]["anotators"] = 2
    del document["registry"]["model"]
    document["nomenclature"]["labels"] = "labels.json"
    document["promotion"]["git"]["url"] = "https://user:secret@git.example.org/office/config.git"
    with pytest.raises(Problems) as refused:
        read_settings(written(tmp_path, document))
    told = sorted(problem.split("settings.json: ")[1] for problem in refused.value.problems)
    expected = [
        'confidence.index: given "p1"; Input should be',
        "labelStudio.anotators: is no setting; take it out",
        "nomenclature: given",
        "promotion.git.url: given",
        "registry.model: is missing; add it",
        'sample.budget: given "500"; Input should be a valid integer',
        "sample.shares: given",
    ]
    assert len(told) == len(expected)
    for line, start in zip(told, expected, strict=True):
        assert line.startswith(start)
    assert any("expected shares that are 1 together, they are 1.25" in line for line in told)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="keys that stand twice in one object: store"):
        read_settings(written(tmp_path, '{"store": {}, "store": {}}'))


def test_a_command_ends_with_2_when_its_sections_are_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {name: WHOLE[name] for name in ("store", "confidence")}
    assert main(["push", "--settings", str(written(tmp_path, document))]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split("settings.json: ")[1].split(":")[0] for line in told] == ["nomenclature", "labelStudio"]


def test_credentials_that_are_missing_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert main(["decide", "--dry-run", "--settings", str(written(tmp_path, WHOLE))]) == 2
    told = capsys.readouterr().err
    assert "AWS_ACCESS_KEY_ID: is missing" in told and "AWS_SECRET_ACCESS_KEY: is missing" in told
