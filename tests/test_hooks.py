"""Hooks run when torch runs them, in its order, with its values; and one that raises leaves nothing broken."""

import threading
from typing import Any

import pytest
import torch

import minigrad

from .on_both import on_both, raised


def leaf(torch: Any, *values: float) -> Any:
    return torch.tensor([float(value) for value in values], requires_grad=True)


class Log(list):
    """What hooks have seen, in the order in which they ran."""

    def on(self, name: str, answer: Any = None) -> Any:
        """A hook that notes its name and what it was given, and answers."""

        def hook(*given: Any) -> Any:
            self.append([name, [noted(each) for each in given]])
            return answer(*given) if answer else None

        return hook


def noted(value: Any) -> Any:
    if isinstance(value, tuple):
        return [type(value).__name__, *map(noted, value)]
    return None if value is None else value.detach().clone()


# --- on tensors ---------------------------------------------------------------------------------------------------------


@on_both
def test_hooks_see_and_replace_the_gradient_in_order(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1, 2)
    y = x * 3
    y.register_hook(log.on("y first"))
    y.register_hook(log.on("y second", lambda grad: grad * 10))
    y.register_hook(log.on("y third"))
    x.register_hook(log.on("x first", lambda grad: grad + 1))
    x.register_hook(log.on("x second"))
    (y * y).sum().backward()
    return log, x.grad


@on_both
def test_a_hook_sees_the_sum_over_all_paths(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 3)
    y = x * 2
    y.register_hook(log.on("y"))
    x.register_hook(log.on("x"))
    (y * y + y * 5 + x).backward()
    return log, x.grad


@on_both
def test_a_hook_on_the_root(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 3)
    y = x * 2
    y.register_hook(log.on("root", lambda grad: grad * 7))
    y.backward()
    return log, x.grad


@on_both
def test_a_leaf_that_is_the_root(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 3)
    x.register_hook(log.on("x", lambda grad: grad * 7))
    x.backward()
    return log, x.grad


