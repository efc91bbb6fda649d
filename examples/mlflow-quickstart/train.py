"""Learns to code descriptions of economic activities into sections of NACE, and keeps the work in MLflow.

What it leaves behind: an experiment, a run with its parameters and metrics, a file (the predictions, so that a colleague can
check them), a registered model, and the alias "champion" on the version it made. `use.py` reads all of it back.

The address and the credentials come from the environment: MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD.
The last line of the output is a summary in JSON.
"""

import json
import pathlib
import tempfile

import mlflow
import pandas
from mlflow.models import infer_signature
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

EXPERIMENT = "nace-sections"
MODEL = "nace-sections"
ALIAS = "champion"
PARAMETERS = {"ngram_max": 4, "regularisation": 10.0, "folds": 4}

activities = pandas.read_csv(pathlib.Path(__file__).with_name("activities.csv"))
texts, sections = activities["activity"].tolist(), activities["section"].tolist()

mlflow.set_experiment(EXPERIMENT)
with mlflow.start_run() as run:
    mlflow.log_params(PARAMETERS)

    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, PARAMETERS["ngram_max"])),
        LogisticRegression(C=PARAMETERS["regularisation"], max_iter=1000),
    )
    predicted = cross_val_predict(model, texts, sections, cv=PARAMETERS["folds"])
    accuracy = accuracy_score(sections, predicted)
    mlflow.log_metrics({"accuracy": accuracy, "activities": len(texts)})
    print(f"Coded {len(texts)} activities; {accuracy:.0%} right when each was held out.")

    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder, "predictions.csv")
        activities.assign(predicted=predicted).to_csv(table, index=False)
        mlflow.log_artifact(str(table))

    model.fit(texts, sections)
    version = mlflow.sklearn.log_model(
        model,
        name="model",
        registered_model_name=MODEL,
        signature=infer_signature(texts, predicted),
        serialization_format="skops",
        pip_requirements=["mlflow-skinny", "scikit-learn", "skops", "pandas"],
    ).registered_model_version

mlflow.MlflowClient().set_registered_model_alias(MODEL, ALIAS, version)
print(f'Registered version {version} of the model "{MODEL}" and made it "{ALIAS}".')
print(
    json.dumps(
        {
            "experiment": EXPERIMENT,
            "experimentId": run.info.experiment_id,
            "runId": run.info.run_id,
            "artifactUri": run.info.artifact_uri,
            "accuracy": accuracy,
            "model": MODEL,
            "version": str(version),
            "alias": ALIAS,
        }
    )
)
