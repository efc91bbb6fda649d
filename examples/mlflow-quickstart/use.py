"""What a colleague does the next day: reads the run that stands behind the model "champion", downloads its file, loads the model
and codes new descriptions. Needs the same environment as `train.py`; the last line of the output is a summary in JSON.
"""

import hashlib
import json
import pathlib
import tempfile

import mlflow

MODEL, ALIAS = "nace-sections", "champion"

client = mlflow.MlflowClient()
version = client.get_model_version_by_alias(MODEL, ALIAS)
run = client.get_run(version.run_id)
print(f'"{ALIAS}" of "{MODEL}" is version {version.version}, accuracy {run.data.metrics["accuracy"]:.0%}.')

with tempfile.TemporaryDirectory() as folder:
    table = mlflow.artifacts.download_artifacts(run_id=version.run_id, artifact_path="predictions.csv", dst_path=folder)
    predictions = pathlib.Path(table).read_bytes()

model = mlflow.sklearn.load_model(f"models:/{MODEL}@{ALIAS}")
new = ["growing of pears", "software for web sites", "building of roads", "hotel and restaurant"]
coded = dict(zip(new, model.predict(new).tolist()))
for activity, section in coded.items():
    print(f"{section}  {activity}")

print(
    json.dumps(
        {
            "runId": version.run_id,
            "version": str(version.version),
            "parameters": run.data.params,
            "accuracy": run.data.metrics["accuracy"],
            "predictionsSha256": hashlib.sha256(predictions).hexdigest(),
            "coded": coded,
        }
    )
)
