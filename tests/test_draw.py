"""Pictures of graphs: what they say is true, and nothing in them overlaps. Each is drawn of our graph and of torch's."""

import itertools
import re

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.patches import FancyArrowPatch, PathPatch

import minigrad
from minigrad.study import animate, draw
from minigrad.study.boxes import known_values, write
from minigrad.study.grouping import Group, by_module, edges_between, grouped, in_order
from minigrad.study.layout import Size, place
from minigrad.study.protocol import leaf, names, short_name, walk

ENGINES = [pytest.param(minigrad, id="minigrad"), pytest.param(torch, id="torch")]


@pytest.fixture(params=ENGINES)
def engine(request):
    request.param.manual_seed(0)
    return request.param


def three_nodes(engine):
    w = engine.tensor(3.0, requires_grad=True)
    x = engine.tensor(2.0, requires_grad=True)
    return draw(w * x)


def regression(engine):
    w, b = engine.zeros(2, 1, requires_grad=True), engine.zeros(1, requires_grad=True)
    loss = ((engine.randn(4, 2) @ w + b - engine.randn(4, 1)) ** 2).mean()
    return draw(loss)


def perceptron_of(engine, hidden):
    class Relu(engine.nn.Module):
        def forward(self, x):
            return x.relu()

    linear = engine.nn.Linear
    inner = [layer for _ in range(hidden) for layer in (linear(8, 8), Relu())]
    return engine.nn.Sequential(linear(3, 8), Relu(), *inner, linear(8, 1))


def perceptron(engine):
    model = perceptron_of(engine, 1)
    return draw(engine.nn.functional.mse_loss(model(engine.randn(5, 3)), engine.randn(5, 1)), model)


def second_derivative(engine):
    a = engine.tensor([2.0, 3.0], requires_grad=True)
    (slope,) = engine.autograd.grad((a**3).sum(), a, create_graph=True)
    return draw((slope * slope).sum())


def five_uses(engine):
    s = engine.tensor([1.0, 2.0], requires_grad=True)
    h = s.exp()
    return draw((h * h + h.sin() * h + h).sum())


def chain(engine):
    x = engine.ones(3, requires_grad=True)
    for _ in range(1000):
        x = x * 1.01
    return draw(x)


def film(engine):
    w = engine.tensor([[1.0, -2.0]], requires_grad=True)
    return animate((w.exp() @ w.t()).tanh().sum())


def first_of_film(engine):
    return film(engine).pictures[0]


def last_of_film(engine):
    return film(engine).pictures[-1]


def three_saved(engine):
    probability = engine.tensor([0.25, 0.5], requires_grad=True)
    return draw(engine.nn.functional.binary_cross_entropy(probability, engine.ones(2), weight=engine.ones(2)))


def odd_names(engine):
    params = {
        "$\\alpha_{1}$": engine.ones(2, requires_grad=True),
        "a_name_that_goes_on_and_on_and_on_and_on": engine.ones(2),
    }
    params["a_name_that_goes_on_and_on_and_on_and_on"].requires_grad_()
    return draw(engine.stack(list(params.values())).sum())


PICTURES = [
    three_nodes,
    regression,
    perceptron,
    second_derivative,
    five_uses,
    chain,
    first_of_film,
    last_of_film,
    three_saved,
    odd_names,
]


@pytest.fixture(params=PICTURES, ids=lambda make: make.__name__)
def picture(request, engine):
    return request.param(engine)


# What can be seen


def painted(picture):
    """The figure's artists: outlines of boxes, arrows, and the extents of texts and outlines in pixels."""
    figure = picture.figure()
    renderer = figure.canvas.get_renderer()
    axes = figure.axes[0]
    outlines = [patch for patch in axes.patches if isinstance(patch, PathPatch) and patch.get_gid()]
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    texts = [(text.get_text(), text.get_window_extent(renderer)) for text in axes.texts if text.get_text()]
    return figure, outlines, arrows, texts


