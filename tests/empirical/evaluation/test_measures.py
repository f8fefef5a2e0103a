"""What to measure as a value, and the outcomes as counts."""

from pathlib import Path

import numpy as np
import pytest
import torch

from empirical.evaluation.measures import Measures, Outcomes


def flags(generator: torch.Generator) -> Outcomes:
    found = Outcomes()
    found.outcomes["clean", 0.0] = torch.rand(37, generator=generator) < 0.5
    found.outcomes["adversarial", 8 / 255] = torch.rand(12, generator=generator) < 0.5
    return found


def test_rows_count_and_keep_their_labels(generator: torch.Generator) -> None:
    found = flags(generator)
    first, second = found.rows({"network": "stdcnn", "seed": 3})
    assert first == {
        "network": "stdcnn", "seed": 3, "measure": "clean", "level": 0.0,
        "successes": int(found.outcomes["clean", 0.0].sum()), "trials": 37,
    }  # fmt: skip
    assert second["trials"] == 12


def test_rows_of_distances_have_their_moments() -> None:
    distance = torch.tensor([0.1, 0.3, torch.inf])
    found = Outcomes({("boundary_distance", 1.0): distance.isfinite()}, {})
    found.distances["boundary_distance", 1.0] = distance
    (row,) = found.rows({})
    assert (row["successes"], row["trials"]) == (2, 3)
    assert row["mean"] == pytest.approx(0.2)
    assert row["std"] == pytest.approx(0.02**0.5)


def test_flags_survive_the_disk(tmp_path: Path, generator: torch.Generator) -> None:
    found = flags(generator)
    path = tmp_path / "new" / "flags.npz"
    found.save(path)
    loaded = Outcomes.load(path)
    assert {(m, round(e, 8)) for m, e in loaded.outcomes} == {
        (m, round(e, 8)) for m, e in found.outcomes
    }
    for (_, before), (_, after) in zip(
        sorted(found.outcomes.items()), sorted(loaded.outcomes.items()), strict=True
    ):
        assert torch.equal(before, after)
    assert path.stat().st_size < 1500


def test_distances_survive_the_disk(tmp_path: Path) -> None:
    distances = torch.tensor([0.25, torch.inf, 0.125])
    found = Outcomes({("boundary", 0.5): distances.isfinite()}, {("boundary", 0.5): distances})
    found.save(tmp_path / "flags.npz")
    loaded = Outcomes.load(tmp_path / "flags.npz")
    assert torch.equal(loaded.distances["boundary", 0.5], distances)
    assert loaded.rows({}) == found.rows({})


def test_files_that_are_no_flags_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "flags.npz"
    with pytest.raises(ValueError, match=r"flags\.npz must exist, got no such file"):
        Outcomes.load(path)
    path.write_bytes(b"PK nothing")
    with pytest.raises(ValueError, match=r"flags\.npz must be a readable \.npz file"):
        Outcomes.load(path)
    for arrays in (
        {"clean@0": np.zeros(2, np.uint8)},
        {"clean@0": np.zeros(2), "count clean@0": np.int64(3)},
        {"clean@0": np.zeros(2, np.uint8), "count clean@0": np.arange(3)},
        {"clean": np.zeros(2, np.uint8), "count clean": np.int64(3)},
    ):
        np.savez(path, **arrays)
        with pytest.raises(ValueError, match=r"flags .*flags\.npz cannot be read: ."):
            Outcomes.load(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rotations": (200.0,)}, r"rotations must be in \[0, 180\] degrees, got 200"),
        ({"epsilons": (-0.1,)}, r"epsilons must be >= 0, got -0.1"),
        ({"joint_degrees": 181.0}, r"joint_degrees must be in \[0, 180\] degrees"),
        ({"boundary": -1.0}, r"boundary must be >= 0, got -1"),
        ({"steps": 0}, r"steps must be >= 1, got 0"),
        ({"few": -1}, r"few must be >= 0, got -1"),
        ({"fewer_steps": (2, 0)}, r"fewer_steps must be >= 1, got 0"),
        ({"fewer_steps": 2}, r"fewer_steps must be a tuple, got 2"),
    ],
)
def test_bad_values_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Measures(**values)  # type: ignore[arg-type]
