"""The cells of the Quarto document run over the same SQL. Quarto itself is in no package registry, so the document is not rendered here."""

import re

import pytest

from nace_dashboard.database import ROOT, panels

DOCUMENT = (ROOT / "quarto" / "monitoring.qmd").read_text("utf8")
CELLS = re.findall(r"(?ms)^```\{python\}\n(.*?)^```$", DOCUMENT)


def test_every_cell_runs_and_shows_the_figures(case: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib

    matplotlib.use("Agg")
    for name, value in case.items():
        monkeypatch.setenv(name, value)
    assert len(CELLS) == DOCUMENT.count("```{python}") == 7
    names: dict[str, object] = {}
    for number, cell in enumerate(CELLS):
        exec(compile(cell, f"cell {number + 1}", "exec"), names)
    assert names["share"] == 0.5
    assert names["accuracy"].loc[5, "automatic"] == 0.7  # type: ignore[attr-defined]
    assert names["metrics"].set_index("aspect").loc["level_1", "reference_rows"] == 12  # type: ignore[attr-defined]


def test_it_asks_for_panels_that_there_are() -> None:
    asked = set(re.findall(r'panel\("([a-z-]+)"\)', DOCUMENT))
    assert asked
    assert asked <= set(panels())


def test_it_has_no_threshold_of_its_own() -> None:
    assert "0.8" not in DOCUMENT
