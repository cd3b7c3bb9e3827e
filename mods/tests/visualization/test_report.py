import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from jinja2 import UndefinedError

from mods.errors import ResourceError
from mods.visualization import plots, report

EVENT = {
    "start": "2019-04-12T10:20:00Z",
    "end": "2019-04-12T11:00:00Z",
    "peak": "2019-04-12T10:50:00Z",
    "score": 3.25,
    "features": ["conn_in", "ssh_in"],
    "direction": "too little",
    "kind": "dip",
    "severity": "medium",
    "actual": 120.0,
    "forecast": 44123.4,
}
GAP = {**EVENT, "direction": "missing", "score": 0.0, "actual": None, "forecast": None}
GAP |= {"kind": "missing", "severity": "low"}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


class Tags(HTMLParser):
    """The opening tags of a page and the text of its cells."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.cells, self.inside = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "td":
            self.cells.append(["", dict(attrs).get("class", "")])
        self.inside = self.inside or tag == "td"

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "td"

    def handle_data(self, data):
        if self.inside:
            self.cells[-1][0] += data.strip()


def page(**section):
    return report.html(report.Report("A report", (), [report.Section("Part", **section)]))


def cells(**section):
    return [tuple(cell) for cell in Tags(page(**section)).cells]


def test_better_and_worse_than_persistence_are_marked():
    rows = [{"feature": "conn_in", "lead": lead, "rel_mae": 0.6 * lead} for lead in (1, 2)]
    table = report.scores(rows)
    assert cells(tables=[table])[:4] == [
        ("conn_in", ""),
        ("0.600", "number better"),
        ("1.200", "number worse"),
        ("0.900", "number better"),
    ]
    assert "below 1 is better than persistence" in table.caption


def test_plain_table_aligns_numbers_and_marks_nothing():
    rows = [{"feature": "conn_in", "mae": 0.5}, {"feature": "ssh_in", "mae": None}]
    assert cells(tables=[report.Table(rows)])[:4] == [
        ("conn_in", ""),
        ("0.500", "number"),
        ("ssh_in", ""),
        ("-", "number"),
    ]


def test_events_are_listed_with_what_was_seen_and_expected():
    first, second = (Tags(page(events=[one])).cells[:9] for one in (EVENT, GAP))
    assert [text for text, _ in first] == [
        "2019-04-12 10:20",
        "2019-04-12 11:00",
        "too little",
        "dip",
        "medium",
        "conn_in, ssh_in",
        "3.250",
        "120",
        "44,123",
    ]
    assert [text for text, _ in second][2:6] == ["missing", "", "low", "conn_in, ssh_in"]


def test_nothing_from_a_log_becomes_markup():
    hostile = report.Report(
        HOSTILE,
        [(HOSTILE, HOSTILE)],
        [
            report.Section(
                HOSTILE,
                HOSTILE,
                figures=[(HOSTILE, plots.learning_curve({"loss": [1.0, 0.5]}))],
                tables=[report.Table([{HOSTILE: HOSTILE}], HOSTILE)],
                events=[{**EVENT, "features": [HOSTILE], "direction": HOSTILE}],
            )
        ],
    )
    tags = Tags(report.html(hostile)).tags
    assert not [tag for tag, _ in tags if tag in ("script", "img", "iframe", "link")]
    assert not [attrs for _, attrs in tags if any(name.startswith("on") for name in attrs)]
    assert "{{7*7}}" in report.html(hostile)


def test_page_needs_nothing_else():
    text = page(figures=[("Loss", plots.learning_curve({"loss": [2.0, 1.0]}))], events=[EVENT])
    tags = Tags(text).tags
    assert [attrs["src"] for _, attrs in tags if "src" in attrs] == []
    links = [value for _, attrs in tags for name, value in attrs.items() if name.endswith("href")]
    assert all(link.startswith("#") for link in links)
    assert not re.findall(r"url\((?!#|'#|\"#)", text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_pictures_take_the_colours_of_the_page():
    text = page(figures=[("Loss", plots.learning_curve({"loss": [2.0, 1.0]}))])
    assert "var(--ink)" in text
    assert "#1b2733" not in text[text.index("<svg") :]


def test_report_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "report.html"
    report.write(path, report.Report("First"))
    assert "<h1>First</h1>" in path.read_text()
    with pytest.raises(UndefinedError):
        report.write(path, report.Report("Second", [], [report.Section("x", tables=[object()])]))
    assert "<h1>First</h1>" in path.read_text()
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_folder_that_cannot_be_made_is_a_resource_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError):
        report.write(tmp_path / "file" / "report.html", report.Report("x"))


def test_section_of_everything_renders(tmp_path):
    evaluation = pd.DataFrame({"feature": ["a", "a"], "lead": [1, 2], "rel_mae": [0.9, 1.1]})
    section = report.Section(
        "Scores",
        "Beside persistence.",
        figures=[("By lead", plots.error_by_lead(evaluation))],
        tables=[report.scores(evaluation, "Scores by lead")],
        events=[EVENT, GAP],
    )
    text = report.html(report.Report("All", [("Model", "Conv1D"), ("Features", ["a"])], [section]))
    assert text.count("<table>") == 2
    assert text.count("<svg") == 1
    assert text.count("</section>") == 1
