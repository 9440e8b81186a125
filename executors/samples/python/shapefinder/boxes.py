"""Geometry of boxes: overlap, suppression, offsets, and the sliding windows.

Boxes are arrays (n, 4) of x1, y1, x2, y2 with x2, y2 exclusive.
"""

from functools import lru_cache

import numpy as np

WINDOW_SIDES = (16, 24, 36, 54, 81)  # pixels of the scaled image, steps of 1.5
ASPECTS = (0.5, 1.0, 2.0)  # width / height
_STRIDE = 0.4  # of the window's side; the offsets make up for the coarse grid


def iou(a, b):
    """Intersection over union of each box in `a` (n, 4) with each in `b` (m, 4): (n, m)."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    area_a, area_b = ((x[:, 2:] - x[:, :2]).prod(axis=1) for x in (a, b))
    return shared / np.maximum(area_a[:, None] + area_b[None] - shared, 1e-9)


def suppress(boxes, scores, threshold):
    """Non-maximum suppression: indices of the boxes kept, best first."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    while order.size:
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[iou(boxes[[best]], boxes[order])[0] < threshold]
    return np.array(kept, dtype=np.int64)


def encode(windows, targets):
    """Offsets from windows to target boxes (n, 4), as in R-CNN (Girshick et al. 2014, appendix C)."""
    size, goal = windows[:, 2:] - windows[:, :2], targets[:, 2:] - targets[:, :2]
    shift = (targets[:, :2] + targets[:, 2:] - windows[:, :2] - windows[:, 2:]) / 2 / size
    return np.hstack([shift, np.log(goal / size)])


def decode(windows, offsets):
    """The boxes that `offsets` make of windows; the inverse of `encode`."""
    size = windows[:, 2:] - windows[:, :2]
    centre = (windows[:, :2] + windows[:, 2:]) / 2 + np.clip(offsets[:, :2], -1, 1) * size
    half = size * np.exp(np.clip(offsets[:, 2:], -1, 1)) / 2
    return np.hstack([centre - half, centre + half])


def clip(boxes, width, height, least=1.0):
    """Boxes cut to the image, each at least `least` pixels wide and high."""
    limit = np.array([width, height], dtype=np.float64)
    start = np.clip(boxes[:, :2], 0, np.maximum(limit - least, 0))
    return np.hstack([start, np.maximum(np.minimum(boxes[:, 2:], limit), start + least)])


@lru_cache(maxsize=16)
def sliding_windows(width, height):
    """All windows of an image of this size: (n, 4)."""
    rows = []
    for side in WINDOW_SIDES:
        for aspect in ASPECTS:
            w, h = side * aspect ** 0.5, side / aspect ** 0.5
            if w > width * 1.2 or h > height * 1.2:
                continue
            # Steps spread evenly so that the last window touches the far edge.
            xs, ys = (np.linspace(0, max(whole - part, 0), int(max(whole - part, 0) / (part * _STRIDE)) + 2)
                      for whole, part in ((width, w), (height, h)))
            x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
            rows.append(np.stack([x, y, x + w, y + h], axis=1))
    rows.append(np.array([[0.0, 0.0, width, height]]))
    return clip(np.vstack(rows), width, height)
