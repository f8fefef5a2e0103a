"""p4 and p4m are groups and act on grids as their product says."""

import pytest
import torch

from empirical.networks.symmetry import P4, P4M, Symmetry

GRID = torch.arange(9).view(3, 3)


@pytest.mark.parametrize(("symmetry", "order"), [(P4, 4), (P4M, 8)])
def test_the_product_is_what_acts(symmetry: Symmetry, order: int) -> None:
    assert symmetry.order == order
    for g in range(order):
        for h in range(order):
            both = symmetry.act(g, symmetry.act(h, GRID))
            assert torch.equal(symmetry.act(symmetry.product(g, h), GRID), both)


@pytest.mark.parametrize("symmetry", [P4, P4M])
def test_elements_are_distinct_and_have_inverses(symmetry: Symmetry) -> None:
    images = {tuple(symmetry.act(g, GRID).flatten().tolist()) for g in range(symmetry.order)}
    assert len(images) == symmetry.order
    for g in range(symmetry.order):
        assert symmetry.product(symmetry.inverse(g), g) == 0
        assert symmetry.product(g, symmetry.inverse(g)) == 0


def test_quarter_turns_come_first_and_counter_clockwise() -> None:
    assert torch.equal(P4M.act(1, GRID), torch.rot90(GRID, 1, (0, 1)))
    assert torch.equal(P4M.act(4, GRID), GRID.flip(-1))


@pytest.mark.parametrize("symmetry", [P4, P4M])
def test_every_copy_reads_the_whole_bank(symmetry: Symmetry) -> None:
    order = symmetry.order
    for index, elements in ((symmetry.lifting_index(3), 1), (symmetry.regular_index(3), order)):
        assert index.shape == (order, elements, 3, 3)
        for copy in index.flatten(1):
            assert sorted(copy.tolist()) == list(range(elements * 9))
