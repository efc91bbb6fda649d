from pathlib import Path

import pytest

from nace_annotation.configuration import change_value, read_value
from nace_annotation.problems import Problems

BLUEPRINT = Path(__file__).parents[4] / "blueprints/nace-coding/config.yaml"
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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  serves: { version: 7 } # by a commit", "  serves: { version: 8 } # by a commit"),
        ("  serves: {version: 7}", "  serves: {version: 8}"),
        ("  serves: { 'version' : '7', other: [7, 7] }", "  serves: { 'version' : '8', other: [7, 7] }"),
        ("  serves:\n    # by a commit\n    version:   7   # 7", "  serves:\n    # by a commit\n    version:   8   # 7"),
        ("  serves: {\n    version: 7\n  }", "  serves: {\n    version: 8\n  }"),
    ],
)
def test_every_way_to_write_a_version_is_kept(before: str, after: str) -> None:
    around = "# head\n\ncoding:\n  model: nace-coding\n{}\n  shadow: {{ alias: challenger }}\n\n# tail\n"
    path = ("coding", "serves", "version")
    assert read_value(around.format(before), path, "config.yaml") == "7"
    assert change_value(around.format(before), path, "8", "config.yaml") == around.format(after)


@pytest.mark.skipif(not BLUEPRINT.exists(), reason="blueprints/ is not there")
def test_a_configuration_of_the_platform_keeps_every_other_byte() -> None:
    text = BLUEPRINT.read_text(encoding="utf-8")
    by_version = text.replace("serves: { alias: champion }", "serves: { version: 7 }", 1)
    assert by_version != text
    changed = change_value(by_version, ("coding", "serves", "version"), "12", "config.yaml")
    assert changed == by_version.replace("serves: { version: 7 }", "serves: { version: 12 }", 1)
    with pytest.raises(Problems, match=r"coding\.serves\.version: found nothing, expected a value"):
        change_value(text, ("coding", "serves", "version"), "12", "config.yaml")


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
