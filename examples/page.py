"""The page that shows what each example printed and drew: ``figures/index.html``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from .run import Run

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>minigrad: the examples</title>
<style>
body {{ max-width: 62rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #222 }}
pre {{ padding: 1rem; overflow-x: auto; background: #f6f6f4; font: 13px/1.45 ui-monospace, monospace }}
table {{ border-collapse: collapse }}
th, td {{ padding: .2rem 1.2rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd }}
img {{ width: 100% }}
section {{ margin-top: 3rem }}
.wrong {{ color: #c1121f; font-weight: bold }}
</style>
<h1>The examples, under minigrad and under torch</h1>
<p>{device}</p>
<table>
<tr><th>example</th><th>agreement</th><th>minigrad</th><th>torch</th><th>verdict</th></tr>
{rows}
</table>
{sections}
</html>
"""

ROW = """<tr><td><a href="#{name}">{name}</a></td><td>{agreement}</td><td>{ours:,.1f} ms</td><td>{theirs:,.1f} ms</td>\
<td{mark}>{verdict}</td></tr>"""

SECTION = """<section id="{name}">
<h2>{name}</h2>
<p>{about}</p>
{figures}
<pre>{output}</pre>
<details><summary>The program, one text for both engines</summary><pre>{source}</pre></details>
</section>"""


def save_page(runs: Mapping[str, Run], modules: Mapping[str, Any], device: str) -> Path:
    """Write the page beside the figures: a table of all runs, then output, figures and program of each. Returns its path."""
    folder = Path("figures")
    folder.mkdir(exist_ok=True)
    rows, sections = [], []
    for name, run in runs.items():
        mark = "" if run.verdict == "agree" else ' class="wrong"'
        ours, theirs = (1e3 * seconds for seconds in run.seconds.values())
        rows.append(
            ROW.format(name=name, agreement=run.agreement, ours=ours, theirs=theirs, mark=mark, verdict=escape(run.verdict))
        )
        images = (f'<img src="{figure.relative_to(folder)}" alt="The figure of {name}">' for figure in run.figures)
        sections.append(
            SECTION.format(
                name=name,
                about=escape(modules[name].__doc__),
                figures="\n".join(images),
                output=escape(run.output.strip("\n")),
                source=escape(inspect.getsource(modules[name])),
            )
        )
    path = folder / "index.html"
    page = PAGE.format(device=escape(device), rows="\n".join(rows), sections="\n".join(sections))
    path.write_text(page, encoding="utf-8")
    return path
