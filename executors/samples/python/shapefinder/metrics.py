"""Average precision at one IoU, as in Pascal VOC since 2010 (area under the precision envelope)."""

import numpy as np

from .boxes import iou


def evaluate(truth, found, class_count, iou_threshold):
    """mAP, mAR and the counts tp, fp, fn over a set.

    `truth` holds (boxes, classes) and `found` Detections for each image. Classes without
    an object in the set count neither way in the means.
    """
    precisions, recalls, tp, fp, fn = [], [], 0, 0, 0
    for index in range(class_count):
        hits, objects = _hits(truth, found, index, iou_threshold)
        tp, fp, fn = tp + int(hits.sum()), fp + int((~hits).sum()), fn + objects - int(hits.sum())
        if objects:
            precisions.append(_average_precision(hits, objects))
            recalls.append(hits.sum() / objects)
    return {"mAP": _mean(precisions), "mAR": _mean(recalls), "tp": tp, "fp": fp, "fn": fn}


def _mean(values):
    return float(np.mean(values)) if values else 0.0


def _hits(truth, found, index, iou_threshold):
    """Whether each detection of a class (best first) meets an object not met yet; and the objects' number."""
    scored, objects = [], 0
    for (boxes, classes), detected in zip(truth, found):
        wanted = boxes[classes == index]
        objects += len(wanted)
        free = np.ones(len(wanted), dtype=bool)
        mine = detected.classes == index
        for box, score in zip(detected.boxes[mine], detected.scores[mine]):
            overlaps = iou(box[None], wanted)[0] * free
            hit = overlaps.size > 0 and overlaps.max() >= iou_threshold
            if hit:
                free[overlaps.argmax()] = False
            scored.append((score, hit))
    scored.sort(key=lambda pair: -pair[0])
    return np.array([hit for _, hit in scored], dtype=bool), objects


def _average_precision(hits, objects):
    met = hits.cumsum()
    precision = met / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(envelope[hits].sum() / objects)
