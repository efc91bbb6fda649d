"""Records of answers to Parquet, and drift between two windows of them."""

__version__ = "1.0.0"
