"timm's tables: where they are looked for, what is refused, how they are joined, and which models stand on the frontier."
import hashlib
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from neuralnet_foundations import data, model_tables
from neuralnet_foundations.model_tables import (
    DEVICES,
    FROZEN,
    RESULTS,
    SPEEDS,
    TABLES,
    architecture_of,
    family_of,
    load_models,
    on_frontier,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*has fewer models")
CPU = SPEEDS["per_second_cpu"]
REAL = os.environ.get("NEURALNET_FOUNDATIONS_DATA")
real = pytest.mark.skipif(not REAL or not Path(REAL, "timm", RESULTS).is_file(),
                          reason="NEURALNET_FOUNDATIONS_DATA has no timm tables")
SMALL = {
    RESULTS: "model,img_size,top1,param_count\nbig.a,224,90.5,\"1,014.45\"\nbig.b,224,80,1014.45\n"
             "big.a,288,91,1014.45\nsmall.a,160,40,0.5\n",
    CPU: "model,infer_img_size,infer_samples_per_sec\nbig,224,0.5\nsmall,160,\"1,930.48\"\nother,224,7\n",
    SPEEDS["per_second_gpu"]: "model,infer_img_size,infer_samples_per_sec\nbig,224,100\nbig,288,50\n"}


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    "No data folder, a fastai folder of our own, and nobody at the other end of the line."
    monkeypatch.delenv("NEURALNET_FOUNDATIONS_DATA", raising=False)
    monkeypatch.setenv("FASTAI_HOME", str(tmp_path/"fastai"))
    monkeypatch.setattr(model_tables, "TIMM", "http://127.0.0.1:9/")


@pytest.fixture
def folder(tmp_path):
    "A folder with three small tables."
    (tmp_path/"mine"/"timm").mkdir(parents=True)
    for name, text in SMALL.items(): (tmp_path/"mine"/"timm"/name).write_text(text)
    return tmp_path/"mine"/"timm"


# What comes with the course

def test_the_frozen_tables_give_what_is_known_of_them(capsys):
    df = load_models()
    assert capsys.readouterr().out == "Image models: timm's tables, as they come with the course.\n"
    assert list(df) == ["model", "architecture", "family", "img_size", "top1", "params", *DEVICES]
    assert len(df) == 1556 and df.per_second_cpu.notna().sum() == 1451 and df.per_second_gpu.notna().all()
    assert not df.duplicated(["model", "img_size"]).any() and df.duplicated("model").sum() == 290
    assert df.params.max() > 1000 and df.top1.is_monotonic_decreasing
    row = df[(df.model == "resnet50.a1_in1k") & (df.img_size == 288)].iloc[0]
    assert (row.architecture, row.family, row.top1, row.params) == ("resnet50", "resnet", 81.24, 25.56)


def test_each_speed_is_that_of_its_architecture_and_size():
    df = load_models("frozen")
    for name, file in SPEEDS.items():
        rows = pd.read_csv(FROZEN/file)
        speed = {(m, size): v for m, size, v in rows.itertuples(index=False)}
        for row in df.itertuples():
            expected = speed.get((row.model.split(".")[0], row.img_size), np.nan)
            np.testing.assert_equal(getattr(row, name), expected)


def test_what_is_shipped_is_small_and_says_where_it_comes_from():
    shipped = list(Path(FROZEN).iterdir())
    assert {f.name for f in shipped} == {*TABLES, "README.md"} and sum(f.stat().st_size for f in shipped) < 300_000
    text = (FROZEN/"README.md").read_text(encoding="utf-8")
    assert "Apache-2.0" in text and "pytorch-image-models" in text and all(name in text for name in TABLES)


@real
def test_the_shipped_rows_are_the_published_ones():
    for name in TABLES:
        whole = pd.read_csv(Path(REAL, "timm", name), dtype=str, keep_default_na=False)
        slice_ = pd.read_csv(FROZEN/name, dtype=str, keep_default_na=False)
        pd.testing.assert_frame_equal(whole[list(slice_)], slice_)
        content = Path(REAL, "timm", name).read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        assert blob in (FROZEN/"README.md").read_text(encoding="utf-8")


# Where it looks

def test_the_readers_folder_comes_first(folder, monkeypatch, capsys):
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_DATA", str(folder.parent))
    df = load_models()
    assert "timm/ in the folder that NEURALNET_FOUNDATIONS_DATA names" in capsys.readouterr().out
    assert df.model.tolist() == ["big.a", "big.b", "big.a", "small.a"] and df.params[0] == 1014.45
    np.testing.assert_equal(df.per_second_cpu.tolist(), [0.5, 0.5, np.nan, 1930.48])
    np.testing.assert_equal(df.per_second_gpu.tolist(), [100, 100, 50, np.nan])
    pd.testing.assert_frame_equal(load_models(folder), df)
    assert len(load_models("frozen")) == 1556


def test_tables_that_are_cut_off_are_mentioned(tmp_path, monkeypatch):
    for name in TABLES: (tmp_path/name).write_bytes((FROZEN/name).read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = load_models(tmp_path)
    lines = (tmp_path/RESULTS).read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path/RESULTS).write_text("".join(lines[:700]), encoding="utf-8")
    with pytest.warns(UserWarning, match=rf"{RESULTS} has 699, the course's copy {len(lines) - 1:,}.*cut off.*'frozen'"):
        assert len(load_models(tmp_path)) < len(whole)
    (tmp_path/RESULTS).write_text(lines[0].replace("\n", ",top1\n") + lines[1].replace("\n", ",1\n"), encoding="utf-8")
    with pytest.raises(ValueError, match="the column top1 twice"): load_models(tmp_path)


def test_a_data_folder_without_tables_is_mentioned(tmp_path, monkeypatch, capsys):
    (tmp_path/"other.txt").touch()
    monkeypatch.setenv("NEURALNET_FOUNDATIONS_DATA", str(tmp_path))
    assert len(load_models()) == 1556
    assert "looked there for timm, found other.txt" in capsys.readouterr().out


@pytest.mark.parametrize("source, says", [
    ("nothing_here", "no such folder"), (None, "source is None"), (3, "source is 3")])
def test_sources_that_do_not_exist(source, says):
    with pytest.raises((ValueError, FileNotFoundError), match=says): load_models(source)


def test_a_folder_that_lacks_a_table(folder):
    (folder/CPU).unlink()
    with pytest.raises(FileNotFoundError, match=f"lacks {CPU}.*load_models\\('frozen'\\)"): load_models(folder)


def test_a_download_and_none(tmp_path, monkeypatch, folder):
    with pytest.raises(FileNotFoundError, match=r"could not be downloaded.*load_models\('frozen'\)"):
        load_models("download")
    assert not list((tmp_path/"fastai").rglob("*.csv"))
    monkeypatch.setattr(model_tables, "TIMM", folder.as_uri() + "/")
    assert len(load_models("download")) == 4
    monkeypatch.setattr(model_tables, "FROZEN", tmp_path/"gone")
    assert len(load_models()) == 4
    (folder/RESULTS).write_text("a page that says sorry")
    with pytest.raises(FileNotFoundError, match=r"not what it should be \(it has no models"): load_models("download")
    assert data._fastai_path("data")/"timm"/RESULTS in list((tmp_path/"fastai").rglob("*.csv"))  # the good one stays


# What it refuses

HEAD = SMALL[RESULTS].splitlines()[0] + "\n"
WRONG = [
    ("", "cannot be read as a table"), (HEAD, "no models"), ("a page that says sorry", "no models"),
    ("model,img_size,top1\nbig.a,224,90\n", "no column param_count, but model, img_size, top1"),
    ("a\0b\nc,d,e\n", "more fields than its first"), (HEAD + "big.a,224,90,1,2\n", "more fields"),
    (HEAD + "big.a,224,\"90,5\",1\n", "top1 must be a number from 0 to 100; line 2 has '90,5'"),
    (HEAD + "big.a,224,ninety,1\n", "line 2 has 'ninety'"),
    (HEAD + "big.a,224,90,1\nbig.b,224,,1\n", "line 3 has ''"),
    (HEAD + "big.a,224,101,1\n", "from 0 to 100"), (HEAD + "big.a,22.5,90,1\n", "whole number"),
    (HEAD + "big.a,0,90,1\n", "img_size"), (HEAD + "big.a,224,nan,1\n", "'nan'"),
    (HEAD + "big.a,224,inf,1\n", "'inf'"), (HEAD + "big.a,224,90,\"1,01\"\n", "param_count"),
    (HEAD + "big.a,224,90,1\nbig.a,224,91,1\n", "big.a at 224 pixels twice"),
    (HEAD + "else.a,224,90,1\n", "both an accuracy and a per_second_cpu")]


@pytest.mark.parametrize("text, says", WRONG, ids=[s for _, s in WRONG])
def test_a_table_that_is_wrong(folder, text, says):
    (folder/RESULTS).write_text(text)
    with pytest.raises(ValueError) as e: load_models(folder)
    assert says in str(e.value)


@pytest.mark.parametrize("speed", ["0", "-3", "fast", ""])
def test_a_speed_that_is_none(folder, speed):
    (folder/CPU).write_text(f"model,infer_img_size,infer_samples_per_sec\nbig,224,{speed}\n")
    with pytest.raises(ValueError, match="infer_samples_per_sec must be a number"): load_models(folder)


# Names, and the frontier

@pytest.mark.parametrize("model, architecture, family", [
    ("resnet50.a1_in1k", "resnet50", "resnet"), ("tf_efficientnetv2_s.in21k", "tf_efficientnetv2_s", "efficientnet"),
    ("test_vit2.r160_in1k", "test_vit2", "vit"), ("eva02_large_patch14_448.mim", "eva02_large_patch14_448", "eva"),
    ("gluon_resnet18_v1b", "gluon_resnet18_v1b", "resnet"), ("vgg", "vgg", "vgg"), ("3net.x", "3net", "3net"),
    ("test_2", "test_2", "test")])
def test_names(model, architecture, family):
    assert (architecture_of(model), family_of(model)) == (architecture, family)


def beaten(speed, top1):
    "Whom another model beats, by looking at every pair."
    s, t = np.array(speed, float), np.array(top1, float)
    with np.errstate(invalid="ignore"):
        as_good = (s[:, None] >= s) & (t[:, None] >= t)
        better = (s[:, None] > s) | (t[:, None] > t)
    return (as_good & better).any(0)


@pytest.mark.parametrize("seed", range(20))
def test_the_frontier_is_who_is_not_beaten(seed):
    r = np.random.RandomState(seed)
    speed, top1 = r.randint(1, 12, 60).astype(float), r.randint(1, 12, 60).astype(float)  # with many ties
    speed[r.rand(60) < 0.1] = np.nan
    np.testing.assert_array_equal(on_frontier(speed, top1), ~beaten(speed, top1) & ~np.isnan(speed))


def test_the_two_machines_share_only_some_of_it():
    df = load_models("frozen")
    cpu, gpu = (on_frontier(df[name], df.top1) for name in DEVICES)
    for name, found in zip(DEVICES, (cpu, gpu), strict=True):
        np.testing.assert_array_equal(found, ~beaten(df[name], df.top1) & df[name].notna())
    assert 0 < (cpu & gpu).sum() < min(cpu.sum(), gpu.sum())


def test_of_nobody_nobody_stands_on_the_frontier(): assert on_frontier([], []).tolist() == []


@pytest.mark.parametrize("speed, top1, says", [
    ([1, 2], [1], "one of each"), (["a"], [1], "must be numbers"), ([1.], [np.nan], "top1")])
def test_a_frontier_of_what_is_none(speed, top1, says):
    with pytest.raises(ValueError, match=says): on_frontier(speed, top1)
