"The explorers by name: each lives in a module of its own here, and what it exports can be imported from this package too."
from importlib import import_module
from pkgutil import iter_modules

from ..checks import BadInput, as_array, finite_number, finite_numbers

for _module in iter_modules(__path__):
    _found = import_module(f"{__name__}.{_module.name}")
    globals().update({name: getattr(_found, name) for name in _found.__all__})
