"""The browsers that tests drive, Chromium and Firefox: `find(CHROMIUM)` gives a path,
`python tests/browser.py` installs what is missing."""
import os
import shutil
import subprocess
import sys
from typing import NamedTuple


class Browser(NamedTuple):
    "How to find a browser, and what installs it."
    name: str
    variable: str  # of the environment: the path of the one to take
    programs: tuple  # names on the PATH, and where installers put it
    debian: str  # Debian's package


CHROMIUM = Browser(
    "chromium", "CHROMIUM", ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"), "chromium")
FIREFOX = Browser(
    "firefox", "FIREFOX", ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox",
                           r"C:\Program Files\Mozilla Firefox\firefox.exe"), "firefox-esr")


def playwrights_own() -> str | None:
    "Path of the Chromium that Playwright downloaded."
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p: path = p.chromium.executable_path
    return path if os.path.exists(path) else None


def find(browser=CHROMIUM) -> str | None:
    """Path of a browser: the one that its variable names, one on the PATH, else Playwright's own;
    None where there is none."""
    given = os.environ.get(browser.variable)
    if given:
        if shutil.which(given): return shutil.which(given)
        raise FileNotFoundError(f"{browser.variable} is {given!r}, which is not a program that can be run")
    found = next((path for name in browser.programs if (path := shutil.which(name))), None)
    return found or (playwrights_own() if browser is CHROMIUM else None)


def debian(package):
    "Commands that install a package of Debian's, where there is apt-get."
    if not shutil.which("apt-get"): return []
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    return [[*sudo, "apt-get", "update", "-qq"],
            [*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", package]]


def install(browser) -> str | None:
    "Install a browser, Playwright's Chromium first and Debian's next; its path, or None where nothing works."
    own = [[sys.executable, "-m", "playwright", "install", "chromium"]] if browser is CHROMIUM else []
    for command in own + debian(browser.debian):
        print("browser:", " ".join(command), flush=True)
        subprocess.run(command, stdin=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if path := find(browser): return path


def main():
    "Say where the browsers are; 1 where one is missing and `CI=true`."
    paths = {b.name: find(b) or install(b) for b in (CHROMIUM, FIREFOX)}
    missing = "none; tests that need it are skipped here, and fail with CI=true"
    for name, path in paths.items(): print(f"browser: {name}:", path or missing)
    return 1 if None in paths.values() and os.environ.get("CI", "").lower() == "true" else 0


if __name__ == "__main__": sys.exit(main())
