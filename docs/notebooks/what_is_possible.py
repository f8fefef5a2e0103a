# %% [markdown]
# # What is possible?
#
# Two small images, quarter turns, an adversary. How well can *any* classifier do, of whatever
# architecture and however trained? This notebook asks the question for means of our own.

# %%
import matplotlib.pyplot as plt
import numpy as np

from paper_figures import plot_frontier
from theory import (
    GaussianMixture,
    Setting,
    attack_residual,
    frontier,
    pairwise_bound,
    quarter_turns,
)

# %% [markdown]
# ## A setting
#
# A horizontal stripe against a vertical one. A quarter turn makes one of the other, so
# orientation alone cannot be the answer of a classifier that shall survive quarter turns. A
# second, weaker cue survives them: one class is a little brighter.

# %%
stripe = np.full((6, 6), -1.0)
stripe[2:4, :] = 1.0
bright = 0.15
images = np.stack([0.5 * stripe + bright, 0.5 * stripe.T - bright])

figure, axes = plt.subplots(1, 2, figsize=(4, 2), layout="constrained")
for axis, image, name in zip(axes, images, ["class 1", "class 0"], strict=True):
    axis.imshow(image, cmap="gray", vmin=-0.7, vmax=0.7)
    axis.set_title(name)
    axis.axis("off")
plt.show()

# %% [markdown]
# Inputs are these images plus Gaussian noise of standard deviation 0.4 in each pixel. They are
# turned by 0, 90, 180 or 270 degrees, each as likely as the others; the adversary may change
# every pixel by at most 0.1.

# %%
setting = Setting(
    GaussianMixture(images.reshape(2, 36), labels=[1, 0], sigma=0.4),
    quarter_turns(6),
    epsilon=0.1,
)

# %% [markdown]
# ## What no classifier can do
#
# `pairwise_bound` takes adversarial errors and returns the largest spatial accuracy that any
# classifier with such an error can have. It is *certified*: the number is rounded to the safe
# side and does not rest on the solver. `floor` is the smallest adversarial error that any
# classifier has at all.

# %%
errors = np.array([0.001, 0.01, 0.05, 0.1, 0.2, 0.3])
bound = pairwise_bound(setting, errors)
print("no adversarial error below", bound.floor)
for error, accuracy in zip(errors, bound.spatial_accuracy, strict=True):
    print(f"adversarial error <= {error:5.3f}: spatial accuracy <= {accuracy:.4f}")

# %% [markdown]
# Both accuracies could be almost 1 if nobody turned the images. With turns and an attack, a
# classifier that resists nearly every attack fails on a good part of the turned images.
#
# ## Where the price comes from
#
# What is left of the difference between two means, after the adversary has removed what she can,
# in units of the noise: the *residual*. Large: the two are easily told apart even under attack.
# Zero: not at all.

# %%
difference = setting.mixture.means[0] - setting.mixture.means[1]
turned = np.rot90(images[0]).reshape(36) - setting.mixture.means[1]
print("straight:", attack_residual(difference, epsilon=0.1, sigma=0.4).value)
print("turned:  ", attack_residual(turned, epsilon=0.1, sigma=0.4).value)

# %% [markdown]
# Turned by 90 degrees only the brightness is left, and the attack takes part of it.
#
# ## The frontier
#
# The whole curve, from outside (bounds that no classifier crosses) and from inside (classifiers
# that reach it). Where both meet the question is settled.

# %%
curve = frontier(setting, points=7, weights=3, samples=20_000, rng=0)
print("what may be left to gain, at most:", np.max(curve.gap).round(4))
plot_frontier(curve)

# %% [markdown]
# ## A weaker adversary
#
# The same bound for several radii: how the price falls as the attack weakens.

# %%
for epsilon in (0.0, 0.05, 0.1, 0.15):
    weaker = Setting(setting.mixture, setting.transformations, epsilon=epsilon)
    best = pairwise_bound(weaker, 0.01).spatial_accuracy
    print(f"epsilon {epsilon:4.2f}: spatial accuracy <= {best:.4f} at adversarial error 0.01")
