import tracemalloc

import numpy as np
import pytest

from simulations.sampling.accuracy import streams
from simulations.sampling.scores import InputSampler, ScoreModel, ScoreSampler, identity
from tests.chance import follows, has_covariance, same_law
from theory.setting.setting import GaussianMixture
from theory.setting.transformations import Transformations, cyclic_shifts

D, K = 12, 3


def circulant_covariance():
    """A covariance that cyclic shifts leave unchanged."""
    column = np.array([2.0, 0.7, 0.2] + [0.0] * (D - 5) + [0.2, 0.7])
    return np.array([np.roll(column, shift) for shift in range(D)])


def observation(*, covariance=None, rank=K):
    rng = np.random.default_rng(5)
    means = rng.normal(size=(3, D))
    sigma = 0.8 if covariance is None else 1.0
    mixture = GaussianMixture(means, [0, 1, 1], [0.2, 0.3, 0.5], sigma, covariance)
    normals = rng.normal(size=(K, rank)) @ rng.normal(size=(rank, D))
    shifts = cyclic_shifts(D, [0, 3, 6, 9], [0.4, 0.3, 0.2, 0.1])
    return ScoreModel(mixture, shifts, normals, rng.normal(size=K))


def draw(law, count, seed):
    (rng,) = streams(seed, 1)
    parts = [(label, scores.copy()) for label, scores in law.blocks(count, rng=rng)]
    labels = np.concatenate([np.full(s.shape[1], label) for label, s in parts])
    return labels, np.concatenate([s for _, s in parts], axis=1)


@pytest.mark.parametrize("covariance", [None, circulant_covariance()])
@pytest.mark.parametrize("rank", [1, K])
def test_both_roads_have_the_same_law(covariance, rank):
    seen = observation(covariance=covariance, rank=rank)
    labels, scores = draw(ScoreSampler(seen), 40_000, 1)
    others, full = draw(InputSampler(seen), 40_000, 2)
    direction = np.array([1.0, -0.5, 0.3])
    for label in (0, 1):
        chosen, rest = scores[:, labels == label], full[:, others == label]
        for projection in (*np.eye(K), direction):
            assert same_law(projection @ chosen, projection @ rest)
            assert not same_law(1.5 * (projection @ chosen), projection @ rest)


@pytest.mark.parametrize("law", [ScoreSampler, InputSampler])
@pytest.mark.parametrize("covariance", [None, circulant_covariance()])
def test_moments_of_one_cell(law, covariance):
    rng = np.random.default_rng(6)
    scale = 0.8 if covariance is None else 1.0
    means = np.stack([rng.normal(size=D)] * 2)
    mixture = GaussianMixture(means, [0, 1], None, scale, covariance)
    normals, offsets = rng.normal(size=(K, D)), rng.normal(size=K)
    seen = ScoreModel(mixture, cyclic_shifts(D, [5]), normals, offsets)
    _, scores = draw(law(seen), 30_000, 3)
    sigma = 0.64 * np.eye(D) if covariance is None else covariance
    expected = normals @ sigma @ normals.T
    centre = normals @ np.roll(mixture.means[0], 5) + offsets
    for row, mean, variance in zip(scores, centre, np.diag(expected), strict=True):
        assert follows(row, mean, np.sqrt(variance))
        assert not follows(row, mean + 0.1 * np.sqrt(variance), np.sqrt(variance))
    assert has_covariance(scores.T, expected)
    wrong = expected.copy()
    wrong[0, 1] = wrong[1, 0] = expected[0, 1] + 0.1 * np.sqrt(expected[0, 0] * expected[1, 1])
    assert not has_covariance(scores.T, wrong)


def test_cells_have_their_probabilities():
    seen = observation()
    assert seen.weights.sum() == pytest.approx(1.0, abs=1e-15)
    assert seen.weights[3 * 2 + 1] == pytest.approx(0.2 * 0.3)
    (rng,) = streams(4, 1)
    count = 200_000
    found = np.zeros(12)
    for cell, number in seen.cells(count, rng=rng):
        found[cell] = number
    assert found.sum() == count
    deviation = np.sqrt(count * seen.weights * (1 - seen.weights))
    assert np.abs(found - count * seen.weights).max() < 7 * deviation.max()


