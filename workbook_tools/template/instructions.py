"""The sheet 填报说明 of an empty form: how to fill it in, and the rules with the words they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from workbook_tools.forms.page import INSTRUCTIONS
from workbook_tools.schemes.describe import describe_scheme
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.template.drawing import BODY, BOTTOM, FOOTER, SIDES, TOP
from workbook_tools.template.guidance import load_guidance
from workbook_tools.terminal import width

WIDE, LINE = 112, 17.0  # of the column of sentences, in digits; of one line, in points
ONE_PAGE = 640.0  # points of rows that are still read easily when they are printed on one page


def explain(sheet: Worksheet, scheme: Scheme, steps: Sequence[str] = ()) -> None:
    """Fills the sheet; `steps` take the place of how a form is filled in."""
    steps = steps or load_guidance(scheme.name).steps or _steps(scheme)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, WIDE
    rows: list[tuple[str, str]] = [(INSTRUCTIONS, ""), *((f"{n}", words) for n, words in enumerate(steps, 1))]
    rows += [("", ""), ("监控规则" if scheme.monitoring else "评分办法", scheme.title), *describe_scheme(scheme)]
    for number, (label, words) in enumerate(rows, 1):
        for column, text in ((1, label), (2, words)):
            cell = sheet.cell(number, column, text or None)
            cell.font = Font(name=BODY.name, size=14 if number == 1 else 11, bold=column == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        lines = max(1, ceil(width(words) / (WIDE - 4)))
        sheet.row_dimensions[number].height = 26.0 if number == 1 else LINE * lines
    sheet.protection.sheet = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    long = sum(sheet.row_dimensions[number].height or LINE for number in range(1, len(rows) + 1)) > ONE_PAGE
    sheet.page_setup.fitToHeight = 0 if long else 1
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = SIDES
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = TOP, BOTTOM, FOOTER
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = "填报说明　第 &P 页，共 &N 页"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _steps(scheme: Scheme) -> list[str]:
    steps = [
        "浅黄色的空格由您填写，填了就不再是黄色，打印时也不印颜色；金额的合计、比率、总分是公式，自动计算（工作表有保护，没有密码）。",
        f"金额以{scheme.unit}为单位，只填数字；资金来源填了，合计自动相加；没有分来源的，直接填合计。",
        "每行一个指标，不用的行空着；行不够可以插入。指标值如“≥95%”，完成值写实际的数，单位一致。",
    ]
    if any(group.weights == "printed" for group in scheme.groups):
        steps.append("分值由单位确定，写在每行；各行分值合计应为 100 分（含预算执行率）。")
    if scheme.evaluators_quote:
        steps.append("评委的评分填在“评委评分”，每月的数填在“月度统计”，得分和完成值自动算出。")
    if scheme.groups:
        rule = "各行得分由您填写" if scheme.general else "得分可以空着，由 fill_form 按办法计算；定性指标的得分由您填写"
        steps.append(f"{rule}；总分空着，说明还有没填得分的行。")
    steps.append("填好保存、关闭后，用 fill_form 填写和核对：fill_form 本文件名.xlsx")
    return steps
