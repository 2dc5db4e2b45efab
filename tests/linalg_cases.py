"""Cases of einsum, diagonals, triangles: see cases.py for what a line means."""

from .cases import exact

EINSUM = [
    exact("einsum transpose", lambda torch, x: torch.einsum("ij->ji", x), (3, 4)),
    exact("einsum sum", lambda torch, x: torch.einsum("ij->", x), (3, 4)),
    exact("einsum rows", lambda torch, x: torch.einsum("ij->i", x), (3, 4)),
    exact("einsum diagonal", lambda torch, x: torch.einsum("ii->i", x), (3, 3)),
    exact("einsum trace", lambda torch, x: torch.einsum("ii", x), (3, 3)),
    exact("einsum dot", lambda torch, x, y: torch.einsum("i,i->", x, y), (4,), (4,)),
    exact("einsum outer", lambda torch, x, y: torch.einsum("i,j->ij", x, y), (3,), (4,)),
    exact("einsum product", lambda torch, x, y: torch.einsum("ij,jk->ik", x, y), (3, 4), (4, 2)),
    exact("einsum product transposed", lambda torch, x, y: torch.einsum("ij,kj->ki", x, y), (3, 4), (2, 4)),
    exact("einsum implicit", lambda torch, x, y: torch.einsum("ij,jk", x, y), (3, 4), (4, 2)),
    exact("einsum matrix vector", lambda torch, x, y: torch.einsum("ij,j->i", x, y), (3, 4), (4,)),
    exact("einsum batch", lambda torch, x, y: torch.einsum("bij,bjk->bik", x, y), (2, 3, 4), (2, 4, 5)),
    exact("einsum ellipsis", lambda torch, x, y: torch.einsum("...ij,...jk->...ik", x, y), (2, 3, 4), (2, 4, 5)),
    exact("einsum ellipsis broadcast", lambda torch, x, y: torch.einsum("...ij,jk->...ik", x, y), (2, 3, 4), (4, 5)),
    exact("einsum elements", lambda torch, x, y: torch.einsum("ij,ij->ij", x, y), (3, 4), (3, 4)),
    exact("einsum sum of one", lambda torch, x, y: torch.einsum("ij,k->k", x, y), (3, 4), (2,)),
    exact("einsum bilinear", lambda torch, x, y, z: torch.einsum("bi,ij,bj->b", x, y, z), (2, 3), (3, 4), (2, 4)),
    exact("einsum chain", lambda torch, x, y, z: torch.einsum("ij,jk,kl->il", x, y, z), (2, 3), (3, 4), (4, 2)),
    exact("einsum capitals", lambda torch, x, y: torch.einsum("Aj,jA->A", x, y), (3, 4), (4, 3)),
    exact("einsum spaces", lambda torch, x, y: torch.einsum("i j, j -> i", x, y), (3, 4), (4,)),
    exact("einsum list", lambda torch, x, y: torch.einsum("ij,j->i", [x, y]), (3, 4), (4,)),
]

MATRICES = [
    exact("trace", lambda torch, x: x.trace(), (3, 4)),
    exact("trace tall", lambda torch, x: torch.trace(x), (4, 2)),
    exact("diag of matrix", lambda torch, x: x.diag(), (3, 4)),
    exact("diag above", lambda torch, x: torch.diag(x, 1), (3, 4)),
    exact("diag below", lambda torch, x: torch.diag(x, -2), (3, 4)),
    exact("diag of vector", lambda torch, x: x.diag(), (3,)),
    exact("diag of vector shifted", lambda torch, x: torch.diag(x, -1), (3,)),
    exact("diagonal", lambda torch, x: x.diagonal(), (3, 4)),
    exact("diagonal of batch", lambda torch, x: x.diagonal(1, -2, -1), (2, 3, 4)),
    exact("diag_embed", lambda torch, x: torch.diag_embed(x), (2, 3)),
    exact("diag_embed dims", lambda torch, x: torch.diag_embed(x, 1, 0, 2), (2, 3)),
    exact("tril", lambda torch, x: x.tril(), (3, 4)),
    exact("tril below", lambda torch, x: torch.tril(x, -1), (2, 3, 4)),
    exact("triu", lambda torch, x: x.triu(), (3, 4)),
    exact("triu above", lambda torch, x: torch.triu(x, 2), (3, 4)),
    exact("addmv", lambda torch, x, m, v: torch.addmv(x, m, v), (3,), (3, 4), (4,)),
    exact("addmv factors", lambda torch, x, m, v: x.addmv(m, v, beta=2, alpha=0.5), (3,), (3, 4), (4,)),
    exact("addmv one", lambda torch, x, m, v: torch.addmv(x, m, v), (1,), (3, 4), (4,)),
]

CASES = [*EINSUM, *MATRICES]
