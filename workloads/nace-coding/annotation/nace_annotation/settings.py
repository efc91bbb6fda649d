"""The settings: one JSON file, read strictly, all problems at once."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from .problems import Problems

#: The gold set that `revision` makes, unless another is named.
REVISED = "gold/nace21.parquet"

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/=-]*$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=40)]


def _web(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError("expected an address that begins with https:// or http://")
    return url.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web)]


class Section(BaseModel):
    """A part of the settings: unknown keys are refused, and no value is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)


class Store(Section):
    """Where objects lie."""

    url: Annotated[str, Field(pattern=r"^(s3://[a-z0-9][a-z0-9.-]*(/[^?#]*)?|file:///[^?#]*)$")]
    endpoint: WebAddress | None = None
    region: Text = "us-east-1"


class Confidence(Section):
    """The index of confidence and its threshold, one value for the whole case."""

    index: Literal["margin"]
    threshold: Share


class Nomenclature(Section):
    """Codes that people may give: `labels.json` of a model, from a file or from the registry."""

    labels: Text | None = None
    alias: Text | None = None
    titles: Literal["naf2", "nace2", "nace21"] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.labels is None) == (self.alias is None):
            raise ValueError("expected one of labels (path of a labels.json) and alias (of a version in the registry)")
        return self


class Registry(Section):
    """The MLflow server and the model's name in it."""

    url: WebAddress
    model: Text


class Shares(Section):
    """What part of the budget goes by which reason; together 1."""

    random: Annotated[float, Field(gt=0, le=1)]
    margin: Share
    coverage: Share
    disagreement: Share

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.random + self.margin + self.coverage + self.disagreement
        if abs(total - 1) > 1e-9:
            raise ValueError(f"expected shares that are 1 together, they are {total:g}")
        return self


class Queue(Section):
    """Specialists, by the beginning of the code that the model gives."""

    name: Name
    prefixes: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z0-9]{1,5}$")], ...], Field(min_length=1)]


class Sample(Section):
    """What people annotate."""

    budget: Count
    days: Count
    seed: int
    shares: Shares
    queues: tuple[Queue, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [queue.name for queue in self.queues]
        prefixes = [prefix for queue in self.queues for prefix in queue.prefixes]
        reserved = {"general", "arbitration", "revision"}.intersection(names)
        twice = sorted({each for each in [*names, *prefixes] if [*names, *prefixes].count(each) > 1})
        if twice or reserved:
            raise ValueError(f"expected names and prefixes of queues once each, and none of the own names: {twice or sorted(reserved)}")
        return self


class LabelStudio(Section):
    """The service in which people annotate."""

    url: WebAddress
    annotators: Count = 3
    minimum_annotations: Count = 1
    suggestions: Literal["all", "targeted", "none"] = "all"
    tasks_per_import: Annotated[int, Field(ge=1, le=5000)] = 250
    title: Annotated[str, Field(min_length=1, max_length=12)] = "NACE"
    instructions: str = ""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.minimum_annotations > self.annotators:
            raise ValueError(f"expected minimumAnnotations of at most annotators, which is {self.annotators}")
        return self


class Revision(Section):
    """A change of the nomenclature."""

    concordance: Literal["nace2-nace21"]
    source: Key = "gold/gold.parquet"
    target: Key = REVISED

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.source == self.target:
            raise ValueError("expected a target that is not the source: labels of two nomenclatures do not mix")
        return self


class Accuracy(Section):
    """Accuracy that the model in production must have, by what people said in the last days."""

    #: `automatic`: what no person sees; `all`: also what is below the threshold.
    of: Literal["automatic", "all"]
    required: Share
    days: Count
    minimum_rows: Count
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


class Workflow(Section):
    """What runs the grid: a WorkflowTemplate of Argo Workflows."""

    namespace: Name
    template: Name
    service_account_name: Name | None = None
    parameters: dict[str, str] = {}


class Retraining(Section):
    """When the grid starts, and how often at most."""

    sustained_days: Count
    accuracy: Accuracy
    minimum_annotations: Count
    cool_down_days: Annotated[int, Field(ge=0)]
    runs_per_month: Count
    workflow: Workflow


class Git(Section):
    """The repository of the configuration."""

    url: Annotated[str, Field(pattern=r"^(https://|file:///)[^@\s]+$")]
    branch: Text = "main"
    author: Annotated[str, Field(pattern=r"^[^<>\n]+ <[^<>\s]+@[^<>\s]+>$")]
    attempts: Count = 5


class Shadow(Section):
    """What the challenger must have shown beside the champion."""

    days: Count
    minimum_rows: Count
    minimum_annotated: Annotated[int, Field(ge=0)]


class Promotion(Section):
    """How a version comes to production."""

    git: Git
    file: Annotated[str, Field(pattern=r"^[^/].*\.ya?ml$")]
    version: Annotated[tuple[str | int, ...], Field(min_length=1)]
    digest: Annotated[tuple[str | int, ...], Field(min_length=1)] | None = None
    metric: Text
    gold_digest: Text | None = None
    minimum_gain: Annotated[float, Field(ge=0)] = 0.0
    shadow: Shadow


class Settings(Section):
    """All of it; a command says which sections it needs."""

    store: Store
    certificate_authority: Text | None = None
    confidence: Confidence
    nomenclature: Nomenclature | None = None
    registry: Registry | None = None
    sample: Sample | None = None
    label_studio: LabelStudio | None = None
    revision: Revision | None = None
    retraining: Retraining | None = None
    promotion: Promotion | None = None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"keys that stand twice in one object: {', '.join(twice)}; keep one of each")
    return dict(pairs)


def _sentence(file: Path, error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "the whole"
    if error["type"] == "missing":
        return f"{file}: {place}: is missing; add it (README.md, Settings)"
    if error["type"] == "extra_forbidden":
        return f"{file}: {place}: is no setting; take it out or mend its name (README.md, Settings)"
    given = json.dumps(error["input"], default=str)
    shown = given if len(given) <= 100 else given[:97] + "..."
    return f"{file}: {place}: given {shown}; {error['msg'].removeprefix('Value error, ')}; mend it"


def read_settings(file: Path, needed: Iterable[str] = ()) -> Settings:
    """
    Reads the settings.

    :param needed: sections that the command cannot do without
    :raises Problems: when the file cannot be read, or with everything that is wrong in it
    """
    try:
        text = file.read_text(encoding="utf-8")
        json.loads(text, object_pairs_hook=_once)
    except (OSError, ValueError) as error:
        raise Problems([f"{file}: cannot be read as JSON: {error}; mend it (README.md, Settings)"]) from error
    try:
        settings = Settings.model_validate_json(text)
    except ValidationError as invalid:
        raise Problems(_sentence(file, error) for error in invalid.errors(include_url=False)) from invalid
    absent = [name for name in needed if getattr(settings, name) is None]
    if absent:
        raise Problems(f"{file}: {to_camel(name)}: is missing, and this command needs it; add it" for name in absent)
    return settings
