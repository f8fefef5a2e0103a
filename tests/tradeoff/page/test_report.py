"""The whole page, from the committed records."""

import re
from html import escape
from html.parser import HTMLParser

import pytest

from paper_figures.catalogue import FIGURES, TABLES, caption_named
from paper_figures.records import folders
from tests.paper_figures.test_catalogue import drawn
from tests.tradeoff.page.browser import dump
from theory import catalogue, two_class_bound
from tradeoff.page import report

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # draws every figure, proves every step

VOID = {"meta", "img", "rect", "mspace"}


class Balance(HTMLParser):
    """Reads a page and holds its tags to their order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.sources = [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.sources += [values[key] for key in ("src", "href") if key in values]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    count = []
    page = report.report_html(folders(), lambda: count.append(1))
    assert len(count) == report.steps()
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


def test_is_one_small_file_that_asks_for_nothing(path):
    assert path.stat().st_size < 5_000_000
    text = path.read_text(encoding="utf-8")
    parser = Balance()
    parser.feed(text)
    assert parser.open == []
    assert len(set(parser.ids)) == len(parser.ids)
    assert all(one.startswith(("data:", "#")) for one in parser.sources)
    assert {one[1:] for one in parser.sources if one.startswith("#")} <= set(parser.ids)
    assert "default-src 'none'" in text
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", text)


def test_has_every_figure_table_and_record_with_its_caption(path):
    text = path.read_text(encoding="utf-8")
    for name in drawn(FIGURES | TABLES):
        assert f'<figure id="{name}"' in text
        caption = caption_named(name, folders())
        assert f"<strong>{escape(caption.title)}.</strong>" in text
    for experiment in {e for name in drawn(FIGURES) for e in FIGURES[name].experiments}:
        assert re.search(rf"\b{experiment}(-\w+)?\.json", text)
    ceiling = 100 * (1 - float(two_class_bound(catalogue.defaults()["orientation-texture"], 0.01)))
    (stated,) = re.findall(r"has a spatial accuracy above ([\d.]+) %\.", text)
    assert 0 <= float(stated) - ceiling < 0.01


def test_the_explorer_starts_where_its_address_says(path):
    text = dump(path, "setting=rotating-bump&A=0.95&epsilon=0.2")
    (shown,) = re.findall(r'role="status">(.*?)</p>', text)
    found = re.search(r"accuracy of 95(?:&nbsp;|\s)%.*above ([\d.]+)(?:&nbsp;|\s)%", shown)
    assert found
    setting = catalogue.rotating_bump(epsilon=0.2)
    ceiling = 100 * (1 - float(two_class_bound(setting, 0.05)))
    assert 0 <= float(found[1]) - ceiling < 0.011
    assert text.count("<canvas") == 5
    assert 'aria-label="an image of one class"' in text


def test_addresses_from_strangers_change_no_markup(path):
    hostile = "setting=%3Cscript%3E&epsilon=%22%3E%3Cimg%20src=x%3E&A=1e99"
    text = dump(path, hostile)
    assert '<img src="x"' not in text
    assert 'id="slider-epsilon" min="0" max="1" step="0.005" value="0.12"' in text


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(path, width, tmp_path):
    text = path.read_text(encoding="utf-8")
    probe = "<script>document.title = document.documentElement.scrollWidth;</script></body>"
    page = tmp_path / "page.html"
    page.write_text(
        f'<!DOCTYPE html><iframe id="f" style="width:{width}px;height:900px;border:0"></iframe>'
        '<output id="wide"></output><script>const f = document.getElementById("f");'
        'f.onload = () => { document.getElementById("wide").textContent = '
        "f.contentDocument.title; };"
        f"f.srcdoc = {_quoted(text.replace('</body>', probe))};</script>",
        encoding="utf-8",
    )
    found = re.search(r'id="wide">(\d+)<', dump(page, "", "--virtual-time-budget=20000"))
    assert found
    assert int(found[1]) <= width


def _quoted(text):
    return report.markup.embedded(text)
