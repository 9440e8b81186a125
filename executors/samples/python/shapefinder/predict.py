"""Mining and inference: one pass over the candidate images serves both."""

import json

from . import detect, model as models
from .dataset import read_index
from .files import write_atomically


def run(job, monitor):
    """Look at each candidate image, and write what the job asks for."""
    model = models.load(job.config.get("model_params_path"))
    names = job.class_names()
    if len(names) != len(model.class_names):
        print(f"class_names {names} do not fit the model, which knows {model.class_names}", flush=True)
        names = model.class_names
    paths = [row[0] for row in read_index(job.input_path("candidate_index_file"))]
    count = job.number("mining_candidates", int, 1, 1000) if job.mining else 0
    threshold = job.number("infer_conf_thr", float, 0, 1) if job.infer else 0

    scores, found = {}, {}
    for number, path in enumerate(paths, 1):
        boxes, probabilities = detect.candidates(model, detect.load(path))
        if job.mining:
            scores[path] = detect.uncertainty(boxes, probabilities, count)
        if job.infer:
            found[path] = {"boxes": _as_json(detect.detections(boxes, probabilities, threshold), names)}
        monitor.running(0.99 * number / len(paths))

    if job.mining:
        ranked = sorted(scores.items(), key=lambda pair: -pair[1])
        lines = [f"{path}\t{score:.6f}\n" for path, score in ranked]
        write_atomically(job.output_path("mining_result_file"), "".join(lines))
    if job.infer:
        # Keyed by path: two images may share a base name.
        write_atomically(job.output_path("infer_result_file"), json.dumps({"detection": found}))
    print(f"{len(paths)} images done", flush=True)


def _as_json(detected, names):
    return [
        {"box": {"x": round(float(x1), 2), "y": round(float(y1), 2),
                 "w": round(float(x2 - x1), 2), "h": round(float(y2 - y1), 2)},
         "class_name": names[index], "score": round(float(score), 6)}
        for (x1, y1, x2, y2), index, score in zip(*detected)
    ]
