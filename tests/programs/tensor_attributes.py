"""What every tensor can be asked: its values, type, shape and place, and its part in differentiation."""

import sys

import torch

torch.manual_seed(int(sys.argv[1]))

x = torch.rand(2, 3, requires_grad=True)
y = x * 2 + 1
z = y.mean()
z.backward()
whole = torch.arange(6).view(2, 3)

tensors = {"x": x, "y": y, "z": z, "whole": whole, "mask": whole > 2, "double": torch.ones(2, dtype=torch.float64)}
for name, tensor in tensors.items():
    print(name)
    print("  data          ", tensor.data)
    print("  dtype         ", tensor.dtype)
    print("  shape         ", tensor.shape, tensor.size(), tensor.size(-1) if tensor.dim() else None)
    print("  device        ", tensor.device)
    print("  requires_grad ", tensor.requires_grad)
    print("  grad          ", tensor.grad if tensor.is_leaf else "only leaves have one")
    print("  grad_fn       ", tensor.grad_fn.name() if tensor.grad_fn else None)
    print("  is_leaf       ", tensor.is_leaf)
    print("  layout        ", tensor.layout, tensor.stride(), tensor.is_contiguous(), tensor.ndim, tensor.numel())

print(type(x).__name__, x.type(), whole.type(), (whole > 2).type(), isinstance(x, torch.Tensor), torch.is_tensor(x))
print(x.T.shape, x.T.is_contiguous(), x.t().stride(), x.dtype.is_floating_point, whole.is_floating_point())
print(repr(x.dtype), repr(x.device), repr(x.shape), x.shape[0], tuple(x.shape), x.shape == (2, 3), x.shape.numel())
print(x.element_size(), x.nelement(), len(x), x[0, 0].item() == x.tolist()[0][0], x.data.requires_grad, x.detach().is_leaf)
