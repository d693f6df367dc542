"The built site, served to the tests of this folder."
import functools
import http.server
import os
import threading
from pathlib import Path

import pytest
from built import build
from filelock import FileLock
from lab import ROOT


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    "The folder of the built site; where several processes test, one builds it while the others wait."
    if os.environ.get("SITE"): return Path(os.environ["SITE"]).resolve()
    with FileLock(tmp_path_factory.getbasetemp().parent / "site.lock"): code, said, _ = build(ROOT)
    assert code == 0, said
    return ROOT / "_docs"


@pytest.fixture(scope="session")
def origin(site):
    "Where the site is served."
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args): pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
