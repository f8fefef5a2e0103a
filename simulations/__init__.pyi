from .classifiers.attacks import attack as attack
from .classifiers.halfspace import (
    Classifier as Classifier,
)
from .classifiers.halfspace import (
    Criterion as Criterion,
)
from .classifiers.halfspace import (
    Halfspace as Halfspace,
)
from .classifiers.logistic import logistic_regression as logistic_regression
from .classifiers.optimal import (
    minimax_rule as minimax_rule,
)
from .classifiers.optimal import (
    nearest_mean as nearest_mean,
)
from .classifiers.optimal import (
    nearest_template as nearest_template,
)
from .classifiers.optimal import (
    optimal_rule as optimal_rule,
)
from .classifiers.templates import (
    LikelihoodRatio as LikelihoodRatio,
)
from .classifiers.templates import (
    Templates as Templates,
)
from .estimates import (
    BoundedMean as BoundedMean,
)
from .estimates import (
    Estimate as Estimate,
)
from .execution.execute import execute as execute
from .records import (
    Record as Record,
)
from .records import (
    RecordError as RecordError,
)
from .records import (
    provenance as provenance,
)
from .sampling.accuracy import (
    accuracy as accuracy,
)
from .sampling.accuracy import (
    adversarial_accuracy as adversarial_accuracy,
)
from .sampling.accuracy import (
    adversarial_sampler as adversarial_sampler,
)
from .sampling.accuracy import (
    images as images,
)
from .sampling.accuracy import (
    spatial_accuracy as spatial_accuracy,
)
from .sampling.accuracy import (
    spatial_sampler as spatial_sampler,
)
from .sampling.accuracy import (
    streams as streams,
)
from .sampling.accuracy import (
    transform as transform,
)
from .sampling.confidence_sequences import (
    Side as Side,
)
from .sampling.confidence_sequences import (
    anytime_interval as anytime_interval,
)
from .sampling.confidence_sequences import (
    decide_crossing as decide_crossing,
)
from .sampling.confidence_sequences import (
    sample_until as sample_until,
)
from .sampling.importance_sampling import rare_error as rare_error
from .sampling.quasi_monte_carlo import quasi_accuracy as quasi_accuracy
from .sampling.scores import (
    InputSampler as InputSampler,
)
from .sampling.scores import (
    ScoreSampler as ScoreSampler,
)
from .validation.experiments import (
    EXPERIMENTS as EXPERIMENTS,
)
from .validation.experiments import (
    run as run,
)
