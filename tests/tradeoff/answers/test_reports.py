import csv
import io
import json

import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory import catalogue
from theory.frontiers.frontier import frontier
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations
from tradeoff.answers.reports import bound_report, frontier_report, setting_digest, setting_summary
from tradeoff.answers.tables import render


@pytest.fixture(scope="module")
def report():
    return bound_report(random_setting(0), np.array([0.2, 0.5]), {})


def test_summary_names_the_setting():
    summary = setting_summary(random_setting(0), {})
    assert summary["components"] == 4
    assert summary["transformations"] == 3


def test_every_number_has_a_status(report):
    for row in report["bounds"]:
        assert row["spatial_error_status"] == row["invariance_status"] == "certified"
        assert row["spatial_accuracy_at_most"] >= 1 - row["spatial_error_at_least"]
        assert row["spatial_error_source"] == "Theorem 3"
    assert all(row["status"] == "attained" for row in report["residuals"])


def test_forms_carry_the_same_numbers(report):
    assert json.loads(render(report, "bounds", "json")) == report
    rows = list(csv.DictReader(io.StringIO(render(report, "bounds", "csv"))))
    assert [float(row["adversarial_error"]) for row in rows] == [0.2, 0.5]
    text = render(report, "bounds", "text")
    assert f"{report['bounds'][0]['spatial_error_at_least']:.6g}" in text


@pytest.fixture(scope="module")
def enclosed():
    setting = catalogue.rotating_bump(4, 1)
    return frontier(setting, rng=np.random.default_rng(0), points=3, weights=1, samples=1024)


def test_rows_are_the_curves(enclosed):
    report = frontier_report(enclosed, {})
    for index, row in enumerate(report["frontier"]):
        assert row["adversarial_accuracy"] == enclosed.adversarial_accuracy[index]
        assert row["pairwise_at_most"] == enclosed.pairwise[index]
        assert row["joint_at_most"] == enclosed.joint[index]
        reached = enclosed.inner[index]
        assert row["reached_at_least"] == (None if np.isnan(reached) else reached)
    assert report["frontier"][-1]["reached_at_least"] is None, "nobody was found at the ceiling"
    assert [row["gap"] for row in report["gaps"]] == enclosed.gap.tolist()


def test_every_number_says_what_it_is(enclosed):
    row = frontier_report(enclosed, {})["frontier"][0]
    assert row["pairwise_status"] == "certified"
    assert row["joint_status"] == enclosed.joint_kind
    assert row["reached_status"] == "achieved"


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_renders_in_every_form(enclosed, form):
    text = render(frontier_report(enclosed, {}), "frontier", form)
    assert ("pairwise at most (certified)" if form == "text" else "pairwise_at_most") in text


def test_the_summary_tells_noise_weights_and_floor(report):
    assert report["setting"]["sigma"] == random_setting(0).mixture.sigma
    assert len(report["setting"]["weights"]) == 4
    assert report["setting"]["adversarial_error_at_least"] > 0.0


def test_the_digest_is_of_every_number():
    setting = random_setting(0)
    mixture, model = setting.mixture, setting.transformations
    digest = setting_digest(setting)
    assert setting_summary(setting, {})["setting_sha256"] == digest

    def other(**changes):
        parts = {
            "means": mixture.means, "labels": mixture.labels, "weights": mixture.weights,
            "sigma": mixture.sigma, **changes,
        }  # fmt: skip
        return GaussianMixture(**parts)

    moved = mixture.means.copy()
    moved[0, 0] = np.nextafter(moved[0, 0], 9.0)
    changed = [
        Setting(other(means=moved), model, setting.epsilon, setting.norm),
        Setting(other(labels=mixture.labels[::-1]), model, setting.epsilon, setting.norm),
        Setting(other(weights=None), model, setting.epsilon, setting.norm),
        Setting(other(sigma=2 * mixture.sigma), model, setting.epsilon, setting.norm),
        Setting(mixture, Transformations(model.permutations[::-1]), setting.epsilon, setting.norm),
        setting.with_epsilon(2 * setting.epsilon),
        Setting(mixture, model, setting.epsilon, "l1"),
    ]
    assert len({digest, *map(setting_digest, changed)}) == 8
    same = Setting(other(), model, setting.epsilon, setting.norm, name="another name")
    assert setting_digest(same) == digest
