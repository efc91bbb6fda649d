"""Tables in files and in object stores: Parquet by its name, CSV otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pyarrow.csv
import pyarrow.fs
import pyarrow.parquet

from .data import FIELDS, SPLITS, Dataset, Example
from .errors import UserError, problems
from .nomenclatures import Nomenclature, plain

UNCLASSIFIABLE = "XXXXX"


def file_system(url: str) -> tuple[pyarrow.fs.FileSystem, str]:
    """
    Where a URL points: `s3://bucket/key` by the variables of the AWS command line (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`,
    `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_DEFAULT_REGION`, `AWS_CA_BUNDLE`), anything else is a path.
    """
    if not url.startswith("s3://"):
        return pyarrow.fs.LocalFileSystem(), str(Path(url).resolve())
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    store = pyarrow.fs.S3FileSystem(
        endpoint_override=endpoint,
        region=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        tls_ca_file_path=os.environ.get("AWS_CA_BUNDLE"),
    )
    return store, url.removeprefix("s3://")


def read_table(url: str) -> pd.DataFrame:
    """
    A table whose columns are texts, or null.

    :raises UserError: when it cannot be read
    """
    files, path = file_system(url)
    try:
        with files.open_input_file(path) as file:
            if path.endswith(".parquet"):
                table = pyarrow.parquet.read_table(file)
            else:
                names = file.read(1 << 20).split(b"\n", 1)[0].decode("utf-8-sig").strip().replace('"', "").split(",")
                file.seek(0)
                options = pyarrow.csv.ConvertOptions(column_types={name: pyarrow.string() for name in names}, strings_can_be_null=True)
                table = pyarrow.csv.read_csv(file, convert_options=options)
    except (OSError, pyarrow.ArrowException, UnicodeDecodeError) as error:
        raise UserError(f"{url} cannot be read: {error}. Give the path or s3:// URL of a Parquet or CSV file.") from error
    frame: pd.DataFrame = table.to_pandas()
    return frame


def read_annotated(url: str, nomenclature: Nomenclature, split: str = "gold") -> list[Example]:
    """
    What people annotated: the columns `text` and `code`, and those fields of the form that there are. What they found unclassifiable
    (`XXXXX`) is left out, and so is what a column `nomenclature` says is of another one, as from before a revision.

    :raises UserError: when a column is missing, or a text or a code, or when all of it is of another nomenclature
    """
    frame = read_table(url)
    missing = [f"column {name!r} is missing" for name in ("text", "code") if name not in frame.columns]
    if not missing:
        holes = frame.index[frame["text"].isna() | frame["code"].isna()]
        missing = [f"row {row + 1}: text or code is missing" for row in holes[:20]]
    if missing:
        raise problems(f"{url} is no table of annotations", missing, "Columns are text, code and the fields of a form.")
    if "nomenclature" in frame.columns:
        ours = frame["nomenclature"].isna() | (frame["nomenclature"] == nomenclature.name)
        if len(frame) > 0 and not ours.any():
            found = sorted(set(frame["nomenclature"]))
            remedy = "Give what people said in that nomenclature: `nace_annotation revision` makes it."
            raise problems(f"{url}: no row is of {nomenclature.name}", found, remedy)
        frame = frame[ours]
    fields = [name for name in FIELDS if name in frame.columns]
    examples = []
    for row in frame[frame["code"] != UNCLASSIFIABLE].to_dict("records"):
        given = {name: str(row[name]) for name in fields if isinstance(row[name], str) and row[name]}
        examples.append(Example(str(row["text"]), plain(str(row["code"])), "annotation", split, **given))
    unknown = sorted({each.code for each in examples if each.code not in nomenclature.labels})
    if unknown:
        raise problems(f"{url}: codes that {nomenclature.name} has not", unknown, "Correct them, or give the data of that nomenclature.")
    return examples


def write_dataset(dataset: Dataset, folder: Path) -> None:
    """One Parquet file for each split."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        table = pyarrow.Table.from_pandas(dataset.frame(split), preserve_index=False)
        pyarrow.parquet.write_table(table.replace_schema_metadata(None), folder / f"{split}.parquet")