def test_the_sum_of_blocks_is_the_count_for_any_count():
    for law in (ScoreSampler(observation()), InputSampler(observation())):
        for count in (1, 7, 4097):
            labels, _ = draw(law, count, 7)
            assert len(labels) == count


def test_constant_scores_have_rank_zero():
    mixture = GaussianMixture([[1.0, 0.0], [0.0, 1.0]], [0, 1])
    law = ScoreSampler(ScoreModel(mixture, identity(2), np.zeros((1, 2)), np.array([0.5])))
    assert law.root.shape == (1, 0)
    _, scores = draw(law, 10, 8)
    assert (scores == 0.5).all()


def test_memory_does_not_grow_with_the_count():
    law = ScoreSampler(observation())

    def peak(count):
        (rng,) = streams(9, 1)
        tracemalloc.start()
        for _ in law.blocks(count, rng=rng):
            pass
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return top

    peak(1000)
    assert peak(3_000_000) < peak(100_000) + 100_000 < 2_000_000


def test_the_global_generator_is_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    draw(ScoreSampler(observation()), 100, 10)
    draw(InputSampler(observation()), 100, 10)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"normals": np.zeros((2, 5))}, r"normals must have shape \(k, 12\), got shape \(2, 5\)"),
        ({"normals": np.zeros(12)}, "normals must have 2 dimensions"),
        ({"normals": np.full((3, 12), np.nan)}, "normals must be finite, got nan"),
        ({"offsets": np.zeros(2)}, r"offsets must have shape \(3,\)"),
        ({"transformations": Transformations([[0, 1]])}, "transformations must act on dimension"),
    ],
)
def test_bad_observations_are_refused(change, message):
    seen = observation()
    fields = {n: getattr(seen, n) for n in ("mixture", "transformations", "normals", "offsets")}
    with pytest.raises(ValueError, match=message):
        ScoreModel(**{**fields, **change})


def test_bad_counts_are_refused():
    (rng,) = streams(0, 1)
    with pytest.raises(ValueError, match="count must be >= 1, got 0"):
        next(ScoreSampler(observation()).blocks(0, rng=rng))


@pytest.mark.parametrize("law", [ScoreSampler, InputSampler])
@pytest.mark.parametrize("covariance", [None, circulant_covariance()])
@pytest.mark.parametrize("copies", [2, 5, 11])
def test_equal_scores_tie_exactly(law, covariance, copies):
    seen = observation(covariance=covariance)
    normals = np.repeat(seen.normals, copies, axis=0)
    doubled = ScoreModel(
        seen.mixture, seen.transformations, normals, np.repeat(seen.offsets, copies)
    )
    (rng,) = streams(11, 1)
    for _, scores in law(doubled).blocks(3000, rng=rng):
        groups = scores.reshape(K, copies, -1)
        assert (groups == groups[:, :1]).all()


def test_the_root_does_not_hang_on_the_basis_of_the_inputs():
    """Any rotation is a root where scores are independent; a library may return any of them."""
    rng = np.random.default_rng(12)
    mixture = GaussianMixture(rng.normal(size=(2, D)), [0, 1])
    turn = np.linalg.qr(rng.normal(size=(D, D)))[0]
    roots = [
        ScoreSampler(ScoreModel(mixture, identity(D), normals, np.zeros(6))).root
        for normals in (np.eye(D)[:6], turn[:6], turn[:6] + 1e-15 * rng.normal(size=(6, D)))
    ]
    for root in roots:
        assert root == pytest.approx(np.eye(6), abs=1e-13)


def test_scores_whose_noise_is_nearly_the_same_are_refused():
    mixture = GaussianMixture([[0.0, 0.1], [0.0, -0.1]], [1, 0])
    for apart, allowed in ((1e-3, True), (3e-13, False), (1e-11, False)):
        seen = ScoreModel(mixture, identity(2), [[1.0, apart], [1.0, -apart]], np.zeros(2))
        if allowed:
            labels, scores = draw(ScoreSampler(seen), 20_000, 0)
            right = np.mean((scores[0] > scores[1]) == labels)
            assert right == pytest.approx(0.5398, abs=0.025)
        else:
            with pytest.raises(
                ValueError, match="normals must be equal or differ by more than a m"
            ):
                _ = ScoreSampler(seen).root
    same = ScoreModel(mixture, identity(2), [[1.0, 0.5], [1.0, 0.5]], np.array([0.0, 1.0]))
    assert ScoreSampler(same).root.shape == (2, 1)
