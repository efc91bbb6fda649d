"""The model as MLflow loads it: a form goes in as it was filled in, and the preprocessing is inside. Loaded as code, not unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from nace_training.bundle import Bundle, read_bundle
from nace_training.classifier import BEST
from nace_training.confidence import margin
from nace_training.data import FIELDS


class NaceCoder(PythonModel):
    """Codes the rows of a table whose columns are the fields of a form."""

    bundle: Bundle

    def load_context(self, context: PythonModelContext) -> None:
        """Reads the bundle, whose sums must be right."""
        self.bundle = read_bundle(Path(context.artifacts["serving"]))

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """`code_1`, `probability_1` and so on to `k` (at most 5), and the confidence; empty for a form without words."""
        best = min(BEST, int((params or {}).get("k", BEST)))
        given = [name for name in ("text", *FIELDS) if name in model_input.columns]
        queries = [{name: row[name] if isinstance(row[name], str) else None for name in given} for row in model_input[given].to_dict("records")]
        rows: list[dict[str, Any]] = []
        for answer in self.bundle.classifier.code(queries):
            row: dict[str, Any] = {}
            for rank in range(1, best + 1):
                code, probability = answer[rank - 1] if rank <= len(answer) else (None, None)
                row |= {f"code_{rank}": code, f"probability_{rank}": probability}
            rows.append(row | {"confidence": margin(answer)})
        return pd.DataFrame(rows)


set_model(NaceCoder())
