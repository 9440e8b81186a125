"""From a picture to candidate boxes and detections."""

from typing import NamedTuple

import numpy as np

from . import boxes as geometry
from .dataset import read_image
from .features import Picture
from .model import BACKGROUND

LONG_SIDE = 128  # pixels; each image is scaled to it, so that windows fit any resolution
_SECOND_LOOK = 120  # windows that are looked at again where they were moved to
_PORTION = 256  # windows
_SAME_OBJECT = 0.3  # IoU above which two boxes show one object


class Loaded(NamedTuple):
    """A scaled picture, and what its coordinates are multiplied with to get the image's."""
    picture: Picture
    scale: np.ndarray  # x, y, x, y


class Detections(NamedTuple):
    """Boxes in pixels of the image, best first, with their class indices and scores."""
    boxes: np.ndarray
    classes: np.ndarray
    scores: np.ndarray


def load(path):
    rgb, (width, height) = read_image(path, LONG_SIDE)
    picture = Picture(rgb)
    return Loaded(picture, np.array([width / picture.width, height / picture.height] * 2))


def candidates(model, loaded):
    """Promising boxes (in pixels of the image) and their class probabilities (n, classes + 1)."""
    picture = loaded.picture
    windows = geometry.sliding_windows(picture.width, picture.height)
    # In portions that fit the processor's cache.
    portions = np.array_split(windows, len(windows) // _PORTION + 1)
    probabilities, offsets = map(np.concatenate, zip(*(
        model.predict(picture.describe(portion)) for portion in portions)))
    best = np.argsort(probabilities[:, BACKGROUND], kind="stable")[:_SECOND_LOOK]
    # The nearest windows are off by some pixels: move them, then judge them once more.
    moved = geometry.clip(geometry.decode(windows[best], offsets[best]), picture.width, picture.height, 4)
    probabilities, offsets = model.predict(picture.describe(moved))
    final = geometry.clip(geometry.decode(moved, offsets), picture.width, picture.height)
    return final * loaded.scale, probabilities


def detections(found, probabilities, threshold):
    """Detections with scores of at least `threshold`, one for each object, whatever its class."""
    classes = probabilities[:, 1:].argmax(axis=1)
    scores = probabilities[:, 1:].max(axis=1)
    rows = np.flatnonzero(scores >= threshold)
    rows = rows[geometry.suppress(found[rows], scores[rows], _SAME_OBJECT)]
    return Detections(found[rows], classes[rows], scores[rows])


def uncertainty(found, probabilities, count):
    """How unsure the model is of an image, 0..1: the mean entropy of its `count` best boxes."""
    objectness = 1 - probabilities[:, BACKGROUND]
    rows = geometry.suppress(found, objectness, _SAME_OBJECT)[:count]
    p = probabilities[rows].astype(np.float64)
    entropy = -(p * np.log(p + 1e-12)).sum(axis=1) / np.log(p.shape[1])
    return float(np.clip(entropy.mean(), 0, 1))
