"""Runs start.sh on jobs laid out by the contract, with generated pictures; no container needed."""

import json
import os
import shutil
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import numpy as np
import yaml
from PIL import Image, ImageDraw

from shapefinder import boxes, metrics, tensorboard
from shapefinder.detect import Detections

HERE = Path(__file__).resolve().parent
CLASSES = ["disc", "box", "triangle"]
VOC = ("<object><name>{name}</name><difficult>0</difficult><truncated>0</truncated><bndbox><xmin>{0}</xmin>"
       "<ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax><rotate_angle>0.0</rotate_angle></bndbox></object>")


def draw_picture(rng, objects):
    """A plain picture with shapes: the image and [(class, x, y, w, h)] in pixels, none overlapping."""
    image = Image.new("RGB", (200, 200 - 40 * int(rng.integers(2))), tuple(int(v) for v in rng.integers(170, 256, 3)))
    pen, placed = ImageDraw.Draw(image), []
    while len(placed) < objects:
        w, h = (int(v) for v in rng.integers(30, 76, 2))
        x, y = int(rng.integers(0, 200 - w)), int(rng.integers(0, image.height - h))
        box = np.array([[x, y, x + w, y + h]], dtype=float)
        if any(boxes.iou(box, np.array([[a, b, a + c, b + d]], dtype=float))[0, 0] > 0 for _, a, b, c, d in placed):
            continue
        name = CLASSES[int(rng.integers(3))]
        colour = tuple(int(v) for v in rng.integers(0, 130, 3))
        corners = (x, y, x + w - 1, y + h - 1)
        if name == "disc":
            pen.ellipse(corners, fill=colour)
        elif name == "box":
            pen.rectangle(corners, fill=colour)
        else:
            pen.polygon([(x + w // 2, y), (x, y + h - 1), (x + w - 1, y + h - 1)], fill=colour)
        placed.append((name, x, y, w, h))
    return image, placed


class JobFolder:
    """A temporary /in and /out."""

    def __init__(self, root, **asked):
        self.inside, self.outside = root / "in", root / "out"
        self.inside.mkdir(parents=True)
        self.outside.mkdir()
        training = asked.get("run_training", False)
        env = {
            "protocol_version": "1.1.0", "task_id": "t0000001000000abc",
            "run_training": False, "run_mining": False, "run_infer": False,
            "manifest_file": "/img-man/manifest.yaml",
            "input": {
                "root_dir": "/in", "assets_dir": "/in/assets", "annotations_dir": "/in/annotations",
                "models_dir": "/in/models", "config_file": "/in/config.yaml",
                "training_index_file": "/in/train-index.tsv" if training else "",
                "val_index_file": "/in/val-index.tsv" if training else "",
                "candidate_index_file": "" if training else "/in/candidate-index.tsv"},
            "output": {
                "root_dir": "/out", "models_dir": "/out/models", "tensorboard_dir": "/out/tensorboard",
                "training_result_file": "/out/models/result.yaml", "mining_result_file": "/out/result.tsv",
                "infer_result_file": "/out/infer-result.json", "monitor_file": "/out/monitor.txt",
                "executor_log_file": "/out/ymir-executor-out.log"},
        }
        env.update(asked)
        (self.inside / "env.yaml").write_text(yaml.safe_dump(env))

    def config(self, *templates, **keys):
        merged = {}
        for name in templates:
            merged.update(yaml.safe_load((HERE / "img-man" / f"{name}-template.yaml").read_text()))
        merged.update({"task_id": "t0000001000000abc", "class_names": CLASSES, "gpu_id": "", "gpu_count": 0,
                       "object_type": 2}, **keys)
        (self.inside / "config.yaml").write_text(yaml.safe_dump(merged))

    def add_image(self, image, asset_id, kind="png"):
        """Store an image; its path as the container sees it."""
        place = f"assets/{asset_id[-2:]}/{asset_id}.{kind}"
        (self.inside / place).parent.mkdir(parents=True, exist_ok=True)
        image.save(self.inside / place)
        return f"/in/{place}"

    def add_annotation(self, placed, asset_id):
        place = f"annotations/{asset_id[-2:]}/{asset_id}.xml"
        (self.inside / place).parent.mkdir(parents=True, exist_ok=True)
        objects = "".join(VOC.format(x, y, x + w - 1, y + h - 1, name=name) for name, x, y, w, h in placed)
        (self.inside / place).write_text(f"<annotation>{objects}</annotation>")
        return f"/in/{place}"

    def add_set(self, name, rng, count):
        lines = []
        for number in range(count):
            image, placed = draw_picture(rng, int(rng.integers(0, 4)) if number else 2)
            asset_id = f"{name}{number:04d}"
            kind = "jpg" if number % 2 else "png"
            lines.append(f"{self.add_image(image, asset_id, kind)}\t{self.add_annotation(placed, asset_id)}\n")
        (self.inside / f"{name}-index.tsv").write_text("".join(lines))

    def run(self):
        env = dict(os.environ, YMIR_IN=str(self.inside), YMIR_OUT=str(self.outside))
        started = time.monotonic()
        done = subprocess.run(["bash", str(HERE / "start.sh")], env=env, capture_output=True, text=True)
        self.seconds = time.monotonic() - started
        self.log = done.stdout + done.stderr
        return done.returncode

    def monitor(self):
        return (self.outside / "monitor.txt").read_text()

    def result(self):
        return yaml.safe_load((self.outside / "models" / "result.yaml").read_text())


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Train once; the tests look at the outcome."""
        cls.root = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.root)
        cls.rng = np.random.default_rng(5)
        cls.trained = job = JobFolder(cls.root / "train", run_training=True)
        job.config("training")
        job.epochs = yaml.safe_load((job.inside / "config.yaml").read_text())["epochs"]
        job.add_set("train", cls.rng, 60)
        job.add_set("val", cls.rng, 20)
        cls.code = job.run()
        print(job.log, f"training: {job.seconds:.1f} s")

    def folder(self, **asked):
        return JobFolder(self.root / self.id(), **asked)

    def give_model(self, job):
        stage = self.trained.result()["best_stage_name"]
        target = job.inside / "models" / stage
        shutil.copytree(self.trained.outside / "models" / stage, target)
        return [f"/in/models/{stage}/{path.name}" for path in target.iterdir()]

    def test_training(self):
        self.assertEqual(self.code, 0, self.trained.log)
        result = self.trained.result()
        self.assertGreater(result["mAP"], 0.5)
        self.assertEqual(result["mAP"], result["model_stages"][result["best_stage_name"]]["mAP"])
        self.assertTrue(2 <= len(result["model_stages"]) <= 10)
        for name, stage in result["model_stages"].items():
            for file in stage["files"]:
                self.assertTrue((self.trained.outside / "models" / name / file).is_file())
        fields = self.trained.monitor().splitlines()[0].split("\t")
        self.assertEqual((fields[0], float(fields[2]), fields[3]), ("t0000001000000abc", 1.0, "3"))
        self.assertEqual([p.name for p in self.trained.outside.rglob("*.part")], [])

    def test_event_file(self):
        [path] = (self.trained.outside / "tensorboard").iterdir()
        content, records = path.read_bytes(), []
        while content:
            [length] = struct.unpack("<Q", content[:8])
            self.assertEqual(content[8:12], tensorboard._masked_crc(content[:8]))
            records.append(content[12:12 + length])
            self.assertEqual(content[12 + length:16 + length], tensorboard._masked_crc(records[-1]))
            content = content[16 + length:]
        self.assertIn(b"brain.Event:2", records[0])
        self.assertEqual(len(records), 1 + self.trained.epochs)
        self.assertTrue(all(b"train/loss" in r and b"val/mAP" in r for r in records[1:]))

    def test_mining_and_infer(self):
        job = self.folder(run_mining=True, run_infer=True)
        drawn, paths = {}, []
        for number, mode in enumerate(["RGB", "RGBA", "P", "L", "LA", "1", "I;16", "CMYK"] + ["RGB"] * 8):
            image, placed = draw_picture(self.rng, 2)
            if mode == "I;16":
                image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
            kind = "jpg" if mode == "CMYK" else "png"
            path = job.add_image(image if mode == "I;16" else image.convert(mode), f"c{number:04d}", kind)
            paths.append(path)
            drawn[path] = placed
        (job.inside / "candidate-index.tsv").write_text("\n".join(paths) + "\n")
        job.config("mining", "infer", model_params_path=self.give_model(job), run_mining=True, run_infer=True)
        self.assertEqual(job.run(), 0, job.log)
        print(f"mining and infer: {job.seconds:.1f} s for {len(paths)} images")

        rows = [line.split("\t") for line in (job.outside / "result.tsv").read_text().splitlines()]
        scores = [float(score) for _, score in rows]
        self.assertEqual(sorted(path for path, _ in rows), sorted(paths))
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertGreater(len(set(scores)), 1)

        found = json.loads((job.outside / "infer-result.json").read_text())["detection"]
        self.assertEqual(set(found), set(paths))
        met = sum(self.meets(item, found[path]["boxes"]) for path in paths for item in drawn[path])
        self.assertGreater(met, len(paths))  # of twice as many objects, some in grey
        self.assertEqual(job.monitor().split("\t")[3].strip(), "3")

    def meets(self, item, detected):
        name, x, y, w, h = item
        truth = np.array([[x, y, x + w, y + h]], dtype=float)
        for one in detected:
            b = one["box"]
            box = np.array([[b["x"], b["y"], b["x"] + b["w"], b["y"] + b["h"]]])
            if one["class_name"] == name and boxes.iou(truth, box)[0, 0] >= 0.5:
                return True
        return False

    def test_continues_from_a_model(self):
        job = self.folder(run_training=True)
        shutil.rmtree(job.inside / "assets", ignore_errors=True)
        for name in ("assets", "annotations", "train-index.tsv", "val-index.tsv"):
            source = self.trained.inside / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, job.inside / name)
        job.config("training", epochs=1, learning_rate=0.0001, class_names=["triangle", "disc", "box"],
                   pretrained_model_params=self.give_model(job))
        self.assertEqual(job.run(), 0, job.log)
        self.assertGreater(job.result()["mAP"], self.trained.result()["mAP"] - 0.1)

    def assert_fails(self, job, code):
        self.assertNotEqual(job.run(), 0)
        fields = job.monitor().splitlines()[0].split("\t")
        self.assertEqual(fields[3:5], ["4", str(code)])
        self.assertIn("Traceback", job.monitor())

    def test_wrong_object_type(self):
        job = self.folder(run_training=True)
        job.config("training", object_type=3)
        self.assert_fails(job, 300005)

    def test_no_images(self):
        job = self.folder(run_training=True)
        job.config("training")
        (job.inside / "train-index.tsv").write_text("")
        self.assert_fails(job, 300002)

    def test_missing_model(self):
        job = self.folder(run_infer=True)
        job.config("infer", model_params_path=["/in/models/epoch_1/shapefinder.npz"], run_infer=True)
        self.assert_fails(job, 300004)

    def test_broken_image(self):
        job = self.folder(run_infer=True)
        job.config("infer", model_params_path=self.give_model(job), run_infer=True)
        (job.inside / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n, then nothing")
        (job.inside / "candidate-index.tsv").write_text("/in/broken.png\n")
        self.assert_fails(job, 300003)

    def test_bad_parameter_and_no_env(self):
        job = self.folder(run_training=True)
        job.config("training", epochs="many")
        self.assert_fails(job, 300001)
        (job.inside / "env.yaml").unlink()
        self.assert_fails(job, 300001)


class Parts(unittest.TestCase):
    def test_crc32c_of_the_standard_string(self):
        self.assertEqual(tensorboard.crc32c(b"123456789"), 0xE3069283)  # RFC 3720's polynomial, check value

    def test_average_precision_by_hand(self):
        far, near = [0.0, 0, 10, 10], [50.0, 50, 60, 60]
        truth = [(np.array([far, near]), np.array([0, 0]))]
        found = [Detections(np.array([far, [20.0, 20, 30, 30], near]), np.zeros(3, int), np.array([0.9, 0.8, 0.7]))]
        scores = metrics.evaluate(truth, found, 1, 0.5)
        self.assertAlmostEqual(scores["mAP"], (1 + 2 / 3) / 2)
        self.assertEqual((scores["tp"], scores["fp"], scores["fn"]), (2, 1, 0))

    def test_offsets_are_inverse(self):
        windows, targets = np.array([[0.0, 0, 10, 20]]), np.array([[2.0, 3, 11, 25]])
        np.testing.assert_allclose(boxes.decode(windows, boxes.encode(windows, targets)), targets)


if __name__ == "__main__":
    unittest.main()
