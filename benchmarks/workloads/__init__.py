"""The workloads, by subject; importing a module of this package enters its workloads into the table."""

from . import arrays, elements, graphs, networks, optimizers, regression
from .table import WORKLOADS, Step, Workload, engines
