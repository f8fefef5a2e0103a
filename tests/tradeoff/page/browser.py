"""A headless browser that opens a page and returns its document as the page left it."""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

__all__ = ["ask", "dump"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def dump(page: Path, fragment: str = "", *options: str) -> str:
    """Return the document of a page after its script has run.

    Without a browser the test fails, unless the variable NO_BROWSER says that there is none.
    """
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        missing = f"needs one of {', '.join(NAMES)} on the path"
        if os.environ.get("NO_BROWSER"):
            pytest.skip(missing)
        pytest.fail(f"{missing}, or NO_BROWSER=1 to skip it")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", *options, "--dump-dom"]
    run = subprocess.run(
        [*command, f"{page.as_uri()}#{fragment}"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return run.stdout


def ask(page: Path, **questions: Any) -> dict[str, Any]:
    """Return what the page's own functions give for cases and arguments of the normal law."""
    text = dump(page, f"check={quote(json.dumps(questions))}")
    found = re.search(r'id="answers">(.*?)</script>', text, flags=re.DOTALL)
    assert found
    answers: dict[str, Any] = json.loads(html.unescape(found[1]))
    return answers
