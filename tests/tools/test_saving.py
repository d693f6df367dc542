"A saved model comes back as it was, or not at all; what else may lie in its place is named."
import errno
import io
import os
import stat
import sys
import zipfile

import pytest
import torch
from torch import nn

from neuralnet_foundations.explorers.quiz import write_progress
from neuralnet_foundations.questions import anki, worksheet
from neuralnet_foundations.saving import load_net, save_net
from neuralnet_foundations.sheets import Sheet


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))

def equal(a, b): return all(torch.equal(v, b.state_dict()[k]) for k, v in a.state_dict().items())

@pytest.fixture
def saved(tmp_path):
    model = net()
    with torch.no_grad():
        for p in model.parameters(): p.add_(1)
    return model, save_net(model, tmp_path/"net.pt")

def test_no_flipped_bit_is_loaded(saved):
    "Every bit of some 200 bytes all over the file, and of every byte of the weights: an error, or the very numbers that were saved."
    model, file = saved
    data = file.read_bytes()
    weights = data.find(model[0].weight.detach().numpy().tobytes())
    refused = 0
    for at in [*range(0, len(data), len(data)//200), *range(weights, weights + 80)]:
        for bit in (0, 6):
            broken = bytearray(data)
            broken[at] ^= 1 << bit
            file.write_bytes(broken)
            fresh = net()
            try: assert equal(load_net(fresh, file), model), f"byte {at}, bit {bit}"
            except ValueError as e:
                refused += 1
                assert "net.pt" in str(e) and equal(fresh, net())
    assert refused >= 160

@pytest.mark.parametrize("change, says", [
    (lambda v: v.long(), "0.weight as whole numbers"), (lambda v: v > 0, "0.weight as truth numbers"),
    (lambda v: v.to(torch.complex64), "0.weight as complex numbers")])
def test_weights_of_another_kind_are_refused(tmp_path, change, says):
    state = net().state_dict()
    state["0.weight"] = change(state["0.weight"])
    torch.save(state, tmp_path/"net.pt")
    fresh = net()
    with pytest.raises(ValueError, match=f"different model.*{says}"): load_net(fresh, tmp_path/"net.pt")
    assert equal(fresh, net())

def test_other_precisions_are_loaded(tmp_path):
    for dtype in (torch.float64, torch.float16):
        save_net(net().to(dtype), tmp_path/"net.pt")
        assert load_net(net(), tmp_path/"net.pt")[0].weight.dtype == torch.float32

@pytest.mark.parametrize("saved_as, loaded_as, number",
                         [(torch.float64, torch.float32, 1e300), (torch.float32, torch.float16, 1e30)])
def test_numbers_that_would_become_infinite_are_refused(tmp_path, saved_as, loaded_as, number):
    big, small = net().to(saved_as), net().to(loaded_as)
    with torch.no_grad(): big[2].bias.fill_(number)
    file = save_net(big, tmp_path/"net.pt")
    with pytest.raises(ValueError, match=f"2.bias that are too large for {loaded_as}.*double"): load_net(small, file)
    assert equal(small, net().to(loaded_as))

def test_a_truncated_archive_and_another_zip(saved):
    model, file = saved
    data = file.read_bytes()
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as z: z.writestr("readme.txt", "hello")
    for broken in (b"", data[:1], data[:len(data)//2], data[:-1], data[1:], other.getvalue()):
        file.write_bytes(broken)
        with pytest.raises(ValueError, match="cannot|can be loaded safely|not a saved model"): load_net(net(), file)

def dot(w, x): return (w*x).sum()

# All that writes a file: what is written, and its name
WRITERS = {"net.pt": lambda path: save_net(net(), path),
           "net.xlsx": lambda path: Sheet(dot, w=torch.ones(2), x=torch.ones(2)).workbook(path),
           "progress.json": lambda path: write_progress(path, {"grey-pixel": (1, 20_000)}),
           "questions.html": lambda path: worksheet(path, ["grey-pixel"]),
           "questions.apkg": lambda path: pytest.importorskip("genanki") and anki(path, ["grey-pixel"])}

@pytest.fixture(params=WRITERS)
def writer(request): return request.param, WRITERS[request.param]

@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_file_has_the_rights_that_new_files_have(tmp_path, writer):
    (name, write), plain = writer, tmp_path/"plain"
    plain.write_text("")
    file = tmp_path/name
    write(file)
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    file.chmod(0o640)
    write(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640, "and keeps those that it was given"

@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_no_writer_replaces_a_link(tmp_path, writer):
    name, write = writer
    (tmp_path/"there").mkdir()
    link, target = tmp_path/name, tmp_path/"there"/"real"
    link.symlink_to(target)
    for _ in range(2):
        write(link)
        assert link.is_symlink() and target.stat().st_size
    assert os.listdir(tmp_path/"there") == ["real"]

def test_every_writer_says_where_it_cannot_write_and_keeps_what_was_there(tmp_path, writer, monkeypatch):
    name, write = writer
    with pytest.raises(OSError, match="there is no folder .*none"): write(tmp_path/"none"/name)
    (tmp_path/name).mkdir()
    with pytest.raises(OSError, match="is a folder"): write(tmp_path/name)
    (tmp_path/name).rmdir()
    (tmp_path/name).write_bytes(b"mine")
    def full(*args, **kwargs): raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("neuralnet_foundations.saving.os.replace", full)
    says = f"{name} could not be written: No space left on device.*closed in other programs.*unchanged"
    with pytest.raises(OSError, match=says):
        write(tmp_path/name)
    assert (tmp_path/name).read_bytes() == b"mine" and os.listdir(tmp_path) == [name]

@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path/"there").mkdir()
    link, target = tmp_path/"net.pt", tmp_path/"there"/"real.pt"
    link.symlink_to(target)
    for _ in range(2):
        assert (save_net(net(), link) == link and link.is_symlink() and target.is_file()
                and equal(load_net(net(), link), net()))
    assert os.listdir(tmp_path/"there") == ["real.pt"]

@pytest.mark.parametrize("path, error, says",
    [("none/net.pt", FileNotFoundError, "there is no folder .*none"),
     (".", IsADirectoryError, "is a folder: give the name")])
def test_a_place_that_is_none(tmp_path, path, error, says):
    with pytest.raises(error, match=says): save_net(net(), tmp_path/path)
    assert not os.listdir(tmp_path)

@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_full_disk_is_named_and_keeps_the_old_file(saved, monkeypatch, step):
    model, file = saved
    old = file.read_bytes()
    def full(*args, **kwargs): raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("pathlib.Path.write_bytes" if step == "write_bytes" else "os.replace", full)
    with pytest.raises(OSError, match=r"net.pt could not be written: No space left on device.*unchanged"):
        save_net(net(), file)
    assert file.read_bytes() == old and os.listdir(file.parent) == ["net.pt"]
