import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from conftest import MARGIN, parquet, record
from programs import built_program
from tls import https, make_certificate

from nace_annotation.cluster import Cluster
from nace_annotation.decide import decide
from nace_annotation.evidence import estimate
from nace_annotation.problems import Failed, Problems
from nace_annotation.registry import ModelRegistry, Version
from nace_annotation.settings import Accuracy, Retraining
from nace_annotation.store import Objects

NOW = datetime(2026, 2, 10, 6, tzinfo=UTC)
TODAY = NOW.date()
ACCURACY = {"of": "all", "required": 0.8, "days": 60, "minimumRows": 50}
SETTINGS: dict[str, Any] = {
    "sustainedDays": 3,
    "accuracy": ACCURACY,
    "minimumAnnotations": 100,
    "coolDownDays": 7,
    "runsPerMonth": 2,
    "workflow": {"namespace": "nace", "template": "train-grid", "serviceAccountName": "workflow", "parameters": {"reason": "drift"}},
}


class Registry(ModelRegistry):
    """Version 3 is in production since the first of January; the real registry is in test_promotion.py."""

    def __init__(self) -> None:
        self.model = "FastText-APE"

    def by_alias(self, alias: str) -> Version | None:
        return Version("3", "run", datetime(2026, 1, 1, tzinfo=UTC), {}, {}, {}) if alias == "champion" else None


class ApiServer:
    """
    What the Kubernetes API answers to a creation, with TLS and the Pod's token: 201, 409 when the name is taken, 403 without the right.
    """

    def __init__(self) -> None:
        self.created: dict[str, dict[str, Any]] = {}
        self.attempts = 0
        self.forbids = False

    def handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.attempts += 1
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = body["metadata"]["name"]
                status = 201
                if self.headers["Authorization"] != "Bearer token-of-pod" or server.forbids:
                    status = 403
                elif self.path != "/apis/argoproj.io/v1alpha1/namespaces/nace/workflows":
                    status = 404
                elif name in server.created:
                    status = 409
                else:
                    server.created[name] = body
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: object) -> None:
                """Keeps quiet."""

        return Handler


@pytest.fixture
def api() -> ApiServer:
    return ApiServer()


