"""What people see: the labelling configuration of a project, its tasks, and the model's suggestions."""

from typing import Any
from xml.etree import ElementTree

from .nomenclature import UNCLASSIFIABLE, Codes
from .table import FORM, Row

#: Names of the controls, which `pull` reads again.
CODE, REMARKS, TEXT = "code", "remarks", "text"
NOT_CLASSIFIABLE = f"{UNCLASSIFIABLE} Inclassable"
_NAMES = {
    "type": "Type of form", "nature": "Nature", "surface": "Surface class", "event": "Event", "cj": "Legal category",
    "permanence": "Permanence",
}  # fmt: skip


def path_of(codes: Codes, code: str) -> list[str]:
    """A code as people read it in the taxonomy, from the section down."""
    return [codes.shown(level) for level in codes.entries[code].levels]


def _form(root: ElementTree.Element, more: dict[str, str]) -> None:
    ElementTree.SubElement(root, "Header", value="Activity")
    ElementTree.SubElement(root, "Text", name=TEXT, value="$text", granularity="word")
    for name, title in (_NAMES | more).items():
        block = ElementTree.SubElement(root, "View", style="display: flex; gap: 0.5em")
        ElementTree.SubElement(block, "Header", value=title, size="5")
        ElementTree.SubElement(block, "Text", name=f"field_{name}", value=f"${name}")


def _remarks(root: ElementTree.Element) -> None:
    ElementTree.SubElement(root, "Header", value="Remarks", size="5")
    ElementTree.SubElement(root, "TextArea", name=REMARKS, toName=TEXT, maxSubmissions="1", editable="true", rows="2")


def coding_interface(codes: Codes) -> str:
    """A form, the whole nomenclature as a tree of which one leaf is taken, and remarks."""
    root = ElementTree.Element("View")
    _form(root, {})
    tree = ElementTree.SubElement(
        root, "Taxonomy", name=CODE, toName=TEXT, leafsOnly="true", maxUsages="1", required="true", showFullPath="true",
        requiredMessage=f"Choose a code, or {NOT_CLASSIFIABLE}", placeholder="Code or words of its title",
    )  # fmt: skip
    nodes: dict[tuple[str, ...], ElementTree.Element] = {}
    for code in sorted(codes.entries, key=lambda each: codes.entries[each].levels):
        parent = tree
        # A level with the code of the one above it is that one.
        path = path_of(codes, code)
        for depth, value in enumerate(path, start=1):
            place = tuple(path[:depth])
            if place not in nodes:
                nodes[place] = ElementTree.SubElement(parent, "Choice", value=value)
            parent = nodes[place]
    ElementTree.SubElement(tree, "Choice", value=NOT_CLASSIFIABLE)
    _remarks(root)
    return ElementTree.tostring(root, encoding="unicode")


def revision_interface() -> str:
    """A form with the code that it had, and the legal successors of that code alone, which each task brings along."""
    root = ElementTree.Element("View")
    _form(root, {"code_before": "Code before the revision"})
    ElementTree.SubElement(
        root, "Choices", name=CODE, toName=TEXT, value="$candidates", choice="single-radio", required="true",
        requiredMessage=f"Choose a successor, or {NOT_CLASSIFIABLE}", layout="vertical",
    )  # fmt: skip
    _remarks(root)
    return ElementTree.tostring(root, encoding="unicode")


def _data(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "text": row["text"] or row["text_clean"], **{name: row[name] or "–" for name in FORM}}


def _prediction(row: Row, score: float, kind: str, value: Any) -> dict[str, Any]:
    result = {"from_name": CODE, "to_name": TEXT, "type": kind, "value": {kind: value}}
    return {"model_version": f"{row['model_name']} {row['model_version']}", "score": score, "result": [result]}


def coding_task(row: Row, codes: Codes, *, suggest: bool) -> dict[str, Any]:
    """A task of a sample, with up to five suggestions; a code that the nomenclature no longer has is not suggested."""
    ranked = [(row[f"code_{rank}"], row[f"probability_{rank}"]) for rank in range(1, 6)]
    known = [(code, min(float(score), 1.0)) for code, score in ranked if suggest and code in codes.entries]
    return {
        "data": _data(row),
        "predictions": [_prediction(row, score, "taxonomy", [path_of(codes, code)]) for code, score in known],
    }


def revision_task(row: Row, codes: Codes) -> dict[str, Any]:
    """A task of a revision: what the form was coded as, and what that may become."""
    offered = [{"value": codes.shown(code)} for code in row["candidates"]] + [{"value": NOT_CLASSIFIABLE}]
    before = f"{row['code_before']} {row['title_before'] or ''}".strip()
    return {"data": _data(row) | {"code_before": before, "candidates": offered}}


def code_of(shown: str) -> str:
    """The code of what people read."""
    return shown.split(" ", 1)[0]
