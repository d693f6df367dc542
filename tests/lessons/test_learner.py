"Bad input, saved files that cannot be trusted, and the two-process run of lesson 7."
import json
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from lab import ROOT
from playgrounds import losses, small_net
from torch import nn

from neuralnet_foundations.data import Digits, load_digits
from neuralnet_foundations.learner import digit_dataloaders, load_net, predict_digit, save_net, simple_net
from neuralnet_foundations.point_sets import spiral, two_moons

SCRIPT = ROOT/"nbs"/"scripts"/"two_processes.py"


@pytest.fixture(scope="module")
def digits(): return load_digits(source="mnist_subset")


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(0)
    net = simple_net()
    return net, save_net(net, tmp_path/"net.pt")


def test_batches_are_the_digits(digits):
    dls = digit_dataloaders(digits)
    assert len(dls.train) == math.ceil(len(digits.train_y)/256)
    x, y = (torch.cat([b[i].cpu() for b in dls.train]) for i in (0, 1))
    assert torch.equal(x, digits.train_x.flatten(1)) and torch.equal(y.ravel() == 1, digits.train_y == 3)
    assert dls.one_batch()[0].shape == (256, 784) and dls.valid.one_batch()[1].shape == (200, 1)


def test_shuffled_batches_hold_every_pair_once_and_repeat_with_the_seed(digits):
    a, b = ([torch.cat([x.cpu().sum(1) + 1000*y.cpu().ravel() for x, y in dl]) for _ in range(2)]
            for dl in (digit_dataloaders(digits, shuffle=True, seed=1).train for _ in range(2)))
    plain = torch.cat([x.cpu().sum(1) + 1000*y.cpu().ravel() for x, y in digit_dataloaders(digits).train])
    assert torch.equal(a[0], b[0]) and not torch.equal(a[0], a[1]) and not torch.equal(a[0], plain)
    assert torch.equal(a[0].sort().values, plain.sort().values)


def test_a_learner_trains_on_them(digits):
    import fastai.callback.progress  # noqa: F401
    from fastai.basics import SGD, Learner

    from neuralnet_foundations.training import batch_accuracy, mnist_loss
    torch.manual_seed(0)
    learn = Learner(digit_dataloaders(digits, shuffle=True, seed=0), simple_net(), opt_func=SGD, loss_func=mnist_loss,
                    metrics=batch_accuracy)
    with learn.no_bar(), learn.no_logging(): learn.fit(8, lr=0.5)
    assert learn.recorder.values[-1][2] > 0.94 > 0.6 > learn.recorder.values[0][1]


@pytest.mark.parametrize("kept", [(3,), (3, 5, 7)])
def test_other_than_two_digits(kept):
    ten = load_digits(kept, source="mnist_subset")
    with pytest.raises(ValueError, match="choose two"): digit_dataloaders(ten)


def test_no_images_or_lengths_that_differ(digits):
    with pytest.raises(ValueError): digit_dataloaders(Digits(*(o[:0] for o in digits[:4]), digits.source))
    with pytest.raises(ValueError, match="799"): digit_dataloaders(digits._replace(train_x=digits.train_x[:799]))
    with pytest.raises(ValueError, match="batch_size"): digit_dataloaders(digits, batch_size=0)


def test_simple_net_has_the_parameters_of_the_lesson():
    assert sum(p.numel() for p in simple_net().parameters()) == 23_581
    assert [type(o) for o in simple_net(5)] == [nn.Linear, nn.ReLU, nn.Linear] and simple_net(5)[0].out_features == 5


def test_saved_and_loaded_is_the_same(saved):
    net, file = saved
    other = load_net(simple_net(), str(file))
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), other.state_dict().values(), strict=True))
    assert os.listdir(file.parent) == ["net.pt"]


class Evil:
    def __reduce__(self): return (Path.touch, (Path("evil-was-here"),))


def broken_files(file):
    "Name of the damage -> what to write."
    data = file.read_bytes()
    return {"cut short": data[:len(data)//2], "nearly whole": data[:-30], "empty": b"", "text": b"not a model at all\n",
            "picture": b"\x89PNG\r\n\x1a\n" + bytes(100), "program": pickle.dumps(Evil()),
            "flipped": data[:300] + bytes(b ^ 255 for b in data[300:400]) + data[400:]}


@pytest.mark.parametrize("damage", ["cut short", "nearly whole", "empty", "text", "picture", "program", "flipped"])
def test_a_file_that_is_no_model(saved, damage, monkeypatch):
    _, file = saved
    monkeypatch.chdir(file.parent)
    file.write_bytes(broken_files(file)[damage])
    net = simple_net()
    before = [p.detach().clone() for p in net.parameters()]
    with pytest.raises(ValueError, match="not a saved model that can be loaded safely") as e: load_net(net, file)
    assert "net.pt" in str(e.value) and "save_net" in str(e.value)
    assert (all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
            and not Path("evil-was-here").exists())


def test_a_program_inside_a_torch_file_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"0.weight": Evil()}, "net.pt")
    with pytest.raises(ValueError, match="safely"): load_net(simple_net(), "net.pt")
    assert not Path("evil-was-here").exists()


