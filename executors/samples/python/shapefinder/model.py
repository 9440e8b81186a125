"""The network: one hidden layer, a softmax over background and classes, and box offsets."""

import json
import zipfile

import numpy as np

from . import errors
from .errors import ExecutorError
from .features import FEATURES
from .files import locate

FILE_NAME = "shapefinder.npz"
BACKGROUND = 0  # class i of class_names is output i + 1
_FORMAT = 1
# Offsets are mostly below 0.3; scaled up they count as much as the classes.
_OFFSET_GAIN = 4.0


class Model:
    """Weights and the names of what they tell apart."""

    def __init__(self, class_names, weights):
        self.class_names = list(class_names)
        self.weights = weights

    @classmethod
    def fresh(cls, class_names, hidden_units, rng):
        """Random weights (He et al. 2015 for the hidden layer, small ones for the outputs)."""
        outputs = len(class_names) + 1
        return cls(class_names, {
            "w1": rng.normal(0, (2 / FEATURES) ** 0.5, (FEATURES, hidden_units)).astype(np.float32),
            "b1": np.zeros(hidden_units, np.float32),
            "wc": rng.normal(0, 0.01, (hidden_units, outputs)).astype(np.float32),
            "bc": np.zeros(outputs, np.float32),
            "wb": rng.normal(0, 0.01, (hidden_units, 4)).astype(np.float32),
            "bb": np.zeros(4, np.float32),
        })

    def adapted(self, class_names, rng):
        """This model for other classes: what both know is kept, new classes start afresh."""
        hidden_units = self.weights["w1"].shape[1]
        new = Model.fresh(class_names, hidden_units, rng)
        for key in ("w1", "b1", "wb", "bb"):
            new.weights[key] = self.weights[key].copy()
        pairs = [(BACKGROUND, BACKGROUND)] + [
            (class_names.index(name) + 1, index + 1)
            for index, name in enumerate(self.class_names) if name in class_names]
        for target, source in pairs:
            new.weights["wc"][:, target] = self.weights["wc"][:, source]
            new.weights["bc"][target] = self.weights["bc"][source]
        return new

    def predict(self, features):
        """Probabilities (n, classes + 1) and box offsets (n, 4)."""
        _, probabilities, offsets = self._forward(features)
        return probabilities, offsets

    def gradients(self, features, labels, offsets):
        """Loss and its gradients: cross entropy, plus smooth L1 on the offsets of non-background."""
        w, n = self.weights, len(features)
        hidden, probabilities, guessed = self._forward(features)
        loss = -np.log(probabilities[np.arange(n), labels] + 1e-12).mean()
        d_class = probabilities.copy()
        d_class[np.arange(n), labels] -= 1
        d_class /= n

        is_object = (labels != BACKGROUND)[:, None]
        objects = max(int(is_object.sum()), 1)
        miss = np.where(is_object, guessed - offsets, 0) * _OFFSET_GAIN
        loss += np.where(np.abs(miss) < 1, miss ** 2 / 2, np.abs(miss) - 0.5).sum() / objects
        d_box = (_OFFSET_GAIN * np.clip(miss, -1, 1) / objects).astype(np.float32)

        d_hidden = (d_class @ w["wc"].T + d_box @ w["wb"].T) * (hidden > 0)
        return float(loss), {
            "w1": features.T @ d_hidden, "b1": d_hidden.sum(axis=0),
            "wc": hidden.T @ d_class, "bc": d_class.sum(axis=0),
            "wb": hidden.T @ d_box, "bb": d_box.sum(axis=0),
        }

    def save(self, path):
        """Write the model to the protocol path `path`."""
        target = locate(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        about = json.dumps({"format": _FORMAT, "class_names": self.class_names})
        with open(target, "wb") as file:
            np.savez(file, about=np.array(about), **self.weights)

    def _forward(self, features):
        w = self.weights
        hidden = np.maximum(features @ w["w1"] + w["b1"], 0)
        logits = hidden @ w["wc"] + w["bc"]
        logits -= logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        return hidden, powers / powers.sum(axis=1, keepdims=True), hidden @ w["wb"] + w["bb"]


def load(paths):
    """The model among the job's model files (other files, of any kind, may lie beside it)."""
    candidates = [path for path in paths or [] if str(path).endswith(".npz")]
    if not candidates:
        raise ExecutorError(errors.NO_MODEL, f"no .npz model among {paths!r}")
    try:
        with np.load(locate(candidates[0]), allow_pickle=False) as archive:
            about = json.loads(str(archive["about"]))
            weights = {key: archive[key] for key in ("w1", "b1", "wc", "bc", "wb", "bb")}
    except FileNotFoundError as error:
        raise ExecutorError(errors.NO_MODEL, f"model file not found: {candidates[0]}") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ExecutorError(errors.NO_MODEL, f"not a model of this image: {candidates[0]}: {error}") from error
    if about.get("format") != _FORMAT or weights["w1"].shape[0] != FEATURES:
        raise ExecutorError(errors.NO_MODEL, f"model of another version of this image: {candidates[0]}")
    return Model(about["class_names"], weights)
