import csv
import io

import pytest

from paper_figures.tables import Caption, Table, at_least, at_most, save_table

TABLE = Table(("name", "share ± half"), (("a_b, c", "50 %"), ("d", "1 – 2")))


def test_markdown_has_a_row_per_row():
    assert TABLE.markdown.splitlines() == [
        "| name | share ± half |",
        "| --- | ---: |",
        "| a_b, c | 50 % |",
        "| d | 1 – 2 |",
    ]


def test_latex_escapes_what_it_must():
    assert r"name & share $\pm$ half \\" in TABLE.latex
    assert r"a\_b, c & 50 \% \\" in TABLE.latex
    assert TABLE.latex.startswith("\\begin{tabular}{lr}\n\\toprule\n")


def test_csv_reads_back():
    assert list(csv.reader(io.StringIO(TABLE.csv))) == [list(TABLE.header), *map(list, TABLE.rows)]


def test_saves_all_three_forms(tmp_path):
    paths = save_table(TABLE, tmp_path / "deep" / "t")
    assert [path.name for path in paths] == ["t.md", "t.tex", "t.csv"]
    assert paths[0].read_text(encoding="utf-8") == TABLE.markdown


def test_refuses_a_ragged_row():
    with pytest.raises(ValueError, match=r"rows must have 2 cells, got \('a',\)"):
        Table(("x", "y"), (("a",),))


def test_percentages_are_rounded_to_the_sound_side():
    assert at_most(0.84812) == "84.9"
    assert at_least(0.84892) == "84.8"
    assert at_most(0.5) == at_least(0.5) == "50.0"
    assert at_most(0.123401, 2) == "12.35"


def test_a_caption_is_escaped_in_latex_and_whole_in_markdown():
    caption = Caption("A_b", "50 % of ℓ∞.", "S.", "I.", "", "B.", "See.", "No.")
    assert caption.markdown == "**A_b.** 50 % of ℓ∞. S. I. B. See. No."
    assert caption.latex == (r"\textbf{A\_b.} 50 \% of $\ell$$_\infty$. S. I. B. See. No.")


def test_theory_has_no_images():
    caption = Caption.of_theory("T", shows="A.", settings="B.", see="C.", paper="D.")
    assert caption.text == "A. B. No images and no seeds: theory alone. There are no bars. C. D."
