"""The Chromium that tests drive: `find()` gives its path, `python tests/browser.py` installs one where there is none."""
import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find() -> str | None:
    "Path of a Chromium: `$CHROMIUM`, one on the PATH, else Playwright's own; None where there is none."
    given = os.environ.get("CHROMIUM")
    if given:
        if shutil.which(given): return shutil.which(given)
        raise FileNotFoundError(f"CHROMIUM is {given!r}, which is not a program that can be run")
    for name in NAMES:
        if path := shutil.which(name): return path
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p: own = p.chromium.executable_path
    return own if os.path.exists(own) else None


def install() -> str | None:
    "Install a Chromium, Playwright's first and Debian's next; its path, or None where neither works."
    tries = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        tries += [[*sudo, "apt-get", "update", "-qq"], [*sudo, "apt-get", "install", "-y", "-qq", "chromium"]]
    for command in tries:
        print("browser:", " ".join(command), flush=True)
        subprocess.run(command, stdin=subprocess.DEVNULL)
        if path := find(): return path


if __name__ == "__main__":
    path = find() or install()
    print("browser:", path or "none; tests that need one are skipped here, and fail with CI=true")
    sys.exit(1 if path is None and os.environ.get("CI") == "true" else 0)
