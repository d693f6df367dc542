"""The README's picture: a screenshot of the front page's explorer after 15 steps downhill. `make picture`."""
import torch
from browser import find
from lab import FLAGS, ROOT, explorer_page
from playwright.sync_api import sync_playwright

from neuralnet_foundations.explorers import FitByHand
from neuralnet_foundations.fitting import add_noise, quad

x = torch.linspace(-2, 2, 20)
fit = FitByHand(quad, x, add_noise(quad(3, 2, 1, x), mult=0.15, add=1.5, seed=42), a=1.1, b=1.1, c=1.1)
for _ in range(15): fit.step(0.01)
with sync_playwright() as p:
    browser = p.chromium.launch(executable_path=find(), args=FLAGS)
    page = explorer_page(browser, ROOT, [fit], width=920, scale=2)
    (ROOT / "nbs/images").mkdir(exist_ok=True)
    page.locator(".nnf-explorer").screenshot(path=str(ROOT / "nbs/images/fit_by_hand.png"))
    browser.close()
