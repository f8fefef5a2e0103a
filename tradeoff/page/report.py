"""The report as one HTML file, drawn from the records and from theory."""

from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

import numpy as np

from paper_figures import records
from paper_figures.catalogue import FIGURES, TABLES, caption_named, draw_named
from paper_figures.index import sources
from paper_figures.records import MissingRecordError
from paper_figures.style import rendered
from paper_figures.tables import Table, at_most
from simulations.records import Record
from theory.bounds.two_class import two_class_bound
from theory.derivations.derive import NAMES, derive
from theory.setting.catalogue import defaults
from theory.setting.setting import Setting
from tradeoff.page import explorer, leaderboard, markup

__all__ = ["page_parts", "report_html", "steps"]

HEADER = ("record", "made by", "profile", "commit", "platform", "versions", "hours", "digest")


def steps() -> int:
    """Return how often `report_html` calls ``advance``."""
    return len(FIGURES) + len(TABLES) + len(NAMES)


def report_html(
    folders: tuple[Path, ...],
    advance: Callable[[], None] = lambda: None,
    *,
    documentation: str | None = None,
) -> str:
    """Return the page: theorem, explorer, networks, figures, tables, proofs, records.

    Figures and tables without a record are named with the command that makes it.

    Parameters
    ----------
    folders : tuple of Path
        Where the records lie (`paper_figures.records.folders`).
    advance : callable
        Called after each figure, table and proof.
    documentation : str, optional
        Address of a page to lead to, where the report is the start page of a site.

    Raises
    ------
    theory.derivations.methods.UnprovedError
        If a step of a derivation is not proved.
    ValueError
        If a record is damaged or unfit.
    """
    proofs = []
    for name in NAMES:
        proofs.append(markup.derivation_html(derive(name)))
        advance()
    page = Template(_own("page.html"))
    question, answer = _question(defaults()["orientation-texture"])
    return page.substitute(
        page_parts(),
        documentation=_link(documentation),
        question=question,
        answer=answer,
        leaderboard=markup.leaderboard_html(leaderboard.HEADER, leaderboard.leaderboard(folders)),
        figures="\n".join(_drawn(name, folders, advance) for name in FIGURES),
        tables="\n".join(_drawn(name, folders, advance) for name in TABLES),
        derivations="\n".join(proofs),
        provenance=markup.table_html(Table(HEADER, tuple(_provenance(folders)))),
    )


def page_parts() -> dict[str, str]:
    """Return the parts of the page that no record and no figure changes."""
    return {
        "style": _own("page.css"),
        "script": _own("page.js"),
        "pattern": markup.embedded(explorer.pattern()),
        "settings": markup.embedded(explorer.settings()),
        "version": version("spatial-adversarial-tradeoff"),
    }


def _link(documentation: str | None) -> str:
    if documentation is None:
        return ""
    return f'<a href="{markup.escape(documentation)}">Documentation</a>\n'


def _own(name: str) -> str:
    return files("tradeoff.page").joinpath(name).read_text(encoding="utf-8")


def _question(setting: Setting) -> tuple[str, str]:
    """Return three images that pose the question, and the answer in a sentence."""
    other, one = setting.mixture.means
    turned = next(moved for moved in setting.transformed_means[:, 1] if _near(setting, moved))
    scale = float(np.abs(setting.mixture.means).max())
    shape = setting.image_shape
    words = (
        (one, "an image of class one"),
        (turned, "the same, turned by a quarter: still class one"),
        (other, "an image of class two"),
    )
    images = "".join(
        f"<figure>{markup.pixels(mean.reshape(shape).tolist(), scale, text)}"
        f"<figcaption>{text}</figcaption></figure>"
        for mean, text in words
    )
    gap = float(np.abs(turned - other).max())
    ceiling = at_most(float(1 - two_class_bound(setting, 0.01)), 2)
    return images, (
        f"Hardly. The second and the third differ by at most {gap:.2g} in a pixel, and an attack "
        f"may change each by ε\u00a0=\u00a0{setting.epsilon:g}: turning the first and attacking "
        "the third can give one and the same input, and whatever a classifier answers to it, it "
        "is wrong for one of the two. In this setting, noise included, no classifier whose "
        f"adversarial accuracy is 99 % has a spatial accuracy above {ceiling} %."
    )


def _near(setting: Setting, moved: np.ndarray) -> bool:
    """Whether the attack covers the distance from a turned image to the other class."""
    return bool(np.abs(moved - setting.mixture.means[0]).max() <= setting.epsilon * (1 + 1e-12))


def _drawn(name: str, folders: tuple[Path, ...], advance: Callable[[], None]) -> str:
    try:
        item, caption = draw_named(name, folders), caption_named(name, folders)
    except MissingRecordError as error:
        return f"<p>{markup.escape(f'Left out {name}: {error}.')}</p>"
    finally:
        advance()
    if isinstance(item, Table):
        return markup.captioned(name, caption, markup.table_html(item))
    picture = markup.picture(rendered(item, "svg"), f"{caption.title}. {caption.see}")
    return markup.captioned(name, caption, picture)


def _provenance(folders: tuple[Path, ...]) -> list[tuple[str, ...]]:
    """Return a line for each record behind the page."""
    found: dict[Path, Record] = {}
    for name in FIGURES | TABLES:
        try:
            found |= dict(sources(name, folders))
        except MissingRecordError:
            continue
    return [
        (
            path.name,
            records.command(record),
            str(record.config.get("profile", "")),
            str(record.provenance.get("commit", ""))[:12],
            str(record.provenance.get("platform", "")),
            ", ".join(
                f"{package} {number}"
                for package, number in record.provenance.get("versions", {}).items()
            ),
            f"{record.provenance.get('seconds', 0.0) / 3600:.2g}",
            record.digest[:12],
        )
        for path, record in found.items()
    ]