def inside(inner, outer):
    return outer.x0 <= inner.x0 and inner.x1 <= outer.x1 and outer.y0 <= inner.y0 and inner.y1 <= outer.y1


def apart(one, other):
    return one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 or other.y1 <= one.y0


def test_no_text_overlaps_and_all_of_a_box_stays_inside(picture):
    figure, outlines, _, texts = painted(picture)
    areas = [patch.get_window_extent() for patch in outlines]
    written = {line for box in picture.boxes for line in (*box.lines, *box.saved)}
    assert written <= {text for text, _ in texts}
    for text, area in texts:
        assert inside(area, figure.bbox), text
        if text in written or text.startswith("grad "):
            assert any(inside(area, outer) for outer in areas), text
    for (one, a), (other, b) in itertools.combinations(texts, 2):
        assert apart(a, b), (one, other)


def test_boxes_and_saved_tensors_do_not_overlap(picture):
    areas = [patch.get_path().get_extents() for patch in painted(picture)[1]]
    assert len(areas) >= len(picture.boxes) + sum(len(box.saved) for box in picture.boxes)
    for one, other in itertools.combinations(areas, 2):
        assert apart(one, other)
    for note in [patch.get_path().get_extents() for patch in painted(picture)[1] if patch.get_gid() == "saved"]:
        assert any(box.y0 <= note.y0 and note.y1 <= box.y1 and box.x1 < note.x0 < box.x1 + 0.1 for box in areas)


def test_arrows_go_from_border_to_border_and_through_no_box(picture):
    _, outlines, arrows, _ = painted(picture)
    areas = [patch.get_path().get_extents() for patch in outlines]
    assert len(arrows) == len(picture.layout.routes) >= len(picture.boxes) - 1
    for arrow in arrows:
        path = arrow._path_original  # what was given; get_path() is the path with its head, in pixels
        line = path.to_polygons(closed_only=False)[0]
        (start_x, start_y), (end_x, end_y) = line[0], line[-1]
        assert (np.diff(path.vertices[::3, 1]) > 1e-6).all()  # curves have four corners; an end without length has no head
        # y grows downwards, so a box ends where its extent is largest
        assert any(abs(box.y1 - start_y) < 1e-6 and box.x0 < start_x < box.x1 for box in areas)
        assert any(abs(box.y0 - end_y) < 1e-6 and box.x0 < end_x < box.x1 for box in areas)
        points = np.concatenate([path.interpolated(8).vertices if len(path.vertices) < 3 else line])
        for box in areas:
            within = (points > [box.x0, box.y0 + 1e-6]) & (points < [box.x1, box.y1 - 1e-6])
            assert not within.all(axis=1).any()


@pytest.mark.parametrize("make", [three_nodes, regression, second_derivative, five_uses, chain])
def test_beginners_graphs_fit_one_screen_and_cross_no_arrows(make, engine):
    picture = make(engine)
    width, height = picture.extent()
    assert width * 96 < 1280  # as large as a notebook shows it
    assert height * 96 < 940
    assert picture.layout.crossings == 0


def test_kinds_differ_in_outline_not_only_in_colour(engine):
    _, outlines, _, _ = painted(perceptron(engine))
    _, more, _, _ = painted(three_nodes(engine))
    _, folded, _, _ = painted(chain(engine))
    shapes = {}
    for patch in [*outlines, *more, *folded]:
        shape = (len(np.unique(patch.get_path().vertices.round(6), axis=0)), patch.get_linestyle(), patch.get_linewidth())
        shapes.setdefault(patch.get_gid(), set()).add(shape)
    looks = [look for looks in shapes.values() for look in looks]
    assert set(shapes) == {"operation", "leaf", "parameter", "saved", "folded"}
    assert len(looks) == len(shapes)
    assert len(set(looks)) == len(shapes) - 1  # folded boxes are told from operations by the lines along their sides


