"Step 5, while you write: the site on 127.0.0.1, rebuilt on change."
import functools
import http.server
import sys
import threading
import time

from adapter import SiteError
from workshop import DOCS, LIB, NBS, SITE, files_in


class Quiet(http.server.SimpleHTTPRequestHandler):
    "Serves files, says nothing, and lets no browser keep them."
    def log_message(self, *args): pass

    def end_headers(self):
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


def look(): return [(p, p.stat().st_mtime_ns) for p in files_in(NBS, LIB, DOCS)]


def serve(port, build):
    "Serve the site, and `build` it again when a notebook, a module or a file of docs/ changes."
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"docs: http://127.0.0.1:{server.server_port}/ (Ctrl-C ends)", flush=True)
    last = look()
    while True:
        time.sleep(1)
        now = look()
        if now == last: continue
        last = now
        try: build()
        except SiteError as e: print(f"docs: {e}\ndocs: the last good site stays up", file=sys.stderr, flush=True)
