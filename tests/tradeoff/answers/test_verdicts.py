import pytest

from theory import catalogue
from theory.frontiers.measurements import check_measurement
from tradeoff.answers.reports import setting_digest
from tradeoff.answers.verdicts import read_counts, record_verdicts


@pytest.mark.parametrize(
    ("text", "trials", "counts"),
    [
        ("746/1000", None, (746, 1000)),
        (" 746 / 1000 ", None, (746, 1000)),
        ("0.94", 10_000, (9350, 10_000)),
        (".9400", 10_000, (9400, 10_000)),
        ("94%", 10_000, (9350, 10_000)),
        ("94.0%", 10_000, (9395, 10_000)),
        ("1", 10, (5, 10)),
        ("1.", 10, (5, 10)),
        ("0.00", 10, (0, 10)),
        ("100%", 1000, (995, 1000)),
        ("0.33", 3, (1, 3)),
    ],
)
def test_counts_and_rates(text, trials, counts):
    assert read_counts("spatial", text, trials) == counts


@pytest.mark.parametrize("trials", [3, 7, 100, 1234])
@pytest.mark.parametrize("digits", [1, 2, 3, 4])
def test_a_rate_never_stands_for_more_than_was_counted(trials, digits):
    for count in range(trials + 1):
        least, _ = read_counts("spatial", f"{count / trials:.{digits}f}", trials)
        assert least <= count
        assert count - least <= 10.0**-digits * trials


@pytest.mark.parametrize(
    ("text", "trials", "message"),
    [
        ("a/b", None, "spatial must be counts K/N such as 746/1000 or a rate, got 'a/b'"),
        ("", None, "spatial must be counts K/N such as 746/1000 or a rate, got ''"),
        ("-0.5", 10, "spatial must be counts K/N such as 746/1000 or a rate, got '-0.5'"),
        ("nan", 10, "spatial must be counts K/N"),
        ("0.94", None, "n must be given where spatial is a rate, got '0.94' alone"),
        ("0.94", 0, "n must be >= 1, got 0"),
        ("94", 100, "spatial must be a rate <= 1, got '94'; is it 94%?"),
        ("0.945", 10, "spatial must be the rate of a count of 10, got '0.945'"),
        ("9/10", 10, "n must be left out where spatial is counts K/N, got 10"),
    ],
)
def test_what_is_neither_is_refused(text, trials, message):
    with pytest.raises(ValueError, match="^" + message.replace("?", r"\?")):
        read_counts("spatial", text, trials)


def rows(spatial, adversarial, *, level=0.12, **labels):
    identity = {
        "dataset": "orientation-texture",
        "network": "a",
        "recipe": "r",
        "seed": 0,
        **labels,
    }
    return [
        {**identity, "measure": "clean", "level": 0.0, "successes": 1, "trials": 2},
        {**identity, "measure": "spatial", "level": 0.0, "successes": spatial, "trials": 1000},
        {**identity, "measure": "adversarial", "level": level, "successes": adversarial,
         "trials": 500},
    ]  # fmt: skip


def test_verdicts_are_those_of_the_setting_at_the_radius_measured():
    found = record_verdicts([*rows(740, 498), *rows(950, 499, level=0.05, seed=1),
                             *rows(990, 499, seed=2)])  # fmt: skip
    setting = catalogue.block_texture()
    by_seed = {row["seed"]: row for row in found}
    for seed, spatial, adversarial, epsilon in ((0, 740, 498, 0.12), (1, 950, 499, 0.05)):
        alone = check_measurement(
            setting.with_epsilon(epsilon), spatial=(spatial, 1000), adversarial=(adversarial, 500),
            points=3,
        )  # fmt: skip
        row = by_seed[seed]
        assert (row["S_at_least"], row["A_at_least"]) == (
            alone.spatial_lower, alone.adversarial_lower,
        )  # fmt: skip
        assert row["certified_S_at_most"] == pytest.approx(alone.limit, abs=2e-6)
        assert row["epsilon"] == epsilon
    assert [by_seed[seed]["verdict"] for seed in range(3)] == ["possible", "possible", "impossible"]


def test_networks_with_one_of_both_are_left_out():
    assert len(record_verdicts(rows(740, 498) + rows(740, 498, seed=1)[:2])) == 1
    with pytest.raises(ValueError, match="record must hold spatial and adversarial accuracies on"):
        record_verdicts(rows(740, 498)[:2])
    with pytest.raises(ValueError, match=r"robust-feature, got none"):
        record_verdicts(rows(740, 498, dataset="mnist"))


def test_images_of_another_setting_of_the_name_are_refused():
    assert record_verdicts(rows(1, 1), setting_sha256=setting_digest(catalogue.block_texture()))
    with pytest.raises(ValueError, match="record must be of the present orientation-texture, got"):
        record_verdicts(rows(1, 1), setting_sha256="0" * 64)
