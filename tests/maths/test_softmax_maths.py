"The mathematics of LogitsExplorer, run in Node: probabilities, loss and slopes are torch's, also where float32 overflows."
import numpy as np
import pytest
import torch
import torch.nn.functional as F

FILE = "maths/softmax.js"
CASES = [([2., 1., -1.], 0, 1.), ([0., 0.], 1, 1.), (np.random.RandomState(0).normal(0, 5, 10).tolist(), 7, 1.),
         ([89., 88., -200.], 1, 1.), ([1000., 999.], 0, 0.1), ([-5e5, 3.], 0, 100.), ([3., 2., 1.], 2, 0.01)]


@pytest.mark.parametrize("logits, target, temperature", CASES)
def test_it_is_torchs(js, logits, target, temperature):
    z = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(z/temperature, torch.tensor(target))
    loss.backward()
    got = js(FILE, "softmaxAnswer", logits, target, dict(temperature=temperature, subtract=True))
    np.testing.assert_allclose(got["probs"], F.softmax(z/temperature, 0).detach(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(got["gradient"], z.grad, rtol=0, atol=1e-11)
    assert got["loss"] == pytest.approx(loss.item(), abs=1e-9, rel=1e-12) and sum(got["probs"]) == pytest.approx(1)
    after = js(FILE, "steppedLogits", logits, got["gradient"], 0.5)
    np.testing.assert_allclose(after, (z - 0.5*z.grad).detach(), rtol=1e-12)


ENDS = [[2., 1., -1.], [88., 87.], [89., 88.], [-104., -105.], [-200., 3.], [88.6, 88.6]]


@pytest.mark.parametrize("logits", ENDS)
def test_without_the_subtraction_it_is_float32s(js, logits):
    e = torch.tensor(logits).exp()
    got = js(FILE, "softmaxAnswer", logits, 0, dict(temperature=1, subtract=False))
    np.testing.assert_allclose(got["exps"], e, rtol=3e-7)
    np.testing.assert_allclose(got["probs"], e/e.sum(), rtol=0, atol=1e-6)
    np.testing.assert_allclose(got["loss"], -(e/e.sum())[0].log(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("added", [-50., 3., 1e4])
def test_a_constant_added_to_all_moves_nothing(js, added):
    how = dict(temperature=1, subtract=True)
    a, b = (js(FILE, "softmaxAnswer", [z + by for z in (2., 1., -1.)], 1, how) for by in (0, added))
    np.testing.assert_allclose(a["probs"], b["probs"], rtol=1e-9)
    assert a["loss"] == pytest.approx(b["loss"], rel=1e-9)


def test_no_step_where_there_is_no_finite_slope(js):
    got = js(FILE, "softmaxAnswer", [89., 88.], 0, dict(temperature=1, subtract=False))
    assert np.isnan(got["probs"][0]) and js(FILE, "steppedLogits", [89., 88.], got["gradient"], 1) is None
