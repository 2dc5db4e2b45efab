# docs/programs/written.py
from minigrad.ops.pointwise import mul

print(mul.operator)
