import csv
import io

import pytest

from paper_figures.tables import Table, save_table

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
