import re
from dataclasses import replace
from urllib.parse import unquote

from paper_figures.tables import Caption, Table
from theory.derivations.derive import derive
from tradeoff.page import markup

HOSTILE = '<script>alert("hostile")</script>'


def test_every_text_is_escaped():
    caption = Caption(HOSTILE, HOSTILE, "", "", "", "", "", "")
    pieces = (
        markup.table_html(Table((HOSTILE, "b"), ((HOSTILE, HOSTILE),))),
        markup.leaderboard_html([HOSTILE], [[(HOSTILE, HOSTILE)]]),
        markup.captioned("name", caption, ""),
        markup.picture(b"<svg/>", HOSTILE),
        markup.pixels([[0.0]], 1.0, HOSTILE),
    )
    for piece in pieces:
        assert "<script" not in piece
        assert "&lt;script&gt;" in piece
        assert '"hostile"' not in piece


def test_pictures_are_part_of_the_page():
    svg = """<svg id="m">
      <text fill="#fff">ε &lt; 5 % 'so'</text>
</svg>"""
    piece = markup.picture(svg.encode(), "x")
    (source,) = re.findall("<img src='data:image/svg\\+xml,([^'<>#]*)' alt=\"x\">", piece)
    assert unquote(source).split() == svg.split()


def test_squares_are_blue_below_zero_and_orange_above():
    image = markup.pixels([[-2.0, 0.0], [2.0, 1.0]], 2.0, "four squares")
    assert re.findall(r'fill="(#\w+)"', image) == ["#0072b2", "#ffffff", "#d55e00", "#eaae80"]
    assert 'viewBox="0 0 2 2"' in image


def test_a_leaderboard_sorts_by_values_not_by_texts():
    table = markup.leaderboard_html(["a", "b"], [[("9 %", 0.09), ("", None)]])
    assert '<td data-value="0.09">9 %</td><td data-value=""></td>' in table
    assert 'class="sortable"' in table


def test_a_derivation_unfolds_into_claims_reasons_and_what_checked_them():
    whole = derive("robust-feature")
    derivation = replace(whole, steps=whole.steps[:8])
    text = markup.derivation_html(derivation)
    assert text.count("<details>") == len(derivation.steps)
    assert text.count("<math>") >= len(derivation.steps)
    assert text.count("Checked: ") == len(derivation.steps)
    assert "<mi>Φ</mi>" in text
    assert "quantile" not in text
