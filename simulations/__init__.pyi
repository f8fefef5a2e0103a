from .classifiers.attacks import attack as attack
from .classifiers.halfspace import (
    Classifier as Classifier,
    Criterion as Criterion,
    Halfspace as Halfspace,
)
from .classifiers.logistic import logistic_regression as logistic_regression
from .classifiers.optimal import (
    minimax_rule as minimax_rule,
    nearest_mean as nearest_mean,
    nearest_template as nearest_template,
    optimal_rule as optimal_rule,
)
from .classifiers.templates import (
    LikelihoodRatio as LikelihoodRatio,
    Templates as Templates,
)
from .estimates import (
    BoundedMean as BoundedMean,
    Estimate as Estimate,
)
from .execution.execute import execute as execute
from .records import (
    Record as Record,
    RecordError as RecordError,
    provenance as provenance,
)
from .sampling.accuracy import (
    accuracy as accuracy,
    adversarial_accuracy as adversarial_accuracy,
    adversarial_sampler as adversarial_sampler,
    images as images,
    spatial_accuracy as spatial_accuracy,
    spatial_sampler as spatial_sampler,
    streams as streams,
    transform as transform,
)
from .sampling.confidence_sequences import (
    Side as Side,
    anytime_interval as anytime_interval,
    decide_crossing as decide_crossing,
)
from .sampling.importance_sampling import rare_error as rare_error
from .sampling.quasi_monte_carlo import quasi_accuracy as quasi_accuracy
from .sampling.scores import (
    InputSampler as InputSampler,
    ScoreSampler as ScoreSampler,
)
from .validation.experiments import (
    EXPERIMENTS as EXPERIMENTS,
    run as run,
)
