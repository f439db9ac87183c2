"""Tables of a report: a cell whose row and heading name an indicator or money of the form is held against it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from places import EXAMPLES
from workbook_tools.assess import Assessment, Figures, add_report, assess_file
from workbook_tools.claims.report_file import read_report
from workbook_tools.forms.form import Report

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@cache
def form(name: str = "guangzhou_12345_2021") -> Assessment:
    return assess_file(EXAMPLES / f"{name}.xlsx").forms[0]


def word_table(drawn: str) -> str:
    """A drawn table as Word writes it: `<` goes on from the left, `^` from above, `[甲 | 乙]` a table in the cell."""
    lines = [[cell.strip() for cell in line.split("|")] for line in drawn.strip().splitlines()]
    rows = []
    for number, line in enumerate(lines):
        cells = []
        for column, words in enumerate(line):
            if words == "<":
                continue
            wide = next((n for n, other in enumerate(line[column + 1 :]) if other != "<"), len(line) - column - 1) + 1
            below = number + 1 < len(lines) and lines[number + 1][column : column + 1] == ["^"]
            merged = "<w:vMerge/>" if words == "^" else '<w:vMerge w:val="restart"/>' if below else ""
            text = "" if words == "^" else words
            runs = "".join(f"<w:r><w:t>{part}</w:t></w:r>" for part in (text[:2], text[2:]) if part)
            span = f'<w:tcPr><w:gridSpan w:val="{wide}"/>{merged}</w:tcPr>'
            cells.append(f"<w:tc>{span}<w:p>{runs}</w:p></w:tc>")
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def document(body: str, **parts: str) -> Report:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("word/document.xml", f"<w:document {NAMESPACE}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            file.writestr(f"word/{name}.xml", f"<w:{name} {NAMESPACE}>{content}</w:{name}>")
    return read_report(Path("报告.docx"), packed.getvalue())


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>" if words else ""


def said(drawn: str, title: str = "", name: str = "guangzhou_12345_2021") -> tuple[list[str], Figures]:
    """The findings in a table below a title: code and place; and how many of its figures were decided."""
    checked, figures = add_report(form(name), document(paragraph(title) + word_table(drawn)))
    found = checked.found[len(form(name).found) :]
    return [f"{one.code} {one.label.removeprefix('报告.docx ')}" for one in found], figures


HEADING = "三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分\n"
TRUE = """话务平台可用率 | ≥99.99% | 99.99% | 13 | 13.00
月度话务接通率 | ≥95% | 94.07% | 12 | 11.7
话务服务市民满意度 | 95 | 97.52 | 10 | 10
"""

# What is drawn → what is found. Each is a form of the table above; row 1 is the heading.
FALSE = {
    "an actual value": (HEADING + TRUE.replace("94.07%", "95.07%"), ["R103 第1张表第3行第3格"]),
    "a target": (HEADING + TRUE.replace("≥95%", "≥96%"), ["R118 第1张表第3行第2格"]),
    "a weight": (HEADING + TRUE.replace("| 12", "| 15"), ["R115 第1张表第3行第4格"]),
    "a score": (HEADING + TRUE.replace("11.7", "12"), []),  # 11.70 rounded to a whole point is 12
    "a score with its places": (HEADING + TRUE.replace("11.7", "11.9"), ["R113 第1张表第3行第5格"]),
    "below merged headings": (
        "项目主要绩效指标 | 完成情况 | <\n^ | 年度指标值(达到) | 实际完成值\n月度话务接通率 | ≥95% | 93.07%\n话务平台可用率 | ≥99.99% | 99.99%",
        ["R103 第1张表第3行第3格"],
    ),
    "beside merged groups": (
        ("一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值\n产出 | 产出数量 | 话务平台可用率 | ≥99.99% | 99.99%\n"
        "^ | ^ | 月度话务接通率 | ≥95% | 93.07%"),
        ["R103 第1张表第3行第5格"],
    ),
    "met or not": ("绩效指标名称 | 年度指标值 | 是否达标\n月度话务接通率 | ≥95% | 是\n话务平台可用率 | ≥99.99% | 是", ["R117 第1张表第2行第3格"]),
    "full-width digits": (HEADING + TRUE.replace("94.07%", "９５．０７％"), ["R103 第1张表第3行第3格"]),
    "the total": (HEADING + TRUE + "总分 | | | 100 | 98.70", ["R110 第1张表第5行第5格"]),
    "the total beside its name": ("项目名称 | 12345政府服务热线\n自评总分 | 98.7", ["R110 第1张表第2行第2格"]),
    "money": ("年初预算数（万元） | 全年执行数（万元） | 执行率\n13,410.06 | 13,140.06 | 100%", ["R125 第1张表第2行第2格"]),
    "money in another unit": ("年初预算数（元） | 执行数（元） | 执行率\n134100600 | 134200600 | 100%", ["R125 第1张表第2行第2格"]),
    "the rate of execution": ("项目资金（万元） | 年初预算数 | 执行数 | 执行率\n总额 | 13410.06 | 13410.06 | 98%", ["R119 第1张表第2行第4格"]),
    "money beside its name": ("年初预算数 | 13,410.60万元\n实际支出 | 13,410.06万元", ["R125 第1张表第1行第2格"]),
    "money of a source": (
        "资金来源 | 年初预算数 | 执行数\n总额 | 13410.06 | 13410.06\n其中：财政拨款（市本级支出） | 13410.06 | 13400.06",
        ["R105 第1张表第3行第3格"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FALSE)
def test_a_wrong_cell_is_found_where_it_stands(case: str) -> None:
    drawn, expected = FALSE[case]
    assert said(drawn)[0] == expected


@pytest.mark.parametrize("drawn", [HEADING + TRUE, HEADING + TRUE + "总分 | | | 100 | 99.70"])
def test_a_right_table_is_confirmed_cell_by_cell(drawn: str) -> None:
    found, figures = said(drawn)
    assert (found, figures.undecided) == ([], 0)
    assert figures.decided >= 12


WRONG = TRUE.replace("94.07%", "95.07%")
NEVER = {
    "another year in the title": ("2020年度绩效指标完成情况", HEADING + WRONG),
    "another year in the heading": ("", "三级指标 | 2020年 | <\n^ | 指标值 | 完成值\n月度话务接通率 | ≥95% | 95.07%\n话务平台可用率 | ≥99.99% | 99.99%"),
    "two years beside each other": ("", "三级指标 | 完成值（2020年） | 完成值（2021年）\n月度话务接通率 | 95.07% | 94.07%\n话务平台可用率 | 99.99% | 99.99%"),
    "last year": ("上年绩效指标完成情况", HEADING + WRONG),
    "a quarter": ("第三季度绩效指标完成情况", HEADING + WRONG),
    "a part": ("甲街道绩效指标完成情况", HEADING + WRONG),
    "a column of places": ("", "区 | 三级指标 | 指标值 | 完成值\n越秀 | 月度话务接通率 | ≥95% | 95.07%\n越秀 | 话务平台可用率 | ≥99.99% | 99.99%"),
    "another project": ("", "项目名称 | 办公楼维修 | < | < | <\n" + HEADING + WRONG),
    "more wrong than right": ("", "三级指标 | 完成值\n月度话务接通率 | 95.07%\n话务平台可用率 | 98%\n话务服务市民满意度 | 90%"),
    "a column that is of something else": (
        "",
        HEADING + TRUE.replace("94.07%", "95.07%").replace("| 99.99% |", "| 98% |").replace("97.52", "90"),
    ),
    "a similar name": ("", HEADING + "热线月度话务接通率 | ≥95% | 93.07% | 12 | 11.7\n话务平台可用率 | ≥99.99% | 99.99% | 13 | 13"),
    "a value of another unit": ("", HEADING + "月度话务接通率 | ≥95% | 1097万次 | 12 | 11.7\n话务平台可用率 | ≥99.99% | 99.99% | 13 | 13"),
    "a vague value": ("", HEADING + "月度话务接通率 | ≥95% | 93%以上 | 12 | 11.7\n话务平台可用率 | ≥99.99% | 99.99% | 13 | 13"),
    "words": ("", HEADING + "月度话务接通率 | ≥95% | 基本达到 | 12 | 11.7\n话务平台可用率 | ≥99.99% | 99.99% | 13 | 13"),
    "a row of values below a merged name": (
        "",
        HEADING + "月度话务接通率 | ≥95% | 94.07% | 12 | 11.7\n^ | ≥90% | 96% | 5 | 5\n话务平台可用率 | ≥99.99% | 99.99% | 13 | 13",
    ),
    "a table of months": ("", "月份 | 呼入量 | 接通率\n1月 | 900000 | 93%\n合计 | 11666777 | 94.07%"),
    "money of a part": ("", "资金来源 | 年初预算数 | 执行数\n总额 | 13410.06 | 13410.06\n系统运维 | 300 | 280"),
    "money of last year": ("上年资金情况", "年初预算数 | 执行数 | 执行率\n13,410.06 | 13,000.06 | 96.9%"),
    "rounded money": ("", "年初预算数（亿元） | 执行数（亿元）\n1.34 | 1.34"),
    "a sum of statistics": ("", "项目 | 数量\n咨询 | 300\n合计 | 300"),
    "cells that moved to the left": (
        "",
        ("一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值\n产出 | 产出数量 | 话务平台可用率 | ≥99.99% | 99.99% | 13\n"
        "产出 | 月度话务接通率 | ≥95% | 94.07% | 12 | 11.7"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NEVER)
def test_what_may_be_of_something_else_is_never_accused(case: str) -> None:
    title, drawn = NEVER[case]
    assert said(drawn, title)[0] == []


def test_a_table_of_months_is_held_against_the_statistics_of_the_form() -> None:
    found = form("guangzhou_department_2023")
    table = next(one for one in found.scheme.form.tables if one.name == "calls")
    headings = [spelled[0] for spelled in table.columns.values()]
    months = [[month[name] for name in table.columns] for month in found.form.tables["calls"].rows]
    drawn = "\n".join(" | ".join(row) for row in (headings, *months))
    right, figures = said(drawn, name="guangzhou_department_2023")
    assert (right, figures.undecided) == ([], 0)
    changed = months[4][1].replace("0", "1", 1) if "0" in months[4][1] else f"{months[4][1]}0"
    wrong, _ = said(drawn.replace(months[4][1], changed), name="guangzhou_department_2023")
    assert wrong == ["R120 第1张表第6行第2格"]


def test_a_value_that_is_words_is_compared_by_its_figures() -> None:
    heading = "三级指标 | 年度指标值 | 实际完成值\n"
    found = form("hubei_huangshi_2022")
    rows = [row for row in found.form.indicators if any(map(str.isdigit, row.target or "")) and row.actual][:3]
    lines = [
        " | ".join("".join(words.split()) for words in (row.name, row.target or "", row.actual or "")) for row in rows
    ]
    assert said(heading + "\n".join(lines), name="hubei_huangshi_2022")[0] == []
    worded = next(row for row in rows if len(row.target or "") > 6)
    target = "".join((worded.target or "").split())
    digit = next(one for one in target if one.isdigit())
    other = target.replace(digit, str((int(digit) + 1) % 10), 1)
    found_in = said(heading + "\n".join(lines).replace(target, other, 1), name="hubei_huangshi_2022")[0]
    assert [one[:4] for one in found_in] == ["R118"]


def test_the_tables_of_a_text_file_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "报告.txt"
    drawn = (HEADING + WRONG).replace(" | ", "\t")
    path.write_text(f"二、指标完成情况\n{drawn}三、问题\n", "gb18030")
    checked, _ = add_report(form(), read_report(path))
    found = [f"{one.code} {one.label}" for one in checked.found[len(form().found) :]]
    assert found == ["R103 报告.txt 第4段第3格"]


def test_the_number_of_a_row_is_no_name_even_where_an_indicator_is_called_so() -> None:
    found = form()
    rows = (replace(found.form.indicators[0], name="2"), *found.form.indicators[1:])
    named = found._replace(form=replace(found.form, indicators=rows))
    drawn = "序号 | 绩效指标 | 年度指标值 | 实际完成值\n2 | 月度话务接通率 | ≥95% | 94.07%\n3 | 话务服务市民满意度 | ≥95% | 97.52%"
    checked, figures = add_report(named, document(word_table(drawn)))
    assert (checked.found[len(named.found) :], figures.decided) == ([], 4)
