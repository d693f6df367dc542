"""The README's pictures: screenshots of explorers at work, in few colours so that the files stay small. `make picture`."""
import io

import torch
from browser import find
from lab import FLAGS, ROOT, explorer_page, settle
from PIL import Image
from playwright.sync_api import sync_playwright

from neuralnet_foundations.data import load_digits
from neuralnet_foundations.explorers import DrawDigit, FitByHand, LoopStepper, ReluBuilder
from neuralnet_foundations.fitting import add_noise, quad
from neuralnet_foundations.similarity import PixelSimilarity

IMAGES = ROOT / "nbs/images"


def downhill(explorer, steps, *args):
    "The explorer after so many steps."
    for _ in range(steps): explorer.step(*args)
    return explorer


def fit_by_hand():
    x = torch.linspace(-2, 2, 20)
    y = add_noise(quad(3, 2, 1, x), mult=0.15, add=1.5, seed=42)
    return downhill(FitByHand(quad, x, y, a=1.1, b=1.1, c=1.1), 15, 0.01)


def draw_digit():
    ten = load_digits(range(10))
    return DrawDigit(PixelSimilarity("rmse").fit(ten.train_x, ten.train_y).predict)


MADE = dict(fit_by_hand=fit_by_hand, draw_digit=draw_digit, relu_builder=lambda: downhill(ReluBuilder(n=6), 400),
            loop_stepper=lambda: downhill(LoopStepper(), 23))


def small(png, colours=64):
    "The same picture with few colours."
    picture, out = Image.open(io.BytesIO(png)).convert("RGB"), io.BytesIO()
    picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


with sync_playwright() as p:
    browser = p.chromium.launch(executable_path=find(), args=FLAGS)
    IMAGES.mkdir(exist_ok=True)
    for name, make in MADE.items():
        page = explorer_page(browser, ROOT, [make()], width=784, scale=1.5)
        settle(page)
        (IMAGES / f"{name}.png").write_bytes(small(page.locator(".nnf-explorer").screenshot()))
        page.context.close()
    browser.close()