# What is written


def box_of(picture, name):
    return next(box for box in picture.boxes if box.lines[0].partition(" = ")[0] == name)


def test_a_gradient_not_computed_yet_is_not_one_that_is_zero(engine):
    w = engine.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * 0).sum()
    before = draw(loss)
    loss.backward()
    after = draw(loss)
    assert box_of(before, "w").gradient == ""
    assert box_of(after, "w").gradient == "[0, 0]"

    def look(picture):
        figure, _, _, texts = painted(picture)
        return sum(patch.get_hatch() is not None for patch in figure.axes[0].patches), {text for text, _ in texts}

    hatched, texts = look(before)
    assert hatched == 1
    assert "grad not computed yet" in texts
    hatched, texts = look(after)
    assert hatched == 0
    assert "grad = [0, 0]" in texts


def test_values_are_those_that_somebody_keeps(engine):
    x = engine.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3  # known: a variable
    loss = (y + 1).pow(2).sum()  # y + 1 known: saved by pow; the square is not known; the sum is what is drawn
    text = {box.lines[0]: box.lines[-1] for box in draw(loss).boxes}
    assert text["y = MulBackward0"] == "value [3, 6]"
    assert text["AddBackward0"] == "value [4, 7]"
    assert text["PowBackward0"] == "[2], value not kept"
    assert text["loss = SumBackward0"] == "value 65"
    assert text["x"] == "[1, 2]"


def test_a_node_with_several_results_or_a_list_of_inputs(engine):
    x = engine.ones(2, 4, requires_grad=True)
    left, right = x.split(2, 1)
    text = {box.lines[0]: box for box in draw(engine.cat([left * right, right, right])).boxes}
    assert text["SplitBackward0"].lines[1:] == ("self: split_backward(…)", "2 results")
    assert text["MulBackward0"].saved == ("other = right", "self = left")
    assert [line.partition("(")[0] for line in text["CatBackward0"].lines[1:-1]] == ["tensors: cat_backward"]


def test_saved_tensors_by_name_by_value_and_freed(engine):
    x = engine.tensor([1.0, 2.0], requires_grad=True)
    y = (x.exp() * x).sum()
    before = draw(y)
    y.backward()
    after = draw(y)
    assert box_of(before, "MulBackward0").saved == ("other = x", "self = [2.718, 7.389]")
    assert box_of(after, "MulBackward0").saved == ("other: freed", "self: freed")


def test_what_was_never_saved_is_not_called_freed(engine):
    x = engine.tensor([1.0, 2.0], requires_grad=True)
    known = engine.tensor([3.0, 4.0])
    pictures = animate((x * known).sum()).pictures
    assert [box_of(picture, "MulBackward0").saved for picture in pictures[1:3]] == [("other = known",), ("other: freed",)]


def test_an_own_function_and_a_change_in_place(engine):
    class Square(engine.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, grad):
            return 2 * ctx.saved_tensors[0] * grad

    x = engine.tensor([1.0, 2.0], requires_grad=True)
    first, *_, last = animate(Square.apply(x).sum()).pictures
    assert box_of(first, "SquareBackward").saved == ("saved_tensors = ([1, 2],)",)
    assert box_of(last, "SquareBackward").saved == ("saved_tensors: freed",)
    changed = x.exp()
    changed.mul_(2)
    assert box_of(draw(changed.sum()), "ExpBackward0").saved == ("result: changed in place",)


def test_drawing_changes_nothing(engine):
    x = engine.tensor([1.0, 2.0], requires_grad=True)
    loss = (x * x).sum()
    assert draw(loss).boxes == draw(loss).boxes
    assert x.grad is None
    loss.backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_leaf_several_roots_and_no_graph(engine):
    w = engine.ones(2, requires_grad=True)
    assert [box.kind for box in draw(w).boxes] == ["leaf"]
    assert len(draw([w * 2, w.exp()]).boxes) == 3
    with pytest.raises(ValueError, match="no graph to draw"):
        draw(engine.ones(2))
    with pytest.raises(TypeError):
        draw("loss")


