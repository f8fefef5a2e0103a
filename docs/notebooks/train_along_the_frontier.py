# %% [markdown]
# # Train along the frontier
#
# One recipe with one knob: a share `weight` of each batch is turned, the rest attacked. Turning
# the knob moves a network along the curve that no classifier crosses. Here a small convolutional
# network is trained five times and drawn against that curve.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from empirical import AdamOneCycle, Measures, Recipe, evaluate, gaussian_images, network, train
from simulations import Estimate
from theory import catalogue, pairwise_bound

# %%
setting = catalogue.block_texture()
images = gaussian_images(setting, 4_000, rng=np.random.default_rng(1))
test = gaussian_images(setting, 1_000, rng=np.random.default_rng(2))
measures = Measures(epsilons=(setting.epsilon,), steps=10, shifts=True)


# %% [markdown]
# ## One network
#
# Everything random comes from generators with seeds, so the same call trains the same network.


# %%
def trained(recipe: Recipe) -> tuple[Estimate, Estimate]:
    """Train a network and return its spatial and adversarial accuracy on the test images."""
    model = network(
        "cnn5", (1, 16, 16), images.classes, width=8, generator=torch.Generator().manual_seed(0)
    )
    schedule = AdamOneCycle(peak=3e-3, epochs=3, batch_size=128)
    generator = torch.Generator().manual_seed(0)
    for _ in train(model, images, recipe.curriculum(images), schedule, generator=generator):
        pass
    rows = {row["measure"]: row for row in evaluate(model, test, measures, seed=0).rows({})}
    spatial, adversarial = (
        Estimate(rows[name]["successes"], rows[name]["trials"])
        for name in ("spatial", "adversarial")
    )
    return spatial, adversarial


# %% [markdown]
# ## Along the knob
#
# `weight` 0 only resists attacks, 1 only turns.

# %%
points = {}
for weight in (0.0, 0.25, 0.5, 0.75, 1.0):
    recipe = Recipe("mixture", degrees=180, epsilon=setting.epsilon, weight=weight, steps=3)
    points[weight] = trained(recipe)
    spatial, adversarial = points[weight]
    print(f"weight {weight:4.2f}: spatial {spatial}, adversarial {adversarial}")

# %% [markdown]
# ## Against the curve
#
# Bars are exact 95 % intervals of the counts.

# %%
errors = np.linspace(1e-6, 1, 200)
limit = pairwise_bound(setting, errors).spatial_accuracy
figure, axes = plt.subplots(figsize=(5, 4), layout="constrained")
axes.fill_between(1 - errors, limit, 1, color="0.9")
axes.plot(1 - errors, limit, color="black", label="no classifier above")
for weight, (spatial, adversarial) in points.items():
    x, y = adversarial.value, spatial.value
    (left, right), (low, high) = adversarial.interval(), spatial.interval()
    bars = {"yerr": [[y - low], [high - y]], "xerr": [[x - left], [right - x]]}
    axes.errorbar(x, y, **bars, fmt="o", label=f"{weight}")
axes.set(xlabel="adversarial accuracy", ylabel="spatial accuracy", xlim=(0, 1.02), ylim=(0.4, 1.01))
axes.legend(title="weight", loc="lower left")
plt.show()