@pytest.fixture
def cluster(api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    certificate = make_certificate(tmp_path / "account")
    (tmp_path / "account/token").write_text("token-of-pod\n")
    with https(api.handler(), certificate) as url:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT_HTTPS", url.rpartition(":")[2])
        yield Cluster.of_pod(tmp_path / "account")


def retraining(**more: Any) -> Retraining:
    return Retraining.model_validate_json(json.dumps(SETTINGS | more))


def drift(folder: Path, *decisions: str, last: date = TODAY, accuracy: dict[str, Any] | None = None) -> None:
    for back, decision in enumerate(reversed(decisions)):
        day = last - timedelta(days=back)
        file = folder / f"drift/{day}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"format": 1, "date": day.isoformat(), "decision": decision, "reason": "", "accuracy": accuracy}))


def gold(folder: Path, right: int, wrong: int, *, annotated: str = "2025-12-31", model: str = "3", index: str = "margin") -> None:
    rows = []
    for number in range(right + wrong):
        row = record(number, model_version=model, index=index)
        code = row["code_1"] if number < right else "9999Z"
        rows.append(row | {"code": code, "annotated_at": f"{annotated} 00:00:00", "inclusion_probability": 0.1, "occurrences": 1})
    columns = {"code": "VARCHAR", "annotated_at": "TIMESTAMP", "inclusion_probability": "DOUBLE", "occurrences": "BIGINT"}
    parquet(folder / "gold/gold.parquet", rows, columns)


def run(objects: Objects, cluster: Cluster | None, at: datetime = NOW, **more: Any) -> Any:
    return decide(objects, retraining(**more), MARGIN, Registry(), at, cluster)


def test_sustained_drift_with_lost_accuracy_starts_the_grid(objects: Objects, folder: Path, cluster: Cluster, api: ApiServer) -> None:
    drift(folder, "drift", "drift", "drift")
    gold(folder, 40, 40)
    done = run(objects, cluster)
    assert done.submitted == ["train-grid-000001"]
    [reason] = done.decision["reasons"]
    assert reason.startswith("drift on 3 days in a row, and an accuracy of 0.500, at most 0.59") and done.decision["brakes"] == []
    body = api.created["train-grid-000001"]
    assert (body["apiVersion"], body["kind"], body["metadata"]["namespace"]) == ("argoproj.io/v1alpha1", "Workflow", "nace")
    assert body["spec"] == {
        "workflowTemplateRef": {"name": "train-grid"},
        "serviceAccountName": "workflow",
        "arguments": {"parameters": [{"name": "reason", "value": "drift"}]},
    }
    assert body["metadata"]["annotations"]["nace-coding/reasons"] == reason
    kept = json.loads((folder / "retraining/decisions/000001.json").read_text())
    assert kept == json.loads(json.dumps(done.decision, default=str))
    assert kept["facts"]["accuracy"]["rows"] == 80 and kept["facts"]["drift"]["sustained"]


def test_argo_accepts_the_workflow(objects: Objects, folder: Path, tmp_path: Path) -> None:
    """With the program of Argo Workflows itself, beside a WorkflowTemplate that has the parameter."""
    gold(folder, 100, 0, annotated="2026-02-01")
    workflow = run(objects, None).decision["workflow"]
    container = {"name": "main", "container": {"image": "example.org/train", "args": ["{{workflow.parameters.reason}}"]}}
    spec = {"entrypoint": "main", "arguments": {"parameters": [{"name": "reason", "value": "none"}]}, "templates": [container]}
    metadata = {"name": "train-grid", "namespace": "nace"}
    template = {"apiVersion": "argoproj.io/v1alpha1", "kind": "WorkflowTemplate", "metadata": metadata, "spec": spec}
    (tmp_path / "lint").mkdir()
    for name, document in (("template", template), ("workflow", workflow)):
        (tmp_path / f"lint/{name}.json").write_text(json.dumps(document))
    command = [built_program("argo"), "lint", "--offline", "--kinds=workflows,workflowtemplates", tmp_path / "lint"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    workflow["spec"]["workflowTemplateRef"]["name"] = "absent"
    (tmp_path / "lint/workflow.json").write_text(json.dumps(workflow))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    ("decisions", "right", "wrong"),
    [
        (("drift", "stable", "drift"), 40, 40),  # not sustained
        (("drift", "drift"), 40, 40),  # a day without a report
        (("drift", "drift", "too-few-rows"), 40, 40),
        (("drift", "drift", "drift"), 78, 2),  # the accuracy holds
        (("drift", "drift", "drift"), 60, 20),  # it may be 0.8 as well
        (("drift", "drift", "drift"), 10, 30),  # too few rows to tell
    ],
)
def test_less_does_not(
    objects: Objects, folder: Path, cluster: Cluster, api: ApiServer, decisions: tuple[str], right: int, wrong: int
) -> None:
    drift(folder, *decisions)
    gold(folder, right, wrong)
    done = run(objects, cluster)
    assert not done.decision["start"] and done.decision["reasons"] == [] and api.attempts == 0
    assert (folder / "retraining/decisions/000001.json").exists()


@pytest.mark.parametrize(
    ("accuracy", "start"),
    [
        ({"status": "estimated", "estimated": {"value": 0.6, "low": 0.55, "high": 0.7, "rows": 900}}, True),
        ({"status": "estimated", "estimated": {"value": 0.75, "low": 0.65, "high": 0.85, "rows": 900}}, False),
        ({"status": "contradicted", "estimated": {"value": 0.6, "low": 0.55, "high": 0.7, "rows": 900}}, False),
        ({"status": "too-few-rows"}, False),
    ],
)
def test_without_annotations_the_confidences_tell(objects: Objects, folder: Path, accuracy: dict[str, Any], start: bool) -> None:
    drift(folder, "drift", "drift", "drift", accuracy=accuracy)
    decision = run(objects, None).decision
    assert decision["start"] == start
    assert not start or "0.600, at most 0.700, by confidence" in decision["reasons"][0]


def test_yesterdays_report_is_the_latest_in_the_morning(objects: Objects, folder: Path, cluster: Cluster) -> None:
    drift(folder, "drift", "drift", "drift", last=NOW.date() - timedelta(days=1))
    gold(folder, 40, 40)
    assert run(objects, cluster).decision["start"]
    assert not run(objects, None, NOW + timedelta(days=20)).decision["facts"]["drift"]["sustained"]


def test_enough_new_annotations_start_the_grid(objects: Objects, folder: Path, cluster: Cluster) -> None:
    gold(folder, 99, 0, annotated="2026-02-01")
    assert not run(objects, cluster).decision["start"]
    gold(folder, 100, 0, annotated="2025-12-31")
    assert run(objects, None).decision["facts"]["annotations"] == 0
    gold(folder, 100, 0, annotated="2026-02-01")
    assert run(objects, cluster).decision["reasons"] == ["100 annotations since version 3 was made, at least 100"]


def test_it_cools_down_and_keeps_to_the_budget(objects: Objects, folder: Path, cluster: Cluster, api: ApiServer) -> None:
    gold(folder, 100, 0, annotated="2026-02-01")
    starts = []
    for day in range(20):
        done = run(objects, cluster, NOW - timedelta(days=5) + timedelta(days=day))
        if done.decision["start"]:
            starts.append(day)
    assert starts == [0, 7]
    last = json.loads((folder / "retraining/decisions/000020.json").read_text())
    assert last["brakes"] == ["budget: 2 retrainings started in 2026-02, at most 2 may"]
    assert sorted(api.created) == ["train-grid-000001", "train-grid-000008"]
    assert run(objects, cluster, datetime(2026, 3, 1, tzinfo=UTC)).decision["start"]


def test_a_dry_run_writes_and_starts_nothing(objects: Objects, folder: Path, api: ApiServer) -> None:
    gold(folder, 100, 0, annotated="2026-02-01")
    done = run(objects, None)
    assert done.decision["start"] and done.is_dry_run and done.decision["workflow"]["kind"] == "Workflow"
    assert not (folder / "retraining").exists() and api.attempts == 0


def test_what_could_not_be_started_is_started_later_and_once(objects: Objects, folder: Path, cluster: Cluster, api: ApiServer) -> None:
    gold(folder, 100, 0, annotated="2026-02-01")
    api.forbids = True
    with pytest.raises(Failed, match="403"):
        run(objects, cluster)
    api.forbids = False
    done = run(objects, cluster, NOW + timedelta(hours=1))
    assert done.submitted == ["train-grid-000001"] and not done.decision["start"]
    # As after an end between the creation and its mark.
    (folder / "retraining/decisions/000001.submitted.json").unlink()
    run(objects, cluster, NOW + timedelta(hours=2))
    assert list(api.created) == ["train-grid-000001"]
    assert json.loads((folder / "retraining/decisions/000001.submitted.json").read_text())["wasThere"]


def test_of_two_that_decide_at_once_one_starts(objects: Objects, folder: Path, cluster: Cluster, api: ApiServer) -> None:
    gold(folder, 100, 0, annotated="2026-02-01")
    create = objects.create

    def slower(key: str, content: bytes) -> bool:
        objects.create = create  # type: ignore[method-assign]
        assert run(objects, cluster).decision["start"]
        return create(key, content)

    objects.create = slower  # type: ignore[method-assign]
    done = run(objects, cluster)
    assert done.decision["number"] == 2 and not done.decision["start"]
    assert list(api.created) == ["train-grid-000001"]


def test_another_version_or_index_says_nothing_about_this_one(objects: Objects, folder: Path) -> None:
    gold(folder, 0, 80, model="2")
    assert run(objects, None).decision["facts"]["accuracy"]["verdict"] == "too-few-rows"
    gold(folder, 0, 80, index="p1")
    with pytest.raises(Problems, match="index: given p1, expected margin"):
        run(objects, None)


def test_a_report_that_cannot_be_read_is_told(objects: Objects, folder: Path) -> None:
    drift(folder, "drift", "maybe")
    with pytest.raises(Problems, match=r"drift/2026-02-10\.json: decision"):
        run(objects, None)


def test_automatic_accuracy_leaves_out_what_people_see(objects: Objects, folder: Path) -> None:
    gold(folder, 60, 60)
    every = run(objects, None).decision["facts"]["accuracy"]["rows"]
    rows = run(objects, None, accuracy=ACCURACY | {"of": "automatic"}).decision["facts"]["accuracy"]["rows"]
    assert (every, rows) == (120, 120)
    higher = MARGIN.model_copy(update={"threshold": 0.51})
    done = decide(objects, retraining(accuracy=ACCURACY | {"of": "automatic"}), higher, Registry(), NOW, None)
    assert done.decision["facts"]["accuracy"]["rows"] == 0


def test_weights_count_and_cost_precision() -> None:
    settings = Accuracy.model_validate_json(json.dumps(ACCURACY))
    even = estimate([(1.0, at % 10 != 0) for at in range(100)], settings)
    assert even.accuracy == pytest.approx(0.9)
    # Wilson's interval, one-sided at 95 %, of 90 of 100.
    assert (even.lower, even.upper) == (pytest.approx(0.8387, abs=1e-3), pytest.approx(0.9398, abs=1e-3))
    uneven = estimate([(10.0 if at % 10 == 0 else 1.0, at % 10 != 0) for at in range(100)], settings)
    assert uneven.accuracy == pytest.approx(90 / 190)
    assert uneven.upper is not None and uneven.lower is not None and uneven.upper - uneven.lower > 0.2


def test_outside_a_pod_everything_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(Problems) as refused:
        Cluster.of_pod(tmp_path)
    assert len(refused.value.problems) == 3