def test_a_view_that_lost_its_history_is_no_reason_to_fail():
    base = minigrad.ones(4, requires_grad=True).clone()
    with minigrad.no_grad():
        view = base[:2]
    base.mul_(2)
    assert len(draw(base.sum()).boxes) == 4
    assert view.tolist() == [2.0, 2.0]


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_saves_in_three_formats(tmp_path, ending, begins):
    file = tmp_path / f"graph.{ending}"
    three_nodes(minigrad).save(file)
    assert file.read_bytes().startswith(begins)


def test_a_picture_is_the_same_under_any_style_and_leaves_the_style_alone():
    picture = three_nodes(minigrad)
    plain = picture._repr_png_()
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "savefig.bbox": "tight", "axes.facecolor": "red"}):
        settings = dict(matplotlib.rcParams)
        assert picture._repr_png_() == plain
        assert dict(matplotlib.rcParams) == settings


# Layout

BOX = Size(0.5, 0.2, 0.8)


@pytest.mark.parametrize(
    ("edges", "crossings"),
    [
        ([(0, 1), (0, 2), (1, 3), (2, 4)], 0),  # a tree
        ([(0, 1), (0, 1), (0, 1)], 0),  # the same edge three times
        ([(0, 1), (0, 2), (0, 3), (1, 6), (2, 5), (3, 4)], 0),  # as given, three crossings
        ([(0, 1), (0, 2), (1, 3), (1, 4), (2, 3), (2, 4)], 1),  # each of two to each of two
        ([(0, n) for n in (1, 2, 3)] + [(a, b) for a in (1, 2, 3) for b in (4, 5, 6)], 9),  # each of three to each of three
        ([(0, 1), (0, 2), (0, 3), (1, 5), (2, 4), (3, 4), (3, 5)], 0),  # if the sweeps put 3 between 1 and 2
        ([(n, n + 1) for n in range(9)] + [(n, 9) for n in range(9)], 0),  # a leaf that all nodes of a chain use
    ],
)
def test_as_few_crossings_as_possible(edges, crossings):
    assert place([BOX] * (max(map(max, edges)) + 1), edges).crossings == crossings


def test_a_box_stands_over_the_middle_of_those_below_it():
    places = [x for x, _ in place([BOX, BOX, Size(1.5, 0.2, 0.8), BOX, BOX], [(0, n) for n in range(1, 5)]).centers]
    assert places[0] == pytest.approx(sum(places[1:]) / 4)


def test_random_graphs_overlap_nowhere():
    random = np.random.default_rng(0)
    for _ in range(20):
        count = int(random.integers(2, 30))
        pairs = random.integers(0, count, (2 * count, 2))
        edges = [(int(a), int(b)) for a, b in np.sort(pairs, axis=1) if a != b]
        sizes = [Size(*random.uniform(0.2, 1.5, 3)) for _ in range(count)]
        layout = place(sizes, edges)
        boxes = [
            (x - size.half, x + size.half + size.more, y - size.height / 2, y + size.height / 2)
            for (x, y), size in zip(layout.centers, sizes, strict=True)
        ]
        for a, b in itertools.combinations(boxes, 2):
            assert a[1] <= b[0] + 1e-9 or b[1] <= a[0] + 1e-9 or a[3] <= b[2] + 1e-9 or b[3] <= a[2] + 1e-9
        assert min(box[0] for box in boxes) >= -1e-9
        assert max(box[1] for box in boxes) <= layout.width + 1e-9
        assert max(box[3] for box in boxes) <= layout.height + 1e-9
        for (above, below), route in zip(edges, layout.routes, strict=True):
            assert route[0][1] == pytest.approx(boxes[above][3])
            assert route[-1][1] == pytest.approx(boxes[below][2])
            assert all(b[1] >= a[1] - 1e-9 for a, b in itertools.pairwise(route))  # always down


