"""The order in which nodes run, and hooks fire, is torch's."""

from typing import Any

from .on_both import on_both


def nodes_in_order(torch: Any, root: Any, run: Any) -> list[str]:
    """The names of the nodes behind a root in the order in which ``run()`` runs them; a leaf's with the leaf's shape."""
    order: list[str] = []
    handles = []
    seen, stack = set(), [root.grad_fn]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        leaf = str(tuple(node.variable.shape)) if hasattr(node, "variable") else ""
        text = node.name() + leaf
        handles.append(node.register_prehook(lambda grads, text=text: order.append(text)))
        stack += [before for before, _ in node.next_functions if before is not None]
    run()
    for handle in handles:
        handle.remove()
    return order


@on_both
def test_a_linear_model(torch: Any) -> Any:
    """mean((x @ w + b - y)**2): Mean, Pow, Sub, Add, b, Mm, w; a leaf's turn comes as soon as its gradient is there."""
    x, y = torch.ones(5, 3), torch.ones(5, 1)
    w, b = torch.zeros(3, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    loss = ((x @ w + b - y) ** 2).mean()
    return nodes_in_order(torch, loss, loss.backward)


@on_both
def test_branches_made_in_either_order(torch: Any) -> Any:
    x, y = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    early, late = x.exp().tanh(), y.tanh().exp()
    first, second = late.sum() * early.sum(), early.sum() * late.sum()
    return [nodes_in_order(torch, root, lambda root=root: root.backward(retain_graph=True)) for root in (first, second)]


@on_both
def test_a_late_operation_on_an_early_result(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    a = x.exp()
    b = x.tanh()
    c = b.sigmoid().sqrt()
    d = a * 2
    loss = (c + d).sum()
    return nodes_in_order(torch, loss, loss.backward)


@on_both
def test_a_diamond_runs_each_node_once(torch: Any) -> Any:
    x = torch.ones(2, requires_grad=True)
    y = x * 3
    for _ in range(5):
        y = y.tanh() + y.exp()
    loss = y.sum()
    return nodes_in_order(torch, loss, loss.backward), x.grad is not None


@on_both
def test_only_what_leads_to_the_inputs_runs(torch: Any) -> Any:
    x, y = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    a, b = x.exp(), y.tanh()
    loss = a.sum() * b.sum()
    with_leaf = nodes_in_order(torch, loss, lambda: torch.autograd.grad(loss, x, retain_graph=True))
    with_result = nodes_in_order(torch, loss, lambda: torch.autograd.grad(loss, b, retain_graph=True))
    accumulating = nodes_in_order(torch, loss, lambda: loss.backward(inputs=[y]))
    return with_leaf, with_result, accumulating


@on_both
def test_several_roots(torch: Any) -> Any:
    x, y = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    a, b = x.exp().sum(), y.tanh().sum()
    both = a * b
    return nodes_in_order(torch, both, lambda: torch.autograd.backward([a, both, b], retain_graph=True))


@on_both
def test_a_pass_back_through_a_pass_back(torch: Any) -> Any:
    x = torch.tensor([0.5, 0.25], requires_grad=True)
    y = (x.tanh() * x.exp()).sum()
    (slope,) = torch.autograd.grad(y, x, create_graph=True)
    root = slope.sum()
    return nodes_in_order(torch, root, lambda: torch.autograd.grad(root, x))


@on_both
def test_hooks_of_every_kind(torch: Any) -> Any:
    """y = 3x, loss = y*y: hook on the tensor, prehook and hook of the node, hook on the leaf, hook after accumulation."""
    order = []
    x = torch.tensor(2.0, requires_grad=True)
    y = x * 3
    loss = y * y
    y.grad_fn.register_prehook(lambda outputs: order.append(("node prehook", outputs[0].item())))
    y.grad_fn.register_hook(lambda inputs, outputs: order.append(("node hook", inputs[0].item(), outputs[0].item())))
    y.register_hook(lambda grad: order.append(("tensor hook", grad.item())))
    x.register_hook(lambda grad: order.append(("leaf hook", grad.item(), x.grad)))
    x.register_post_accumulate_grad_hook(lambda leaf: order.append(("post-accumulate hook", leaf.grad.item())))
    loss.backward()
    return order


@on_both
def test_hooks_change_gradients(torch: Any) -> Any:
    x = torch.tensor(2.0, requires_grad=True)
    y = x * 3
    y.retain_grad()
    handle = y.register_hook(lambda grad: grad * 10)
    y.register_hook(lambda grad: grad + 1)
    x.register_hook(lambda grad: grad * 2)
    y.backward(retain_graph=True)
    first = x.grad.clone(), y.grad.clone()
    handle.remove()
    y.backward()
    return first, x.grad, y.grad
