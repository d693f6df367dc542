"""A page's message, which comes in a thread of its own, and what Python does meanwhile: one after the other, \
and the pages hear of it in that order."""
import threading
from contextlib import contextmanager

import pytest

from neuralnet_foundations.explorers import LoopStepper


def by_steps(w): w.step()
def by_reset(w): w.reset()
def by_a_run(w): w.run(2)
def by_assignment(w): w.loop = after(w, 99)


def after(w, steps): return dict(w.loop, steps=steps, losses=[0.5]*steps)


def slow(w):
    "An explorer that takes a moment between the echo of a message and its values; what it tells the pages, and when it is in that moment."
    told, between, real = [], threading.Event(), w._lock_property
    @contextmanager
    def lock(**values):
        between.set()
        done.wait(0.3)  # long enough for what does not wait for its turn
        with real(**values): yield
    w._lock_property, done = lock, threading.Event()
    w._send = lambda message, buffers=None: told.append(message["state"]["loop"]) if "loop" in message.get("state", {}) else None
    return told, between, done


@pytest.mark.parametrize("change", [by_steps, by_reset, by_a_run, by_assignment])
def test_python_waits_for_a_message(change):
    w = LoopStepper()
    w.run(1)
    told, between, done = slow(w)
    message = dict(content=dict(data=dict(method="update", state=dict(loop=after(w, 50)))))
    page = threading.Thread(target=w._handle_msg, args=(message,))
    page.start()
    assert between.wait(60)
    change(w)
    done.set()
    page.join()
    assert told[0]["steps"] == 50 and told[-1] == w.loop and w.loop["steps"] != 50


def test_a_message_waits_for_a_run():
    w, inside, go = LoopStepper(), threading.Event(), threading.Event()
    message = dict(content=dict(data=dict(method="update", state=dict(loop=after(w, 50)))))
    def wait(change):
        inside.set()
        assert go.wait(60)
    w.observe(wait, "loop")
    run = threading.Thread(target=w.run)
    run.start()
    assert inside.wait(60)
    page = threading.Thread(target=w._handle_msg, args=(message,))
    page.start()
    page.join(0.1)
    assert page.is_alive()
    go.set()
    run.join()
    page.join()
    assert w.loop["steps"] == 50  # it came after the whole run
