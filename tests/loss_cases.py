"""Cases of losses, dropout, embedding and layer norm: see cases.py for what a line means."""

from typing import Any

from .cases import exact, inexact

CLASSES = [2, 0, 3]
PICTURE = [[[0, 1], [2, 0]], [[1, 1], [2, 2]]]


def classes(torch: Any, like: Any = CLASSES) -> Any:
    return torch.tensor(like)


def F(torch: Any) -> Any:
    return torch.nn.functional


def rows(torch: Any, x: Any) -> Any:
    """Probabilities that need no gradient, one row of them for each row of ``x``."""
    return (x.detach() * 0 + 1) / x.shape[1] + torch.tensor([0.125, -0.125, 0.0625, -0.0625]).to(x.dtype)


DISTANCES = [
    exact("l1", lambda torch, x, y: F(torch).l1_loss(x, y), (2, 4), (2, 4)),
    exact("l1 sum", lambda torch, x, y: F(torch).l1_loss(x, y, reduction="sum"), (3, 4), (3, 4)),
    exact("l1 none", lambda torch, x, y: F(torch).l1_loss(x, y, reduction="none"), (3, 4), (3, 4)),
    exact("l1 of equals", lambda torch, x: F(torch).l1_loss(x, x.detach()), (2, 4)),
    inexact(
        "mse weight",
        lambda torch, x, y: F(torch).mse_loss(x, y, weight=x.detach() * x.detach()),
        (2, 4),
        (2, 4),
        ulp=2,
        second_ulp=2,
    ),
    exact("smooth_l1", lambda torch, x, y: F(torch).smooth_l1_loss(x, y), (2, 4), (2, 4)),
    exact(
        "smooth_l1 sum beta", lambda torch, x, y: F(torch).smooth_l1_loss(x, y, reduction="sum", beta=2.0), (3, 4), (3, 4)
    ),
    exact("smooth_l1 none", lambda torch, x, y: F(torch).smooth_l1_loss(x, y, reduction="none", beta=0.5), (3, 4), (3, 4)),
    exact("smooth_l1 beta 0", lambda torch, x, y: F(torch).smooth_l1_loss(x, y, beta=0), (2, 4), (2, 4)),
    exact("smooth_l1 at beta", lambda torch, x: F(torch).smooth_l1_loss(x, x.detach() + 1, reduction="sum"), (2, 4)),
    exact("huber", lambda torch, x, y: F(torch).huber_loss(x, y), (2, 4), (2, 4)),
    exact("huber sum delta", lambda torch, x, y: F(torch).huber_loss(x, y, reduction="sum", delta=0.5), (3, 4), (3, 4)),
    exact("huber none", lambda torch, x, y: F(torch).huber_loss(x, y, "none", 2.0), (3, 4), (3, 4)),
    exact("huber at delta", lambda torch, x: F(torch).huber_loss(x, x.detach() + 1, reduction="sum"), (2, 4)),
    exact("huber weight", lambda torch, x, y: F(torch).huber_loss(x, y, weight=x.detach()), (2, 4), (2, 4)),
]

