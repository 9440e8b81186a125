"""What the classifier sees of a window: mean colour and gradient in a grid of cells.

The means come from integral images (Viola and Jones 2001), so that a window costs the
same whatever its size.
"""

import numpy as np

CHANNELS = 8
# 4 x 4 cells on the window and a ring of one cell around it, which shows where the object ends.
_CELLS = 6
FEATURES = _CELLS * _CELLS * CHANNELS
_GRADIENT_GAIN = 4.0  # brings gradients (a pixel's difference in 0..1) to the range of colours


class Picture:
    """The integral image of one scaled picture."""

    def __init__(self, rgb):
        self.height, self.width = rgb.shape[:2]
        # Room for the ring around a window as large as the picture, plus rounding.
        self._pad = max(rgb.shape[:2]) // 4 + 2
        channels = np.pad(_channels(rgb), ((self._pad,) * 2, (self._pad,) * 2, (0, 0)), mode="edge")
        sums = channels.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
        self._sums = np.pad(sums, ((1, 0), (1, 0), (0, 0))).astype(np.float32)

    def describe(self, windows):
        """The features of windows (n, 4) that lie in the picture: (n, FEATURES)."""
        steps = np.arange(-1, _CELLS) / (_CELLS - 2)
        xs, ys = (_edges(windows[:, axis, None], windows[:, axis + 2, None], steps) + self._pad
                  for axis in (0, 1))
        corners = self._sums[ys[:, :, None], xs[:, None, :]]
        rows = corners[:, 1:] - corners[:, :-1]
        totals = rows[:, :, 1:] - rows[:, :, :-1]
        areas = np.diff(ys, axis=1)[:, :, None] * np.diff(xs, axis=1)[:, None, :]
        totals /= areas[..., None]
        return totals.reshape(len(windows), FEATURES)


def _edges(start, end, steps):
    """Whole-pixel cell borders along one axis, each cell at least one pixel wide."""
    edges = np.rint(start + (end - start) * steps).astype(np.int64)
    one_each = np.arange(edges.shape[1])
    return np.maximum.accumulate(edges - one_each, axis=1) + one_each


def _channels(rgb):
    """The channels (h, w, CHANNELS) of an RGB picture in 0..1."""
    grey = rgb.mean(axis=2)
    down, right = np.gradient(grey)
    strokes = np.stack([right, down, (right + down) / 2 ** 0.5, (right - down) / 2 ** 0.5], axis=2)
    # On calm backgrounds the median colour is the background's.
    unlike = np.abs(rgb - np.median(rgb, axis=(0, 1))).mean(axis=2, keepdims=True)
    return np.concatenate([rgb - 0.5, _GRADIENT_GAIN * np.abs(strokes), 2 * unlike], axis=2)