@on_both
def test_removal(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2
    handles = [t.register_hook(log.on(name)) for t, name in ((y, "y1"), (y, "y2"), (x, "x1"), (x, "x2"))]
    handles[0].remove()
    handles[3].remove()
    handles[3].remove()
    with y.register_hook(log.on("in the block")):
        y.sum().backward(retain_graph=True)
    y.sum().backward()
    return log


@on_both
def test_removal_during_the_pass(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2
    handles = {}
    handles["itself"] = y.register_hook(log.on("itself", lambda grad: handles["itself"].remove()))
    y.register_hook(log.on("of x", lambda grad: handles["x"].remove()))
    handles["x"] = x.register_hook(log.on("x"))
    x.register_hook(log.on("x stays"))
    y.backward(retain_graph=True)
    y.backward()
    return log


@on_both
def test_the_same_function_twice(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    hook = log.on("hook", lambda grad: grad * 2)
    first = x.register_hook(hook)
    x.register_hook(hook)
    (x * 3).backward()
    first.remove()
    (x * 3).backward()
    return log, x.grad


@on_both
def test_registering_between_passes_and_after_the_graph_was_built(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2
    z = y * 3
    x.register_hook(log.on("x"))
    z.backward(retain_graph=True)
    y.register_hook(log.on("y"))
    x.register_hook(log.on("x again"))
    z.backward()
    (x * 5).backward()
    return log, x.grad


@on_both
def test_registering_during_the_pass(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2

    def register(grad: Any) -> None:
        x.register_hook(log.on("x"))

    y.register_hook(register)
    y.backward()
    return log


@on_both
def test_what_a_hook_may_return(torch: Any) -> Any:
    found = []
    for answer in (
        lambda grad: 5.0,
        lambda grad: torch.ones(3),
        lambda grad: torch.ones(1, 2),
        lambda grad: torch.ones(2, dtype=torch.float64),
        lambda grad: (grad,),
        lambda grad: grad.detach(),
    ):
        x = leaf(torch, 1, 2)
        x.register_hook(answer)
        found.append([raised((x * 2).sum().backward), x.grad])
    return found


@on_both
def test_where_a_hook_cannot_be(torch: Any) -> Any:
    plain = torch.tensor([1.0])
    x = leaf(torch, 1)
    return [
        raised(lambda: plain.register_hook(lambda grad: None)),
        raised(lambda: plain.register_post_accumulate_grad_hook(lambda tensor: None)),
        raised(lambda: (x * 2).register_post_accumulate_grad_hook(lambda tensor: None)),
        raised(lambda: (x * 2).detach().register_hook(lambda grad: None)),
    ]


@on_both
def test_hooks_and_retained_gradients(torch: Any) -> Any:
    x = leaf(torch, 1)
    y = x * 2
    y.register_hook(lambda grad: grad * 10)
    y.retain_grad()
    y.register_hook(lambda grad: grad * 100)
    (y * 3).backward()
    return y.grad, x.grad


@on_both
def test_hooks_and_autograd_grad(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2
    z = y * 3
    x.register_hook(log.on("x", lambda grad: grad * 10))
    x.register_post_accumulate_grad_hook(log.on("post"))
    y.register_hook(log.on("y", lambda grad: grad * 100))
    y.grad_fn.register_prehook(log.on("pre"))
    y.grad_fn.register_hook(log.on("node"))
    of_y = torch.autograd.grad(z, y, retain_graph=True)
    of_x = torch.autograd.grad(z, x, retain_graph=True)
    of_both = torch.autograd.grad(z, (y, x))
    return log, of_y, of_x, of_both, x.grad


@on_both
def test_hooks_and_inputs_of_backward(torch: Any) -> Any:
    log, x, w = Log(), leaf(torch, 1), leaf(torch, 2)
    y = x * w
    x.register_hook(log.on("x"))
    w.register_hook(log.on("w"))
    y.register_hook(log.on("y"))
    w.register_post_accumulate_grad_hook(log.on("post w"))
    x.register_post_accumulate_grad_hook(log.on("post x"))
    (y * 3).backward(inputs=[w])
    return log, x.grad, w.grad


@on_both
def test_hooks_and_an_intermediate_input_of_backward(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2
    y.register_hook(log.on("y", lambda grad: grad * 10))
    y.grad_fn.register_prehook(log.on("pre"))
    y.grad_fn.register_hook(log.on("node", lambda of_inputs, of_outputs: None))
    (y * 3).backward(inputs=[y])
    return [name for name, _ in log], y.grad, x.grad


@on_both
def test_the_mode_inside_hooks(torch: Any) -> Any:
    seen, x = [], leaf(torch, 2)
    y = x * x
    y.register_hook(lambda grad: seen.append((torch.is_grad_enabled(), grad.requires_grad)))
    x.register_hook(lambda grad: seen.append((torch.is_grad_enabled(), grad.requires_grad)))
    torch.autograd.grad(y * y, x, retain_graph=True)
    torch.autograd.grad(y * y, x, create_graph=True)
    return seen


@on_both
def test_a_replaced_gradient_is_differentiated(torch: Any) -> Any:
    x = leaf(torch, 2)
    y = x * x
    y.register_hook(lambda grad: grad * grad)
    (first,) = torch.autograd.grad(y * y, x, create_graph=True)
    return first, torch.autograd.grad(first, x)


@on_both
def test_a_hook_stays_with_the_value_it_was_put_on(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2
    y.register_hook(log.on("before the change"))
    y.mul_(5)
    y.register_hook(log.on("after the change"))
    (y * 3).backward()
    return log, x.grad


@on_both
def test_a_hook_on_each_of_several_outputs(torch: Any) -> Any:
    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, first: Any, second: Any) -> Any:
            return first * 2 + second * 3

    log, x = Log(), leaf(torch, 1)
    first, second = Two.apply(x)
    second.register_hook(log.on("second", lambda grad: grad * 10))
    first.register_hook(log.on("first", lambda grad: None if grad is None else grad * 100))
    first.grad_fn.register_prehook(log.on("pre"))
    first.grad_fn.register_hook(log.on("node"))
    (first + second).backward(retain_graph=True)
    second.backward()
    return log, x.grad


@on_both
def test_a_retained_gradient_that_never_came(torch: Any) -> Any:
    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, first: Any, second: Any) -> Any:
            return first * 2 + second * 3

    x = leaf(torch, 1)
    first, second = Two.apply(x)
    first.retain_grad()
    second.retain_grad()
    (second * 5).backward()
    return first.grad, second.grad, x.grad


@on_both
def test_hooks_on_a_view_and_its_base(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1, 2, 3)
    base = x * 1
    view = base[1:]
    base.register_hook(log.on("base"))
    view.register_hook(log.on("view", lambda grad: grad * 10))
    (view * 2).sum().backward()
    return log, x.grad


@on_both
def test_hooks_are_not_copied_by_detach_clone_or_in_place_of_the_leaf(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    x.register_hook(log.on("x"))
    x.detach().requires_grad_().mul(2).backward()
    with torch.no_grad():
        x.mul_(2)
    (x * 3).backward()
    return log, x.grad


@on_both
def test_a_root_that_leads_to_no_chosen_input_is_seen_only_if_it_is_the_only_one(torch: Any) -> Any:
    log, x, y = Log(), leaf(torch, 1), leaf(torch, 2)
    a, b = x * 2, y * 3
    a.register_hook(log.on("a"))
    b.register_hook(log.on("b"))
    gradients = []
    for roots in ([a, b], [b, b], [b]):
        gradients.append(torch.autograd.grad(roots, x, retain_graph=True, allow_unused=True))
        log.append(len(log))
    return gradients, log


# --- on nodes -----------------------------------------------------------------------------------------------------------


@on_both
def test_node_hooks_replace_gradients(torch: Any) -> Any:
    log, x, w = Log(), leaf(torch, 1), leaf(torch, 2)
    y = x * w
    y.grad_fn.register_prehook(log.on("pre", lambda grads: (grads[0] * 10,)))
    y.grad_fn.register_prehook(log.on("pre again"))
    y.grad_fn.register_hook(log.on("post", lambda of_inputs, of_outputs: (of_inputs[0] * 100, None)))
    y.grad_fn.register_hook(log.on("post again"))
    (y * 3).backward()
    return log, x.grad, w.grad


@on_both
def test_a_single_tensor_is_no_answer_of_a_node_hook(torch: Any) -> Any:
    x = leaf(torch, 1)
    y, z = -x, -x
    y.grad_fn.register_prehook(lambda grads: grads[0] * 10)
    z.grad_fn.register_hook(lambda of_inputs, of_outputs: of_inputs[0] * 100)
    return raised(y.backward), raised(z.backward), x.grad


NODE_ANSWERS = {
    "pre, too many": lambda torch, node: node.register_prehook(lambda grads: (grads[0], grads[0])),
    "pre, none": lambda torch, node: node.register_prehook(lambda grads: ()),
    "pre, a number": lambda torch, node: node.register_prehook(lambda grads: 5.0),
    "pre, a tuple of numbers": lambda torch, node: node.register_prehook(lambda grads: (5.0,)),
    "pre, None inside": lambda torch, node: node.register_prehook(lambda grads: (None,)),
    "post, too many": lambda torch, node: node.register_hook(lambda ins, outs: (ins[0], ins[0], ins[0])),
    "post, too few": lambda torch, node: node.register_hook(lambda ins, outs: (ins[0],)),
    "post, a number": lambda torch, node: node.register_hook(lambda ins, outs: 5.0),
    "post, a tuple of numbers": lambda torch, node: node.register_hook(lambda ins, outs: (5.0, 6.0)),
    "pre, a wrong shape": lambda torch, node: node.register_prehook(lambda grads: (torch.ones(3),)),
    "pre, another dtype": lambda torch, node: node.register_prehook(lambda grads: (torch.ones(2, dtype=torch.float64),)),
    "pre, a list": lambda torch, node: node.register_prehook(lambda grads: [grads[0]]),
    "post, another dtype": lambda torch, node: node.register_hook(lambda i, o: (torch.ones(2, dtype=torch.float64), i[1])),
    "post, for one that is None": lambda torch, node: [
        node.register_hook(lambda i, o: (None, i[1])),
        node.register_hook(lambda i, o: (i[1], i[1])),
    ],
    "post, a wrong shape": lambda torch, node: node.register_hook(lambda ins, outs: (torch.ones(3), ins[1])),
}


@pytest.mark.parametrize("case", NODE_ANSWERS)
def test_what_a_node_hook_may_return(case: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        x, w = leaf(torch, 1, 2), leaf(torch, 3, 4)
        y = x * w
        NODE_ANSWERS[case](torch, y.grad_fn)
        return raised(y.sum().backward), x.grad, w.grad

    program(device)


@on_both
def test_removal_of_node_hooks(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2
    pre, post = y.grad_fn.register_prehook(log.on("pre")), y.grad_fn.register_hook(log.on("post"))
    y.backward(retain_graph=True)
    pre.remove()
    post.remove()
    y.backward()
    return log


@on_both
def test_hooks_on_an_accumulator(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 1)
    y = x * 2
    ((accumulator, _),) = (edge for edge in y.grad_fn.next_functions if edge[0] is not None)
    accumulator.register_prehook(log.on("pre", lambda grads: (grads[0] * 10,)))
    accumulator.register_hook(log.on("post"))
    x.register_hook(log.on("tensor"))
    x.register_post_accumulate_grad_hook(log.on("post accumulate"))
    y.backward()
    return log, x.grad


# --- after accumulation -------------------------------------------------------------------------------------------------


@on_both
def test_post_accumulate_hooks(torch: Any) -> Any:
    seen, x = [], leaf(torch, 1)

    def note(tensor: Any) -> None:
        seen.append([tensor is x, tensor.grad.clone()])

    def clear(tensor: Any) -> None:
        tensor.grad = None

    handle = x.register_post_accumulate_grad_hook(note)
    (x * 2).backward()
    (x * 2 + x * 3).backward()
    clearing = x.register_post_accumulate_grad_hook(clear)
    (x * 7).backward()
    cleared = x.grad
    clearing.remove()
    handle.remove()
    (x * 11).backward()
    return seen, cleared, x.grad


@on_both
def test_post_accumulate_hooks_when_nothing_was_accumulated(torch: Any) -> Any:
    class Nothing(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return None

    seen, x = [], leaf(torch, 1)
    x.register_post_accumulate_grad_hook(lambda tensor: seen.append(tensor.grad is None))
    Nothing.apply(x).backward()
    y = x * 2
    x.requires_grad_(False)
    y.backward()
    return seen, x.grad


@on_both
def test_a_post_accumulate_hook_may_return_nothing(torch: Any) -> Any:
    x = leaf(torch, 1)
    x.register_post_accumulate_grad_hook(lambda tensor: tensor.grad.zero_())
    return raised(lambda: (x * 2).backward()), x.grad


@on_both
def test_an_update_inside_a_post_accumulate_hook(torch: Any) -> Any:
    x, w = leaf(torch, 1), leaf(torch, 2)

    def step(tensor: Any) -> None:
        with torch.no_grad():
            tensor.sub_(tensor.grad * 0.5)
        tensor.grad = None

    for each in (x, w):
        each.register_post_accumulate_grad_hook(step)
    (x * 3 + w * 5).backward()
    return x.detach(), w.detach(), x.grad, x._version


@on_both
def test_order_of_all_hooks(torch: Any) -> Any:
    log, x = Log(), leaf(torch, 3)
    y = x * 2
    loss = y * y
    y.register_hook(log.on("tensor"))
    y.grad_fn.register_hook(log.on("node"))
    y.grad_fn.register_prehook(log.on("node pre"))
    x.register_post_accumulate_grad_hook(log.on("post accumulate"))
    x.register_hook(log.on("leaf"))
    loss.grad_fn.register_hook(log.on("loss node"))
    loss.register_hook(log.on("loss"))
    loss.backward()
    return log


@on_both
def test_order_over_a_branching_graph(torch: Any) -> Any:
    log = Log()
    a, b = leaf(torch, 2), leaf(torch, 3)
    made = {"left": a * b}
    made["right"] = a + b
    made["join"] = made["left"] * made["right"]
    made["late"] = a * 7
    made["root"] = made["join"] + made["late"]
    for name, tensor in [*made.items(), ("a", a), ("b", b)]:
        tensor.register_hook(log.on(name))
    made["root"].backward()
    return log, a.grad, b.grad


# --- a hook that raises -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["tensor", "leaf", "pre", "node", "post accumulate"])
def test_a_hook_that_raises_leaves_a_usable_state(where: str, device: Any) -> None:
    @on_both
    def program(torch: Any) -> Any:
        def fail(*given: Any) -> None:
            raise KeyError("mine")

        x = leaf(torch, 2)
        y = x * x
        z = y * 3
        handle = {
            "tensor": lambda: y.register_hook(fail),
            "leaf": lambda: x.register_hook(fail),
            "pre": lambda: y.grad_fn.register_prehook(fail),
            "node": lambda: y.grad_fn.register_hook(fail),
            "post accumulate": lambda: x.register_post_accumulate_grad_hook(fail),
        }[where]()
        first = raised(lambda: z.backward(retain_graph=True)), x.grad, torch.is_grad_enabled()
        handle.remove()
        x.grad = None
        z.backward()
        return first, x.grad, raised(z.backward)

    program(device)


# --- passes inside passes -----------------------------------------------------------------------------------------------


@on_both
def test_backward_inside_a_hook_on_another_graph(torch: Any) -> Any:
    x, inner = leaf(torch, 2), leaf(torch, 5)
    y = x * x

    def hook(grad: Any) -> None:
        with torch.enable_grad():
            (inner * grad * 3).backward()

    y.register_hook(hook)
    (y * 7).backward()
    return x.grad, inner.grad, torch.is_grad_enabled()


@on_both
def test_backward_inside_a_hook_into_the_same_leaf(torch: Any) -> Any:
    x = leaf(torch, 2)
    y = x * x

    def hook(grad: Any) -> None:
        with torch.enable_grad():
            (x * 100).backward()

    y.register_hook(hook)
    (y * 7).backward()
    return x.grad


@on_both
def test_grad_inside_a_hook_replaces_the_gradient(torch: Any) -> Any:
    x = leaf(torch, 2)
    y = x * 3

    def hook(grad: Any) -> Any:
        with torch.enable_grad():
            inner = grad.detach().requires_grad_()
            return torch.autograd.grad((inner * inner * inner).sum(), inner)[0]

    y.register_hook(hook)
    (y * 2).backward()
    return x.grad


@on_both
def test_backward_inside_backward_of_a_function(torch: Any) -> Any:
    class Checkpoint(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            with torch.enable_grad():
                again = x.detach().requires_grad_()
                (again * again * again).backward(grad)
            return again.grad

    x = leaf(torch, 2)
    Checkpoint.apply(Checkpoint.apply(x)).backward()
    return x.grad


@on_both
def test_passes_nested_deeply(torch: Any) -> Any:
    depth = []

    class Nested(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            depth.append(len(depth))
            if len(depth) < 20:
                with torch.enable_grad():
                    Nested.apply(torch.ones(1, requires_grad=True)).backward()
            return grad * 2

    x = leaf(torch, 1)
    Nested.apply(x).backward()
    return depth, x.grad


# --- several threads ----------------------------------------------------------------------------------------------------


def in_threads(count: int, work: Any) -> list[Any]:
    """Run ``work(i)`` in threads that start together; what each gave or raised."""
    results: list[Any] = [None] * count
    barrier = threading.Barrier(count)

    def run(i: int) -> None:
        barrier.wait()
        try:
            results[i] = work(i)
        except Exception as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@on_both
def test_threads_on_separate_graphs(torch: Any) -> Any:
    def work(i: int) -> Any:
        x = leaf(torch, i)
        for _ in range(20):
            y = x * x
            y.register_hook(lambda grad: grad * 2)
            (y * 3).backward()
        return x.grad

    return in_threads(8, work)


@on_both
def test_threads_on_one_leaf(torch: Any) -> Any:
    x = leaf(torch, 1, 2, 3)
    calls = []
    x.register_post_accumulate_grad_hook(lambda tensor: calls.append(1))

    def work(i: int) -> None:
        for _ in range(50):
            (x * (i + 1)).sum().backward()

    errors = in_threads(8, work)
    return errors, x.grad, len(calls)


@on_both
def test_threads_through_one_shared_part(torch: Any) -> Any:
    x = leaf(torch, 2)
    shared = x * x
    errors = in_threads(8, lambda i: [(shared * (i + 1)).backward(retain_graph=True) for _ in range(20)] and None)
    return errors, x.grad


@on_both
def test_the_mode_of_a_pass_is_that_of_its_own_thread(torch: Any) -> Any:
    def work(i: int) -> Any:
        with torch.no_grad():
            before = torch.is_grad_enabled()
            x = leaf(torch, 1)
            with torch.enable_grad():
                y = x * 2
            y.backward(create_graph=False)
            return before, torch.is_grad_enabled(), x.grad

    return in_threads(4, work), torch.is_grad_enabled()


# --- what only our own messages can show --------------------------------------------------------------------------------


def test_messages_name_the_hook_and_the_shapes() -> None:
    def shrink(grad: Any) -> Any:
        return grad.sum()

    x = leaf(minigrad, 1, 2)
    x.register_hook(shrink)
    with pytest.raises(RuntimeError, match=r"hook shrink turned a gradient of shape \[2\] into one of shape \[\]"):
        (x * 2).sum().backward()


SEVERAL = {
    "max": lambda torch, x: x.max(1)[0],
    "sort": lambda torch, x: x.sort(1)[0],
    "topk": lambda torch, x: x.topk(2)[0],
    "median": lambda torch, x: x.median(1)[0],
    "nll_loss": lambda torch, x: torch.nn.functional.nll_loss(x, torch.tensor([0, 1])),
    "layer_norm": lambda torch, x: torch.nn.functional.layer_norm(x, (3,)),
    "var_mean": lambda torch, x: torch.var_mean(x, 1)[0],
    "split": lambda torch, x: x.split(2, 1)[1],
    "unbind": lambda torch, x: x.unbind()[1],
}


@pytest.mark.parametrize("name", SEVERAL)
def test_hooks_see_a_gradient_for_each_output_that_can_have_one(name: str) -> None:
    def program(torch: Any) -> Any:
        result = SEVERAL[name](torch, torch.tensor([[1.0, 3.0, 2.0], [4.0, 6.0, 5.0]], requires_grad=True))
        seen: list[Any] = [repr(result.grad_fn).partition(" ")[0]]
        result.grad_fn.register_prehook(lambda grads: seen.append([g if g is None else list(g.shape) for g in grads]))
        result.grad_fn.register_hook(lambda of_inputs, of_outputs: seen.append([len(of_inputs), len(of_outputs)]))
        result.sum().backward()
        return str(seen)

    assert program(minigrad) == program(torch)