LIKELIHOODS = [
    inexact("nll", lambda torch, x: F(torch).nll_loss(x, classes(torch)), (3, 4), ulp=2, second_ulp=2),
    exact("nll sum", lambda torch, x: F(torch).nll_loss(x, classes(torch), reduction="sum"), (3, 4)),
    exact("nll none", lambda torch, x: F(torch).nll_loss(x, classes(torch), reduction="none"), (3, 4)),
    exact("nll one row", lambda torch, x: F(torch).nll_loss(x, torch.tensor(2)), (4,)),
    inexact(
        "nll weight", lambda torch, x: F(torch).nll_loss(x, classes(torch), rows(torch, x)[0]), (3, 4), ulp=2, second_ulp=2
    ),
    exact("nll ignore", lambda torch, x: F(torch).nll_loss(x, classes(torch), ignore_index=0), (3, 4)),
    exact("nll picture", lambda torch, x: F(torch).nll_loss(x.contiguous(), classes(torch, PICTURE)), (2, 3, 2, 2)),
    exact(
        "nll picture none",
        lambda torch, x: F(torch).nll_loss(x.contiguous(), classes(torch, PICTURE), reduction="none"),
        (2, 3, 2, 2),
    ),
    exact("nll 3-d", lambda torch, x: F(torch).nll_loss(x, classes(torch, PICTURE[0])), (2, 3, 2)),
    exact("nll 3-d none", lambda torch, x: F(torch).nll_loss(x, classes(torch, PICTURE[0]), reduction="none"), (2, 3, 2)),
    inexact("cross_entropy", lambda torch, x: F(torch).cross_entropy(x, classes(torch)), (3, 4), ulp=16, second_ulp=64),
    inexact(
        "cross_entropy sum",
        lambda torch, x: F(torch).cross_entropy(x, classes(torch), reduction="sum"),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy none",
        lambda torch, x: F(torch).cross_entropy(x, classes(torch), reduction="none"),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy ignore",
        lambda torch, x: F(torch).cross_entropy(x, classes(torch), ignore_index=3),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy one row", lambda torch, x: F(torch).cross_entropy(x, torch.tensor(1)), (4,), ulp=16, second_ulp=64
    ),
    inexact(
        "cross_entropy 3-d",
        lambda torch, x: F(torch).cross_entropy(x, classes(torch, PICTURE[0])),
        (2, 3, 2),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy smoothed",
        lambda torch, x: F(torch).cross_entropy(x, classes(torch), label_smoothing=0.25),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy smoothed sum",
        lambda torch, x: F(torch).cross_entropy(x, classes(torch), reduction="sum", label_smoothing=0.25),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy smoothed none",
        lambda torch, x: F(torch).cross_entropy(x, classes(torch), reduction="none", label_smoothing=0.25),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy smoothed weight",
        lambda torch, x: F(torch).cross_entropy(x, classes(torch), rows(torch, x)[0], ignore_index=2, label_smoothing=0.25),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy probabilities",
        lambda torch, x: F(torch).cross_entropy(x, rows(torch, x)),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy probabilities weight",
        lambda torch, x: F(torch).cross_entropy(x, rows(torch, x), rows(torch, x)[0]),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy probabilities none",
        lambda torch, x: F(torch).cross_entropy(x, rows(torch, x), reduction="none"),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy probabilities smoothed",
        lambda torch, x: F(torch).cross_entropy(x, rows(torch, x), reduction="sum", label_smoothing=0.5),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "cross_entropy of both", lambda torch, x, y: F(torch).cross_entropy(x, y), (3, 4), (3, 4), ulp=16, second_ulp=64
    ),
    inexact(
        "kl_div",
        lambda torch, x, y: F(torch).kl_div(x, y, reduction="batchmean"),
        (3, 4),
        (3, 4),
        ulp=4,
        second_ulp=8,
        positive=True,
    ),
    inexact(
        "kl_div none",
        lambda torch, x, y: F(torch).kl_div(x, y, reduction="none"),
        (3, 4),
        (3, 4),
        ulp=4,
        second_ulp=8,
        positive=True,
    ),
    inexact(
        "kl_div logarithms",
        lambda torch, x, y: F(torch).kl_div(x, y, reduction="sum", log_target=True),
        (3, 4),
        (3, 4),
        ulp=4,
        second_ulp=8,
    ),
    inexact("xlogy", lambda torch, x, y: torch.xlogy(x, y), (3, 4), (4,), ulp=4, second_ulp=8, positive=True),
]

