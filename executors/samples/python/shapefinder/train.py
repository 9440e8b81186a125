"""Training: gradient descent on windows of the training images, a stage every few epochs."""

import time

import numpy as np
import yaml

from . import boxes as geometry
from . import detect, errors, metrics, model as models
from .dataset import read_ground_truth
from .errors import ExecutorError
from .files import write_atomically
from .tensorboard import EventFile

_MOST_STAGES = 10  # the protocol's limit
_CACHED_IMAGES = 300  # a scaled picture takes about 1 MB
_RANDOM_WINDOWS, _JITTERED = 250, 24  # an image, and an object
_NEGATIVES_KEPT = 60
_OBJECT_IOU, _BACKGROUND_IOU = 0.55, 0.4  # windows between the two teach nothing


def run(job, monitor):
    """Train as the job asks, and write the stages."""
    export_format = str(job.config.get("export_format"))
    if export_format.split(":")[0] not in ("voc", "det-voc"):
        raise ExecutorError(errors.CONFIGURATION, f"export_format must be voc:raw, not {export_format}")
    rng = np.random.default_rng(job.number("seed", int, 0, 2 ** 32))
    epochs = job.number("epochs", int, 1, 10000)
    interval = max(job.number("save_interval", int, 1, 10000), -(-epochs // _MOST_STAGES))
    batch_size = job.number("batch_size", int, 1, 1024)
    first_rate = job.number("learning_rate", float, 1e-7, 1)
    evaluation = {"iou_thr": job.number("eval_iou_thr", float, 0.05, 1),
                  "conf_thr": job.number("eval_conf_thr", float, 0, 1)}
    names = job.class_names()
    training = read_ground_truth(job.input_path("training_index_file"), names)
    validation = read_ground_truth(job.input_path("val_index_file"), names)
    if not any(len(classes) for _, _, classes in training):
        raise ExecutorError(errors.NO_DATA, "the training set has no object of the classes to train")

    model = _first_model(job, names, rng)
    optimizer = Adam(model.weights)
    load = _cached_loader()
    board = EventFile(job.output_path("tensorboard_dir"))
    stages = Stages(job, evaluation)
    for epoch in range(1, epochs + 1):
        rate = first_rate * (1 - 0.9 * (epoch - 1) / epochs)
        losses = []
        order = rng.permutation(len(training))
        for start in range(0, len(order), batch_size):
            batch = [_samples(model, load(path), boxes, classes, rng)
                     for path, boxes, classes in (training[i] for i in order[start:start + batch_size])]
            loss, gradients = model.gradients(*map(np.concatenate, zip(*batch)))
            if not np.isfinite(loss):
                raise ExecutorError(errors.NAN_IN_TRAINING, f"the loss became {loss} in epoch {epoch}")
            optimizer.step(gradients, rate)
            losses.append(loss)
            monitor.running(0.99 * (epoch - 1 + 0.8 * (start + batch_size) / len(order)) / epochs)

        scores = _validate(model, validation, load, evaluation)
        board.scalars(epoch, {"train/loss": float(np.mean(losses)), "val/mAP": scores["mAP"],
                              "val/mAR": scores["mAR"], "train/learning_rate": rate})
        print(f"epoch {epoch}/{epochs}: loss {np.mean(losses):.4f}, mAP {scores['mAP']:.4f}", flush=True)
        if epoch % interval == 0 or epoch == epochs:
            stages.add(f"epoch_{epoch}", model, scores)
        monitor.running(0.99 * epoch / epochs)
    board.close()


def _first_model(job, names, rng):
    if "pretrained_model_params" not in job.config:
        return models.Model.fresh(names, job.number("hidden_units", int, 1, 4096), rng)
    earlier = models.load(job.config["pretrained_model_params"])
    print(f"continuing from a model of {earlier.class_names}", flush=True)
    return earlier.adapted(names, rng)


def _cached_loader():
    """`detect.load` that keeps the first images; scanning in turn, a cache of the last would never hit."""
    kept = {}

    def load(path):
        loaded = kept.get(path) or detect.load(path)
        if len(kept) < _CACHED_IMAGES:
            kept[path] = loaded
        return loaded

    return load


def _samples(model, loaded, boxes, classes, rng):
    """Features, labels and offsets of windows of one image: its objects and its hardest background."""
    picture = loaded.picture
    truth = geometry.clip(boxes / loaded.scale, picture.width, picture.height)
    grid = geometry.sliding_windows(picture.width, picture.height)
    windows = grid[rng.choice(len(grid), min(_RANDOM_WINDOWS, len(grid)), replace=False)]
    if len(truth):
        near = np.repeat(truth, _JITTERED, axis=0)
        spread = rng.choice([0.05, 0.12, 0.25], (len(near), 1))  # from nearly right to beside it
        moved = geometry.decode(near, rng.normal(0, 1, near.shape) * spread)
        windows = np.vstack([windows, geometry.clip(moved, picture.width, picture.height, 4)])
    labels = np.full(len(windows), models.BACKGROUND)
    offsets = np.zeros((len(windows), 4))
    overlap = np.zeros(len(windows))
    if len(truth):
        overlaps = geometry.iou(windows, truth)
        nearest, overlap = overlaps.argmax(axis=1), overlaps.max(axis=1)
        is_object = overlap >= _OBJECT_IOU
        labels[is_object] = classes[nearest[is_object]] + 1
        offsets[is_object] = geometry.encode(windows[is_object], truth[nearest[is_object]])
    features = picture.describe(windows)
    # Most background is easy and would drown the rest (Shrivastava et al. 2016, hard example mining).
    background = np.flatnonzero(overlap < _BACKGROUND_IOU)
    doubt = model.predict(features[background])[0][:, models.BACKGROUND]
    hardest = background[np.argsort(doubt, kind="stable")[:_NEGATIVES_KEPT // 2]]
    others = rng.choice(background, min(_NEGATIVES_KEPT // 2, len(background)), replace=False)
    rows = np.concatenate([np.flatnonzero(labels), hardest, others])
    return features[rows], labels[rows], offsets[rows]


def _validate(model, validation, load, evaluation):
    found = [detect.detections(*detect.candidates(model, load(path)), evaluation["conf_thr"])
             for path, _, _ in validation]
    truth = [(boxes, classes) for _, boxes, classes in validation]
    return metrics.evaluate(truth, found, len(model.class_names), evaluation["iou_thr"])


class Adam:
    """Kingma and Ba 2015, algorithm 1; changes the weights in place."""

    def __init__(self, weights):
        self.weights = weights
        self.mean = {key: np.zeros_like(value) for key, value in weights.items()}
        self.square = {key: np.zeros_like(value) for key, value in weights.items()}
        self.steps = 0

    def step(self, gradients, rate):
        self.steps += 1
        for key, gradient in gradients.items():
            self.mean[key] = 0.9 * self.mean[key] + 0.1 * gradient
            self.square[key] = 0.999 * self.square[key] + 0.001 * gradient ** 2
            mean = self.mean[key] / (1 - 0.9 ** self.steps)
            square = self.square[key] / (1 - 0.999 ** self.steps)
            self.weights[key] -= (rate * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)


class Stages:
    """The stages written so far, and result.yaml, which tells of them."""

    def __init__(self, job, evaluation):
        self.job = job
        self.evaluation = evaluation
        self.stages = {}

    def add(self, name, model, scores):
        """Save a stage: first its file, then result.yaml, which so names only what is there."""
        model.save(f"{self.job.output_path('models_dir')}/{name}/{models.FILE_NAME}")
        self.stages[name] = {"stage_name": name, "files": [models.FILE_NAME],
                             "timestamp": int(time.time()), **scores}
        best = max(self.stages.values(), key=lambda stage: stage["mAP"])
        result = {
            "best_stage_name": best["stage_name"],
            "mAP": best["mAP"],
            "model_stages": self.stages,
            "evaluate_config": self.evaluation,
        }
        write_atomically(self.job.output_path("training_result_file"), yaml.safe_dump(result, sort_keys=False))
