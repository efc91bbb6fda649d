"""Registers folders as versions of a model, as artifacts of a pyfunc: python register.py MODEL FOLDER..."""

import sys

import mlflow


class Nothing(mlflow.pyfunc.PythonModel):
    """What Python would serve; no test asks it."""

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        return model_input


name, *folders = sys.argv[1:]
mlflow.set_experiment("coding")
for folder in folders:
    with mlflow.start_run():
        mlflow.log_metrics({"accuracy_level_5": 0.5, "bakery - Result": 1, "bakery - IC": 0.25})
        mlflow.pyfunc.log_model(
            name="model", python_model=Nothing(), artifacts={"serving": folder}, pip_requirements=[], registered_model_name=name
        )