BINARY = [
    inexact(
        "bce",
        lambda torch, x: F(torch).binary_cross_entropy(x / 2, (x.detach() / 2)),
        (3, 4),
        ulp=8,
        second_ulp=32,
        positive=True,
    ),
    inexact(
        "bce weight",
        lambda torch, x: F(torch).binary_cross_entropy(x / 2, x.detach() / 4, x.detach()[0]),
        (3, 4),
        ulp=8,
        second_ulp=32,
        positive=True,
    ),
    inexact(
        "bce none",
        lambda torch, x: F(torch).binary_cross_entropy(x / 2, x.detach() / 4, reduction="none"),
        (3, 4),
        ulp=8,
        second_ulp=32,
        positive=True,
    ),
    inexact(
        "bce sum",
        lambda torch, x, y: F(torch).binary_cross_entropy(x / 2, y / 4, reduction="sum"),
        (3, 4),
        (3, 4),
        ulp=8,
        second_ulp=32,
        positive=True,
    ),
    inexact(
        "bce weight of target",
        lambda torch, x, y: F(torch).binary_cross_entropy(x / 2, y / 4, x.detach()[0]),
        (3, 4),
        (3, 4),
        ulp=8,
        second_ulp=32,
        positive=True,
    ),
    inexact(
        "bce with logits",
        lambda torch, x: F(torch).binary_cross_entropy_with_logits(x, x.detach() / 2),
        (3, 4),
        ulp=8,
        second_ulp=32,
    ),
    inexact(
        "bce with logits sum",
        lambda torch, x, y: F(torch).binary_cross_entropy_with_logits(x, y, reduction="sum"),
        (3, 4),
        (3, 4),
        ulp=8,
        second_ulp=32,
    ),
    inexact(
        "bce with logits weight",
        lambda torch, x: F(torch).binary_cross_entropy_with_logits(
            x, x.detach() / 2, weight=x.detach()[0], reduction="none"
        ),
        (3, 4),
        ulp=8,
        second_ulp=32,
    ),
    inexact(
        "bce with logits pos_weight",
        lambda torch, x: F(torch).binary_cross_entropy_with_logits(x, x.detach() / 4, pos_weight=x.detach()[0]),
        (3, 4),
        ulp=8,
        second_ulp=32,
    ),
    inexact(
        "bce with logits pos_weight of target",
        lambda torch, x, y: F(torch).binary_cross_entropy_with_logits(x, y, pos_weight=x.detach()[0]),
        (3, 4),
        (3, 4),
        ulp=8,
        second_ulp=32,
    ),
    inexact(
        "bce with logits weight of target",
        lambda torch, x, y: F(torch).binary_cross_entropy_with_logits(x, y, weight=x.detach()[0]),
        (3, 4),
        (3, 4),
        ulp=8,
        second_ulp=32,
    ),
]


def curved_by_weight(torch: Any, x: Any, w: Any) -> Any:
    """The gradient of the weight alone."""
    loss = F(torch).layer_norm(x, (4,), w) * x.detach()
    return torch.autograd.grad(loss.sum(), w, create_graph=True)[0] * w


LAYERS = [
    exact("embedding", lambda torch, w: F(torch).embedding(classes(torch), w), (4, 3)),
    exact("embedding twice", lambda torch, w: F(torch).embedding(torch.tensor([[1, 1], [0, 1]]), w), (4, 3)),
    exact(
        "embedding padding", lambda torch, w: F(torch).embedding(torch.tensor([[1, 1], [0, 3]]), w, padding_idx=-3), (4, 3)
    ),
    exact(
        "embedding by frequency",
        lambda torch, w: F(torch).embedding(torch.tensor([1, 1, 0]), w, scale_grad_by_freq=True),
        (4, 3),
    ),
    inexact("layer_norm", lambda torch, x: F(torch).layer_norm(x, (4,)), (3, 4), ulp=16, second_ulp=64),
    inexact(
        "layer_norm affine",
        lambda torch, x, w, b: F(torch).layer_norm(x, (4,), w, b),
        (3, 4),
        (4,),
        (4,),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "layer_norm weight",
        lambda torch, x, w: F(torch).layer_norm(x, (3, 4), w, eps=0.5),
        (2, 3, 4),
        (3, 4),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "layer_norm one row",
        lambda torch, x, w, b: F(torch).layer_norm(x[0], (4,), w, b),
        (2, 4),
        (4,),
        (4,),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "layer_norm parameters",
        lambda torch, w, b: F(torch).layer_norm(torch.tensor([[1.0, -2, 4, 0.5], [3, 1, -1, 2]]).to(w.dtype), (4,), w, b),
        (4,),
        (4,),
        ulp=16,
        second_ulp=64,
    ),
    inexact(
        "layer_norm bias", lambda torch, b: F(torch).layer_norm(b.detach(), (4,), b.detach(), b), (4,), ulp=16, second_ulp=64
    ),
    inexact("layer_norm gradient of weight", curved_by_weight, (3, 4), (4,), ulp=16, second_ulp=64),
    exact("dropout not training", lambda torch, x: F(torch).dropout(x, 0.5, False) * 1, (3, 4)),
    exact("dropout all", lambda torch, x: F(torch).dropout(x, 1.0), (3, 4)),
]

CASES = [*DISTANCES, *LIKELIHOODS, *BINARY, *LAYERS]
