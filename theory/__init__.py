"""Bounds on the trade-off between spatial and adversarial accuracy.

Names are those of the field; the symbols of ``theory/THEORY.md`` correspond to them so:

====================  ==================================================================
mu_i, w_i, y_i        ``means``, ``weights``, ``labels`` of a :class:`GaussianMixture`
Sigma, sigma          ``covariance``, ``sigma`` (of one coordinate)
P_g, nu_g             ``permutations``, ``probabilities`` of :class:`Transformations`
epsilon, p            ``epsilon``, ``norm`` of a :class:`Setting`: the attack
e_S, S = 1 - e_S      ``spatial_error``, ``spatial_accuracy``
e_A, A = 1 - e_A      ``adversarial_error``, ``adversarial_accuracy``
G_rho(a)              :func:`gaussian_tradeoff`
r_epsilon(Delta)      :func:`attack_residual`
alpha, eta            amplitude of the strong signal, of the weak texture
====================  ==================================================================

Names are imported when first used, so that ``import theory`` stays cheap.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
