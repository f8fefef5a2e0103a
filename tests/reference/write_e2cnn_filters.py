"""Write e2cnn_filters.json: filter banks as e2cnn 0.2.3 expands them (it needs NumPy < 2).

Run in an environment of its own: ``pip install e2cnn==0.2.3 "numpy<2" torch``, then
``python tests/reference/write_e2cnn_filters.py``. The values are those of seed 0.
"""

import json
from pathlib import Path

import torch
from e2cnn import gspaces, nn as e2nn

SPACES = {"p4": gspaces.Rot2dOnR2(N=4), "p4m": gspaces.FlipRot2dOnR2(N=4)}


def bank(name: str, *, lifting: bool) -> list[float]:
    """Return the flattened bank (order, 1, elements, 3, 3) of one input and output channel."""
    space = SPACES[name]
    inputs = e2nn.FieldType(space, [space.trivial_repr if lifting else space.regular_repr])
    outputs = e2nn.FieldType(space, [space.regular_repr])
    layer = e2nn.R2Conv(inputs, outputs, 3, padding=1, bias=False).eval()
    return [round(float(value), 7) for value in layer.filter.detach().flatten()]


if __name__ == "__main__":
    torch.manual_seed(0)
    banks = {
        f"{name} {kind}": bank(name, lifting=kind == "lifting")
        for name in SPACES
        for kind in ("lifting", "regular")
    }
    Path(__file__).with_name("e2cnn_filters.json").write_text(json.dumps(banks, indent=0) + "\n")
