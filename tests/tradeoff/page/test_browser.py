"""That a machine without a browser does not leave the page untested unnoticed."""

from pathlib import Path

import pytest

from tests.tradeoff.page.browser import dump


def test_without_a_browser_the_test_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NO_BROWSER", raising=False)
    with pytest.raises(pytest.fail.Exception, match=r"needs one of chromium, .* or NO_BROWSER=1"):
        dump(Path("page.html"))


def test_it_is_skipped_where_there_is_said_to_be_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("NO_BROWSER", "1")
    with pytest.raises(pytest.skip.Exception, match="needs one of chromium"):
        dump(Path("page.html"))
