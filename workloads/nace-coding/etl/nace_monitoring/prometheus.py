"""The report of a check as figures for Prometheus (text format, for the textfile collector or a push gateway)."""

from typing import Any

DECISIONS = ("stable", "drift", "too-few-rows")


def lines(report: dict[str, Any]) -> str:
    """The figures, each with its help and type."""
    figures: dict[str, tuple[str, list[tuple[dict[str, str], float]]]] = {
        "nace_drift_decision": (
            "1 for what the last check decided.",
            [({"decision": one}, float(one == report["decision"])) for one in DECISIONS],
        ),
        "nace_drift_rows": ("Rows of a window.", [({"window": name}, window["rows"]) for name, window in report["windows"].items()]),
        "nace_drift_automatic_share": (
            "Share of the rows of a window that reach the threshold.",
            [
                ({"window": name}, window["automaticShare"])
                for name, window in report["windows"].items()
                if window["automaticShare"] is not None
            ],
        ),
    }
    found = report.get("aspects", [])
    if "p_value" in report:
        figures["nace_drift_p_value"] = ("How often chance makes as much, over all aspects.", [({}, report["p_value"])])
    figures["nace_drift_aspect_p_value"] = (
        "The same of an aspect, adjusted for their number.",
        [({"aspect": one["name"]}, one["p_value"]) for one in found],
    )
    figures["nace_drift_distance_beyond_chance"] = (
        "Jensen-Shannon distance beyond what chance makes on average.",
        [({"aspect": one["name"]}, one["distanceBeyondChance"]) for one in found],
    )
    for part in ("value", "threshold"):
        figures[f"nace_drift_metric_{part}"] = (
            f"The {part} of a metric of an aspect.",
            [({"aspect": one["name"], "metric": name}, measured[part]) for one in found for name, measured in one["metrics"].items()],
        )
    figures["nace_drift_changed_classes"] = (
        "Classes or words whose share has changed.",
        [({"aspect": one["name"]}, one["changed"]) for one in found if "changed" in one],
    )
    told = report.get("accuracy", {})
    figures["nace_accuracy"] = (
        "Accuracy: estimated from confidences, promised by them for annotated rows, observed on these.",
        [
            ({"kind": kind, "bound": bound}, told[kind][bound])
            for kind in ("estimated", "estimatedAutomatic", "promised", "observed")
            if told.get(kind)
            for bound in ("value", "low", "high")
        ],
    )
    text = []
    for name, (help_text, values) in figures.items():
        if values:
            text += [f"# HELP {name} {help_text}", f"# TYPE {name} gauge"]
            text += [f"{name}{_labels(labels)} {value:.12g}" for labels, value in values]
    return "\n".join(text) + "\n"


def _labels(labels: dict[str, str]) -> str:
    escaped = (f'{name}="' + value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") + '"' for name, value in labels.items())
    return "{" + ",".join(escaped) + "}" if labels else ""
