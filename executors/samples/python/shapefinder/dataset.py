"""Index files, images and Pascal VOC ground truth.

Boxes are float arrays of rows x1, y1, x2, y2 in pixels of the stored image, origin top
left, x2 and y2 exclusive (VOC's xmax and ymax are inclusive, hence the +1).
"""

import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

from . import errors
from .errors import ExecutorError
from .files import locate


def read_index(path):
    """The lines of an index file, each as a list of its tab-separated fields."""
    try:
        lines = locate(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ExecutorError(errors.NO_DATA, f"cannot read {path}: {error}") from error
    rows = [line.split("\t") for line in lines if line.strip()]
    if not rows:
        raise ExecutorError(errors.NO_DATA, f"{path} lists no image")
    return rows


def read_image(path, long_side):
    """An image scaled to `long_side` pixels: (RGB array 0..1 (h, w, 3), its size before (w, h)).

    EXIF orientation is not applied: boxes refer to the pixels as they are stored.
    """
    try:
        with Image.open(locate(path)) as image:
            size = image.size
            factor = long_side / max(size)
            small = tuple(max(8, round(side * factor)) for side in size)
            image.draft("RGB", small)  # lets JPEG decode at a fraction of its size
            rgb = _to_rgb(image).resize(small, Image.Resampling.BILINEAR, reducing_gap=2.0)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ExecutorError(errors.BAD_IMAGE, f"cannot read image {path}: {error}") from error
    return np.asarray(rgb, dtype=np.float32) / 255, size


def _to_rgb(image):
    """Any Pillow image as RGB, what is transparent on white."""
    if image.mode == "F" or image.mode.startswith("I"):
        # Pillow clips instead of scaling where it has more than 8 bits for a grey pixel.
        values = np.asarray(image, dtype=np.float64)
        image = Image.fromarray((255 * values / max(values.max(), 255)).clip(0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def read_voc(path, class_names):
    """Boxes (n, 4) and class indices (n,) of one VOC file; an empty file has no object.

    Rotated boxes are taken as upright ones, classes outside `class_names` are left out.
    """
    try:
        content = locate(path).read_text(encoding="utf-8").strip()
        objects = ElementTree.fromstring(content).iter("object") if content else []
        found = []
        for item in objects:
            name = (item.findtext("name") or "").strip()
            corners = [float(item.findtext(f"bndbox/{key}")) for key in ("xmin", "ymin", "xmax", "ymax")]
            if name in class_names:
                found.append((class_names.index(name), corners))
    except (OSError, ElementTree.ParseError, TypeError, ValueError) as error:
        raise ExecutorError(errors.NO_DATA, f"cannot read annotation {path}: {error}") from error
    boxes = np.array([corners for _, corners in found], dtype=np.float64).reshape(-1, 4)
    boxes[:, 2:] += 1
    return boxes, np.array([index for index, _ in found], dtype=np.int64)


def read_ground_truth(index_path, class_names):
    """One (image path, boxes, class indices) for each line of an index file."""
    truth = []
    for row in read_index(index_path):
        if len(row) < 2:
            raise ExecutorError(errors.NO_DATA, f"{index_path}: no annotation named for {row[0]}")
        truth.append((row[0], *read_voc(row[1], class_names)))
    return truth
