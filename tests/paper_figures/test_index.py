from pathlib import Path

import pytest

from paper_figures import index, records
from paper_figures.catalogue import FIGURES, TABLES, caption_named
from paper_figures.index import PAPER, index_latex, index_markdown, sources
from tests.paper_figures import synthetic
from tests.paper_figures.test_catalogue import drawn

README = Path(__file__).parents[2] / "paper_figures" / "README.md"


@pytest.fixture
def folder(tmp_path):
    synthetic.mnist_rotation().save(tmp_path / "mnist_rotation-full.json")
    return tmp_path


@pytest.mark.slow  # draws no figure, but computes every caption and table
def test_the_committed_index_is_that_of_the_committed_records():
    assert README.read_text(encoding="utf-8") == index_markdown(records.folders())


def test_every_figure_table_and_image_is_in_the_committed_index():
    text = README.read_text(encoding="utf-8")
    assert all(f"\n### {name}\n" in text for name in FIGURES | TABLES)
    for name in FIGURES:
        if name in drawn(FIGURES):
            assert (README.parent / f"figures/{name}.png").is_file()
            assert f"](figures/{name}.png)" in text
        else:
            assert f"### {name}\n\nNot drawn: it lacks the record `" in text


def test_every_experiment_of_the_paper_has_figures_that_exist_and_commands():
    assert [one.name for one in PAPER] == ["E1", "E2", "E3", "E4", "E5"]
    for one in PAPER:
        assert set(one.figures) <= set(FIGURES | TABLES)
        assert one.experiments
        assert set(one.experiments) <= set(records.COMMANDS)


def test_the_index_takes_what_records_exist_and_names_the_commands_for_the_others(
    folder, monkeypatch
):
    some = {name: FIGURES[name] for name in ("mnist_rotation", "connection")}
    monkeypatch.setattr(index, "FIGURES", some)
    monkeypatch.setattr(index, "TABLES", {})
    text = index_markdown((folder,), "drawn")
    assert "adversarial accuracy on MNIST](drawn/mnist_rotation.png)" in text
    assert "`tradeoff sweep mnist-rotation --profile smoke --out DIR`" in text
    assert (
        "Not drawn: it lacks the record `connection`, made by `tradeoff connect --profile quick"
        in text
    )
    assert str(folder) not in text


def test_latex_has_a_float_for_each(folder):
    text = index_latex(["mnist_rotation", "probit"], (folder,))
    assert "\\includegraphics[width=\\linewidth]{mnist_rotation}" in text
    assert text.count("\\caption{\\textbf{") == 2
    assert "\\label{figure:mnist_rotation}" in text
    assert text.isascii()


def test_latex_includes_tables(folder, monkeypatch):
    monkeypatch.setattr(index, "TABLES", {"mnist_rotation": FIGURES["mnist_rotation"]})
    assert "\\input{mnist_rotation.tex}" in index_latex(["mnist_rotation"], (folder,))


def test_sources_are_the_records_drawn_from(folder):
    ((path, record),) = sources("mnist_rotation", (folder,))
    assert path.name == "mnist_rotation-full.json"
    assert record.experiment == "mnist_rotation"
    assert sources("probit", ()) == []


def test_captions_say_all_and_have_the_numbers_of_the_record(folder):
    caption = caption_named("mnist_rotation", (folder,))
    rows = [r for r in synthetic.mnist_rotation().rows if r["measure"] == "boundary_distance"]
    mean = sum(row["mean"] for row in rows if row["degrees"] == 180.0) / 3
    assert f"mean distance to the boundary falls from 0.12 to {mean:.2g}" in caption.see
    assert caption.images == "1,000 test images for each network."
    assert caption.seeds == "3 seeds."
    assert "our measurement agrees" in caption.paper
    assert caption.markdown.startswith(f"**{caption.title}.** {caption.shows}")