# Folding


def folded(of, model=None):
    groups = grouped(walk(of), model)
    assert sorted(map(id, walk(of))) == sorted(id(node) for group in groups for node in group.nodes)
    assert len(in_order(groups)) == len(groups)  # no cycle
    return groups


def test_a_small_graph_is_not_folded(engine):
    x = engine.ones(3, requires_grad=True)
    y = x
    for _ in range(31):
        y = y * 2
    assert [len(group.nodes) for group in folded(y)] == [1] * 32


def test_a_chain_folds_into_one_group_between_root_and_leaf(engine):
    x = engine.ones(3, requires_grad=True)
    for _ in range(1000):
        x = x * 2
    assert [(len(group.nodes), group.repeats) for group in folded(x)] == [(1, 1), (999, 999), (1, 1)]
    assert [box.lines[0] for box in draw(x).boxes] == ["x = MulBackward0", "999 times MulBackward0", "unnamed leaf"]


def test_a_pattern_with_shared_weights_folds(engine):
    w, b, h = (engine.ones(3, requires_grad=True) for _ in range(3))
    for _ in range(100):
        h = (w * h + b).tanh()
    # The last round is of its own: what it starts from is a leaf.
    assert [group.repeats for group in folded(h.sum())] == [1, 99, *[1] * 6]
    (box,) = [box for box in draw(h.sum()).boxes if box.kind == "folded"]
    assert box.lines == ("99 times these 3 nodes", "TanhBackward0", "AddBackward0", "MulBackward0")


def test_modules_fold_and_what_repeats_of_them(engine):
    model = perceptron_of(engine, 30)
    groups = folded(model(engine.ones(2, 3)).sum(), model)
    assert [group.module for group in groups if group.module and group.repeats == 1] == ["62", "0"]
    (repeated,) = [group for group in groups if group.repeats > 1]
    assert (repeated.repeats, len(repeated.nodes)) == (30, 30 * 5)  # relu, addmm, t, weight, bias
    picture = draw(model(engine.ones(2, 3)).sum(), model)
    assert box_of(picture, "62").lines == ("62", "AddmmBackward0", "parameter [1]", "TBackward0", "parameter [1, 8]")


def test_a_module_that_is_called_often_is_a_group_for_each_call_with_its_parameters_beside_them(engine):
    model = engine.nn.Sequential(engine.nn.Linear(3, 3))
    h = engine.ones(2, 3)
    for _ in range(20):
        h = model(h).tanh()
    groups = by_module(in_order([Group([node]) for node in walk(h)]), {p: name for name, p in model.named_parameters()})
    calls = [group for group in groups if len(group.nodes) > 1]
    assert [[short_name(node) for node in group.nodes] for group in calls] == [["AddmmBackward0", "TBackward0"]] * 20
    assert {group.module for group in calls} == {"0"}
    assert {leaf(group.nodes[0]) for group in groups} - {None} == set(model.parameters())
    folded(h, model)


def test_modules_that_interleave_are_left_open():
    class Twisted(minigrad.nn.Module):
        def __init__(self):
            super().__init__()
            self.w = minigrad.nn.Parameter(minigrad.ones(3))

        def forward(self, x):
            inner = x * self.w
            return inner.exp() * self.w + inner * self.w

    model, h = Twisted(), minigrad.ones(3)
    for _ in range(12):
        h = model(h)
    folded(h, model)


def test_a_large_graph_without_pattern_ends_in_a_group_of_the_rest():
    x = minigrad.ones(2, requires_grad=True)
    operations = [minigrad.sin, minigrad.cos, minigrad.exp, minigrad.tanh, minigrad.neg]
    for digit in np.random.default_rng(0).integers(0, 5, 400):
        x = operations[digit](x)
    groups = folded(x)
    assert len(groups) == 32
    assert len(groups[-1].nodes) > 100
    assert len(draw(x).boxes) == 32


