"""Damped Newton ascent inside a box, for the small likelihoods of this package (2 to 5 parameters)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import BoolArray, FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]
LONGEST_STEP = 2.0
DECREMENT = 1e-13
MOST_STEPS = 200
FLAT = 1e-5
NEAR_BOX = 0.01
AT_BOX = 1e-9


@dataclass(frozen=True)
class Maximum:
    """Where the climb ended: point (K,), value, Hessian (K, K); `is_at_boundary` if a parameter met the box."""

    point: FloatArray
    value: float
    hessian: FloatArray
    steps: int
    has_converged: bool
    is_at_boundary: bool


def maximise(objective: Objective, start: FloatArray, *, low: float = -16.0, high: float = 16.0) -> Maximum:
    """Climb to a local maximum; never raises on a flat or open-ended likelihood, it says so instead.

    Parameters
    ----------
    objective : callable
        Point (K,) -> (value, gradient (K,), Hessian (K, K)); scaled to be of order one.
    start : (K,) float
    low, high : float
        The box; a coordinate that presses against it is held there and reported.

    Notes
    -----
    Step = |H|^-1 g with the absolute eigenvalues of the free part of H, at most 2 long, halved until the value
    rises (Nocedal and Wright, Numerical Optimization, ch. 3). It ends when the expected rise is below 1e-13, or when no
    step rises any more on a slope below 1e-5.
    """
    point = np.clip(start, low, high)
    value, gradient, hessian = objective(point)
    converged, steps = False, 0
    for _ in range(MOST_STEPS):
        step = _step_inside(point, gradient, hessian, (low, high))
        decrement = float(gradient @ step)
        if decrement < DECREMENT:
            converged = True
            break
        steps += 1
        risen = _climb(objective, point, value, step, (low, high))
        if risen is None:
            converged = float(np.max(np.abs(gradient[step != 0]), initial=0.0)) < FLAT
            break
        point, (value, gradient, hessian) = risen
    boundary = bool(np.any((point <= low + NEAR_BOX) | (point >= high - NEAR_BOX)))
    return Maximum(point, value, hessian, steps, converged, boundary)


def _step_inside(
    point: FloatArray, gradient: FloatArray, hessian: FloatArray, box: tuple[float, float]
) -> FloatArray:
    """The Newton step of the coordinates that may move: one at a wall that would leave through it is held."""
    at_low, at_high = point <= box[0] + AT_BOX, point >= box[1] - AT_BOX
    free = ~((at_low & (gradient < 0)) | (at_high & (gradient > 0)))
    for _ in range(point.size):
        step = _newton_step(gradient, hessian, free)
        leaving = (at_low & (step < 0)) | (at_high & (step > 0))
        if not leaving.any():
            break
        free &= ~leaving
    return step


def _newton_step(gradient: FloatArray, hessian: FloatArray, free: BoolArray) -> FloatArray:
    step = np.zeros_like(gradient)
    if not free.any():
        return step
    values, vectors = np.linalg.eigh(hessian[np.ix_(free, free)])
    sizes = np.maximum(np.abs(values), 1e-12)
    inner = vectors @ ((vectors.T @ gradient[free]) / sizes)
    longest = float(np.max(np.abs(inner)))
    step[free] = inner * min(1.0, LONGEST_STEP / longest) if longest > 0 else inner
    return step


def _climb(
    objective: Objective,
    point: FloatArray,
    value: float,
    step: FloatArray,
    box: tuple[float, float],
) -> tuple[FloatArray, tuple[float, FloatArray, FloatArray]] | None:
    length = _room(point, step, box)
    for _ in range(40):
        candidate = np.clip(point + length * step, *box)
        outcome = objective(candidate)
        if np.isfinite(outcome[0]) and outcome[0] > value:
            return candidate, outcome
        length /= 2
    return None


def _room(point: FloatArray, step: FloatArray, box: tuple[float, float]) -> float:
    """The longest part of the step that stays in the box: going on beyond it would bend the direction."""
    moving = np.abs(step) > 0
    ends = np.where(step > 0, box[1], box[0])
    return float(min(1.0, np.min(np.abs((ends - point)[moving] / step[moving]), initial=1.0)))


def standard_errors(hessian: FloatArray) -> FloatArray:
    """Standard errors (K,) from the Hessian (K, K) of a whole log-likelihood; NaN where it is not curved down."""
    values, vectors = np.linalg.eigh(-hessian)
    if values[0] <= 1e-9 * max(1.0, float(values[-1])):
        return np.full(hessian.shape[0], np.nan)
    variances: FloatArray = ((vectors**2) / values).sum(axis=1)
    return np.sqrt(variances)
