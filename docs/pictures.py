"Figures of a third of their size: a chart has few colours, and its smoothed edges need no more than 256."
import base64
import io

import numpy as np
from PIL import Image

SEEN = 10  # of 255: how far a colour may move; edges stay smooth, and no eye tells the two apart


def few_colours(image):
    "An opaque picture with 256 colours, or None where some pixel would change visibly."
    if image.mode == "RGBA" and image.getextrema()[3][0] < 255: return None
    rgb = image.convert("RGB")
    few = rgb.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    moved = np.abs(np.asarray(few.convert("RGB"), int) - np.asarray(rgb, int))
    return few if moved.max() <= SEEN else None


def lighter(
    png,  # A PNG in base64, as notebooks hold pictures
):  # One that looks the same and is no larger
    "The same picture, smaller where 256 colours are enough for it."
    before = base64.b64decode(png)
    few = few_colours(Image.open(io.BytesIO(before)))
    if few is None: return png
    after = io.BytesIO()
    few.save(after, "png", optimize=True)
    return base64.b64encode(after.getvalue()).decode() if len(after.getvalue()) < len(before) else png
