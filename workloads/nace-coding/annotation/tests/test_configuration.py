import pytest

from nace_annotation.configuration import change_value, read_value
from nace_annotation.problems import Problems

TEXT = """\
# What runs in production.
inference:   # the service
    model: {name: FastText-APE, version: 3}   # moved by promotion
    image:
        digest: 'sha256:aaaa'  # of this week
    tags: ["été", 'b']
other:
- name:    x
  version: "3"
"""


def test_only_the_value_changes() -> None:
    changed = change_value(TEXT, ("inference", "model", "version"), "4", "f.yaml")
    assert changed == TEXT.replace("version: 3}", "version: 4}")
    changed = change_value(changed, ("inference", "image", "digest"), "sha256:bbbb", "f.yaml")
    assert changed == TEXT.replace("version: 3}", "version: 4}").replace("aaaa", "bbbb")


def test_a_text_stays_a_text_and_line_ends_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert change_value(text, ("other", 0, "version"), "4", "f.yaml") == text.replace('version: "3"', 'version: "4"')
    assert change_value("version: champion\n", ("version",), "4", "f.yaml") == 'version: "4"\n'


def test_characters_before_the_value_do_not_move_it() -> None:
    text = "été: 'œuvre 🙂'\nversion: 3 # 🙂\n"
    assert change_value(text, ("version",), "12", "f.yaml") == "été: 'œuvre 🙂'\nversion: 12 # 🙂\n"


def test_a_value_that_is_not_there_is_told() -> None:
    with pytest.raises(Problems, match=r"f\.yaml: inference\.model\.tag: found nothing, expected a value"):
        read_value(TEXT, ("inference", "model", "tag"), "f.yaml")
    with pytest.raises(Problems, match=r"f\.yaml: inference\.model: found an object or a list"):
        change_value(TEXT, ("inference", "model"), "4", "f.yaml")
    with pytest.raises(Problems, match="is not a YAML document"):
        read_value("a: [", ("a",), "f.yaml")


def test_a_value_that_others_refer_to_is_refused() -> None:
    with pytest.raises(Problems, match="something refers to it"):
        change_value("a: &version 3\nb: *version\n", ("a",), "4", "f.yaml")