def test_edges_are_those_of_the_graph(engine):
    x = engine.ones(2, requires_grad=True)
    y = x * x
    groups = [Group([node]) for node in walk(y)]
    assert edges_between(groups) == [(0, 1), (0, 1)]


# Films


def test_a_film_shows_each_step_as_it_was(engine):
    w = engine.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    film = animate(loss)
    assert w.grad.tolist() == [2.0, 4.0]
    captions = [picture.caption for picture in film.pictures]
    assert captions == [
        "Before the backward pass",
        "Step 1 of 3: loss = SumBackward0 gets grad = 1",
        "Step 2 of 3: MulBackward0 gets grad = [1, 1]",
        "Step 3 of 3: w.grad += [2, 4]",
        "After the backward pass",
    ]
    assert [[box.gradient for box in picture.boxes] for picture in film.pictures] == [
        ["", "", ""],
        ["1", "", ""],
        ["1", "[1, 1]", ""],
        ["1", "[1, 1]", "[2, 4]"],
        ["1", "[1, 1]", "[2, 4]"],
    ]
    assert [picture.boxes[1].saved[0] for picture in film.pictures] == ["other = w"] * 2 + ["other: freed"] * 3
    assert [picture.passed for picture in film.pictures] == [
        [False, False, False],
        [True, False, False],
        [True, True, True],
        [True, True, True],
        [True, True, True],
    ]
    assert [[box.running for box in picture.boxes].index(True) for picture in film.pictures[1:-1]] == [0, 1, 2]
    assert all(picture.layout == film.pictures[0].layout for picture in film.pictures)


def test_a_film_of_a_second_pass_shows_what_is_added_to(engine):
    w = engine.tensor(3.0, requires_grad=True)
    (w * 2).backward()
    gradients = [box_of(picture, "w").gradient for picture in animate(w * 5).pictures]
    assert gradients == ["2", "2", "7", "7"]


def test_a_film_of_a_folded_graph_is_short(engine):
    x = engine.ones(3, requires_grad=True)
    y = x
    for _ in range(300):
        y = y * 1.01
    film = animate(y.sum())
    assert [len(picture.boxes) for picture in film.pictures] == [3] * 5
    assert [picture.boxes[1].gradient for picture in film.pictures] == ["", "", "300 of 300", "300 of 300", "300 of 300"]


def test_a_page_stands_alone(tmp_path, engine):
    w = engine.tensor(2.0, requires_grad=True)
    film = animate(w * w)
    film.save(tmp_path / "film.html")
    page = (tmp_path / "film.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == len(film.pictures) == 4
    assert not re.search(r"""(src|href)\s*=\s*["']?\s*(https?:)?//""", page)
    for button in re.findall(r'class="fa fa-([a-z-]+)(?: (fa-flip-horizontal))?"', page):
        assert f".fa-{'.'.join(filter(None, button))}::before" in page


def test_a_pass_that_fails_leaves_no_hooks(engine):
    w = engine.tensor([2.0, 3.0], requires_grad=True)
    y = w * w
    with pytest.raises(RuntimeError):
        animate(y)  # not a scalar
    handle = y.grad_fn.register_prehook(lambda gradients: None)
    handle.remove()
    film = animate(y.sum())
    assert len(film.pictures) == 5
    with pytest.raises(RuntimeError):
        animate(y.sum())  # freed


def test_boxes_say_how_many_gradients_a_folded_group_has():
    a, b = (minigrad.ones(1, requires_grad=True) for _ in range(2))
    group = Group([*walk(a * 2), *walk(b * 2)])
    assert write(group, {}, {}).gradient == ""
    (a * 2).sum().backward()
    assert write(group, {}, {}).gradient == "1 of 2"
    assert known_values(a, [], names()) is not None