@pytest.mark.parametrize("what,says", [([1, 2], "list"), ({"a": 3}, "dict"), (torch.zeros(3), "Tensor")])
def test_a_torch_file_with_something_else(tmp_path, what, says):
    torch.save(what, tmp_path/"net.pt")
    with pytest.raises(ValueError, match=says): load_net(simple_net(), tmp_path/"net.pt")


def test_another_models_file_changes_nothing(saved):
    _, file = saved
    for other in (simple_net(20), nn.Linear(784, 1), nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 2))):
        before = [p.detach().clone() for p in other.parameters()]
        with pytest.raises(ValueError, match="different model.*784"): load_net(other, file)
        assert all(torch.equal(a, b) for a, b in zip(before, other.parameters(), strict=True))


def test_a_diverged_model_is_refused(saved):
    net, file = saved
    with torch.no_grad(): net[2].bias.fill_(float("nan"))
    save_net(net, file)
    with pytest.raises(ValueError, match="2.bias.*not finite"): load_net(simple_net(), file)


def test_no_file_and_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no saved model at"): load_net(simple_net(), tmp_path/"none.pt")
    with pytest.raises(FileNotFoundError): save_net(simple_net(), tmp_path/"none"/"net.pt")


def test_a_failed_save_keeps_the_old_file(saved, monkeypatch):
    _, file = saved
    old = file.read_bytes()
    class Full(nn.Module):
        def state_dict(self, *args, **kwargs): raise OSError("no space left")
    with pytest.raises(OSError, match="no space"): save_net(Full(), file)
    assert file.read_bytes() == old and os.listdir(file.parent) == ["net.pt"]


def test_prediction_of_one_image(digits):
    net = simple_net()
    by_hand = net(digits.valid_x[:1].flatten(1)).sigmoid().item()
    for image in (digits.valid_x[0], digits.valid_x[0].ravel(), digits.valid_x[:1]):
        answer = predict_digit(net, image)
        assert answer["3"] == pytest.approx(by_hand) and sum(answer.values()) == pytest.approx(1)
    assert list(predict_digit(net, digits.valid_x[0], labels=("yes", "no"))) == ["yes", "no"]
    for bad in (digits.valid_x[:2], torch.zeros(27, 28)):
        with pytest.raises(ValueError, match="28x28"): predict_digit(net, bad)


def launched(*command):
    "The script's result, printed as its last line."
    env = {k: v for k, v in os.environ.items() if k not in ("MASTER_ADDR", "RANK", "WORLD_SIZE")}
    env["NEURALNET_FOUNDATIONS_DATA"] = os.devnull                                     # the installed subset: small and always there
    env.setdefault("FASTAI_HOME", os.devnull)
    run = subprocess.run([sys.executable, *command, str(SCRIPT), "3"], capture_output=True, text=True, env=env,
                         timeout=300)
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.splitlines()[-1])


def test_two_processes_agree_with_one():
    one, two = launched(), launched("-m", "accelerate.commands.launch", "--num_processes", "2", "--cpu")
    assert (one["processes"], two["processes"]) == (1, 2)
    for a, b in zip(one["validation"], two["validation"], strict=True): assert a == pytest.approx(b, abs=1e-5)
    assert one["weights"] == pytest.approx(two["weights"], abs=1e-2)
    assert one["validation"][-1][0] < one["validation"][0][0]


@pytest.mark.parametrize("hidden, lowest, highest, count", [((16,), .10, .34, 65), ((8, 8), .004, .06, 105)])
def test_depth_parts_the_spiral_sooner(js, hidden, lowest, highest, count):
    "From eight random starts, 500 epochs each."
    nets = [small_net(2, *hidden, 1, bend=nn.Tanh, seed=seed) for seed in range(8)]
    ends = [losses(js, net, spiral(150), 500, lr=0.03, momentum=0.9)[0][-1] for net in nets]
    assert min(ends) == pytest.approx(lowest, abs=6e-3) and max(ends) == pytest.approx(highest, abs=6e-3)
    assert sum(p.numel() for p in nets[0].parameters()) == count


def test_twenty_noisy_points_are_learnt_by_heart(js):
    run = lambda n: losses(js, small_net(2, 16, 16, 1, bend=nn.Tanh), two_moons(n, noise=0.3), 1000, 0.4, momentum=0.9)
    (train, test), more = run(20), run(150)[1]
    assert test[10] == pytest.approx(0.53, abs=5e-3) and train[-1] < 0.001 and test[-1] == pytest.approx(3.7, abs=0.05)
    assert more[-1] < test[-1]/2
