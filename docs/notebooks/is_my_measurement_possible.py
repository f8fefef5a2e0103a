# %% [markdown]
# # Is my measurement possible?
#
# A network of our own, its accuracies measured, and held against what any classifier can have.
# On data from a setting this finds attacks that were too weak: a point beyond the curve cannot
# be true.

# %%
import numpy as np
import torch
from torch import nn

from empirical import Dataset, Measures, evaluate, gaussian_images
from theory import catalogue
from theory.frontiers.measurements import check_measurement

# %% [markdown]
# ## Images from a setting
#
# 16 x 16 images of a pattern and of the pattern turned, in noise, under quarter turns
# (`orientation-texture`).

# %%
setting = catalogue.block_texture(epsilon=0.12)
train = gaussian_images(setting, 4_000, rng=np.random.default_rng(1))
test = gaussian_images(setting, 1_000, rng=np.random.default_rng(2))
print(test.images.shape, "classes:", test.classes)


# %% [markdown]
# ## A model of our own
#
# Any `torch.nn.Module` that returns one logit per class. This one is a multilayer perceptron,
# trained in seconds on images in all four orientations.

# %%
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, train.classes))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for _ in range(300):
    chosen = torch.randint(len(train), (256,))
    turned = torch.rot90(train.images[chosen], int(torch.randint(4, ())), dims=(2, 3))
    loss = nn.functional.cross_entropy(model(turned), train.labels[chosen])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
model.eval()
print(f"loss {loss.item():.3f}")


# %% [markdown]
# ## Measuring it
#
# `evaluate` counts, image by image: accuracy under the turns of the setting, and what is left
# after attacks: gradients, and the shifts from the theorem's own proof.


# %%
def measured(measures: Measures, images: Dataset) -> dict[str, tuple[int, int]]:
    rows = evaluate(model, images, measures, seed=0).rows({})
    return {row["measure"]: (row["successes"], row["trials"]) for row in rows}


strong = measured(Measures(epsilons=(0.12,), steps=20, shifts=True), test)
print("spatial", strong["spatial"], "adversarial", strong["adversarial"])

# %% [markdown]
# ## Is that possible?
#
# Counts have an error of sampling, so both are replaced by exact lower confidence limits before
# they are compared with the certified bound.

# %%
verdict = check_measurement(
    setting, spatial=strong["spatial"], adversarial=strong["adversarial"], confidence=0.999
)
print(verdict)

# %% [markdown]
# ## A mistake, and how the bound finds it
#
# Suppose the attack took a single step with a radius of 0.01 where 0.12 is reported: a slip of
# units, or a clamp in the wrong place. The counts look wonderful. They are impossible.

# %%
weak = measured(Measures(epsilons=(0.01,), steps=1, apgd_steps=0), test)
print("spatial", weak["spatial"], "adversarial", weak["adversarial"])
verdict = check_measurement(
    setting, spatial=weak["spatial"], adversarial=weak["adversarial"], confidence=0.999
)
print(verdict)
assert strong["adversarial"][0] < weak["adversarial"][0]
assert verdict.violated

# %% [markdown]
# No training, no architecture and no luck explains such a point: the attack, the code or the
# data must be wrong. The same check as a command:
#
# ```
# tradeoff check orientation-texture --spatial 980/1000 --adversarial 900/1000
# ```
