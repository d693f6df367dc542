"Fixtures of the machinery's tests."
import pytest
from formula_cases import Page


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    "Calculates a list of {code, names, points} as a page does."
    page = Page(tmp_path_factory.mktemp("node"))
    yield page
    page.close()
