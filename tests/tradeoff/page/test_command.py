import subprocess
import sys

from typer.testing import CliRunner

from tradeoff.application import app
from tradeoff.page import report

RUNNER = CliRunner()


def test_writes_the_page_and_says_where(tmp_path, monkeypatch):
    asked = []

    def page(folders, advance):
        asked.append(folders)
        advance()
        return "<!DOCTYPE html>ε"

    monkeypatch.setattr(report, "report_html", page)
    out = tmp_path / "deep" / "report.html"
    result = RUNNER.invoke(app, ["report", "--records", str(tmp_path), "--out", str(out)])
    assert result.exit_code == 0
    assert result.output == f"{out}\n"
    assert out.read_text(encoding="utf-8") == "<!DOCTYPE html>ε"
    assert asked == [(tmp_path,)]


def test_a_folder_that_is_missing_is_one_line(tmp_path):
    command = [sys.executable, "-m", "tradeoff", "report", "--records", str(tmp_path / "no")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("error: records must be a folder, got ")
    assert result.stderr.count("\n") == 1
