"""Changes a value in a YAML file and nothing else: comments, order, quotes and line ends stay."""

from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .problems import Problems

Path = Sequence[str | int]


def _shown(path: Path) -> str:
    return ".".join(str(part) for part in path)


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
        child: Node = node.value[part]
        return child
    return None


def _scalar(text: str, path: Path, file: str) -> ScalarNode:
    try:
        node: Node | None = YAML(typ="rt").compose(text)
    except YAMLError as error:
        raise Problems([f"{file}: is not a YAML document: {error}; mend it"]) from error
    for part in path:
        node = None if node is None else _child(node, part)
    if not isinstance(node, ScalarNode):
        found = "nothing" if node is None else "an object or a list"
        raise Problems([f"{file}: {_shown(path)}: found {found}, expected a value; mend promotion.version or promotion.digest"])
    return node


def read_value(text: str, path: Path, file: str) -> str:
    """
    A value as text.

    :raises Problems: when there is none
    """
    return str(_scalar(text, path, file).value)


def _data(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _put(document: Any, path: Path, value: Any) -> None:
    for part in path[:-1]:
        document = document[part]
    document[path[-1]] = value


def _get(document: Any, path: Path) -> Any:
    for part in path:
        document = document[part]
    return document


def change_value(text: str, path: Path, value: str, file: str) -> str:
    """
    The text with another value; a number stays a number, and a text a text.

    :raises Problems: when there is no value to change, or when others would change with it
    """
    node = _scalar(text, path, file)
    quote = node.style if node.style in ("'", '"') else ""
    if node.style in ("|", ">"):
        raise Problems([f"{file}: {_shown(path)}: found a text of several lines, expected a value on one; write it so"])
    before = _get(_data(text), path)
    # A version that was text without quotes would become a number.
    if not quote and isinstance(before, str) and value.isdigit():
        quote = '"'
    changed = text[: node.start_mark.index] + quote + value + quote + text[node.end_mark.index :]
    wanted = _data(text)
    _put(wanted, path, int(value) if isinstance(before, int) and value.isdigit() else value)
    try:
        is_alone = _data(changed) == wanted
    except YAMLError:
        is_alone = False
    if not is_alone:
        raise Problems([f"{file}: {_shown(path)}: cannot become {value} alone: something refers to it; write it out wherever it is used"])
    return changed
