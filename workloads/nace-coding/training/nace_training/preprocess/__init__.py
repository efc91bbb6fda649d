"""How a description becomes what the model reads: data in `preprocess.json`, carried out alike in Python and in TypeScript."""

from .pipeline import Preprocessor
from .spec import Spec, read_spec

__all__ = ["Preprocessor", "Spec", "read_spec"]
