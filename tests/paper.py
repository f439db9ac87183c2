"""Sheets drawn as text: `|` between cells, `^` goes on from above, `<` from the left, `=:5.00` a formula that shows 5.00."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from openpyxl import Workbook

from workbook_tools.excel import column_letters
from workbook_tools.excel.addresses import Cell
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.template.workbook import workbook_bytes
from workbook_tools.values import Value, format_value

EXAMPLES = Path(__file__).parents[1] / "examples"


class PaperSheet:
    """A drawn sheet with the methods of a real one."""

    def __init__(self, drawing: str, names: Mapping[str, Cell] | None = None, name: str = "自评表") -> None:
        self.name = name
        self.names = dict(names or {})
        self.cells: dict[Cell, str] = {}
        self.anchors: dict[Cell, Cell] = {}
        self.formulas: set[Cell] = set()
        self.hidden_rows: set[int] = set()
        self.crossed_out: dict[Cell, str] = {}
        self.written: dict[Cell, Value] = {}
        rows = [line.split("|") for line in drawing.strip("\n").splitlines()]
        self.size = (len(rows), max(len(row) for row in rows))
        for y, row in enumerate(rows, 1):
            for x, drawn in enumerate(row, 1):
                self._draw((y, x), drawn.strip().replace("\\n", "\n"))

    def _draw(self, cell: Cell, words: str) -> None:
        if words in ("^", "<"):
            over = (cell[0] - 1, cell[1]) if words == "^" else (cell[0], cell[1] - 1)
            self.anchors[cell] = self.anchor(over)
        elif words.startswith("=:"):
            self.formulas.add(cell)
            self.cells[cell] = words[2:]
        elif words:
            self.cells[cell] = words

    def filled(self) -> list[Cell]:
        return sorted(self.cells)

    def text(self, cell: Cell) -> str:
        return self.cells.get(cell, "")

    def anchor(self, cell: Cell) -> Cell:
        return self.anchors.get(cell, cell)

    def formula(self, cell: Cell) -> bool:
        return cell in self.formulas

    def hidden(self, cell: Cell) -> bool:
        return cell[0] in self.hidden_rows

    def struck(self) -> dict[Cell, str]:
        return self.crossed_out

    def percent(self, cell: Cell) -> bool:  # noqa: ARG002
        return False

    def write(self, cell: Cell, value: Value) -> None:
        self.written[cell] = value
        self.cells[cell] = format_value(value)

    def take_back(self, cell: Cell) -> None:
        del self.written[cell]
        del self.cells[cell]

    def address(self, cell: Cell) -> str:
        return f"{self.name}!{column_letters(cell[1])}{cell[0]}"

    def workbook(self) -> Workbook:
        """The drawing as a workbook: words as text, figures as numbers."""
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = self.name
        for (row, column), words in self.cells.items():
            number = words.replace(",", "")
            value = float(number) if number.replace(".", "", 1).removeprefix("-").isdecimal() else words
            written = sheet.cell(row, column)
            written.value = f"={value}" if (row, column) in self.formulas else value
            if words.startswith("=") and (row, column) not in self.formulas:
                written.data_type = "s"  # a target (=8个), no formula
        ends: dict[Cell, Cell] = {}
        for cell in self.anchors:
            top = self.anchor(cell)
            ends[top] = max(ends.get(top, top), cell)
        for top, end in ends.items():
            sheet.merge_cells(start_row=top[0], start_column=top[1], end_row=end[0], end_column=end[1])
        return book


@cache
def drawn_book(drawing: str) -> bytes:
    """A drawing as a saved workbook, made once for all tests."""
    return workbook_bytes(PaperSheet(drawing).workbook())


def type_into(sheet: Sheet, cell: Cell, words: str) -> None:
    """Types words into a cell of a drawn sheet, or of drawn sheets below one another."""
    while isinstance(sheet, JoinedSheet):
        above, part = next(part for part in reversed(sheet.parts) if part[0] < cell[0])
        sheet, cell = part, (cell[0] - above, cell[1])
    assert isinstance(sheet, PaperSheet)
    sheet.cells[cell] = words


def example(name: str) -> Sheet:
    """The drawn sheet, or sheets, of an example, without its formulas and formats."""
    drawn: dict[str, list[str]] = {}
    sheet = "自评表"
    for line in (EXAMPLES / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("== "):
            sheet = line[3:]
        elif line and not line.startswith("= "):
            percents = re.sub(r"([\d.]+) \{0%\}", lambda part: f"{float(part[1]):.0%}", line)
            plain = re.sub(r"\{[^}]*\}", "", percents.removeprefix("* ").removeprefix("# "))
            drawn.setdefault(sheet, []).append(re.sub(r"\|\s*=[^|]*", "| ", plain).replace("¶", "\\n"))
    sheets = [PaperSheet("\n".join(lines), name=name) for name, lines in drawn.items()]
    return JoinedSheet(sheets) if len(sheets) > 1 else sheets[0]


ZHONGSHAN = """
附件1-1
中山市2022年度市级财政支出绩效自评表-非信息化项目 | < | < | < | < | < | < | <
单位名称（盖章） | 中山市12345投诉举报平台管理中心 | | | | | 填报日期：2023年4月28日
基本情况 | 项目名称 | 12345政府服务热线外包服务项目
资金构成 | 年度 | 年初预算安排数 | 预算调整额（调减金额用“负数”表示） | 全口径预算调整率（自动计算） | 实际资金支出额 | 预算执行率（自动计算） | 备注
^ | 2022年 | 17,160,681.00 | 0.00 | | 17,160,289.87 | | 无配套资金
总体绩效目标描述
一级指标 | 二级指标 | 指标内容 | 权重 | 指标值 | 完成值 | 完成率 | 自评分
预算执行过程（20分） | 预算执行率 | 预算执行率=实际支出金额/（年初预算安排数+预算调整额）×100% | 5 | 比率≥98%的，得5分 | | - |
^ | 预算调整率 | 预算调整率=调减金额/项目预算批复金额×100% | 15 | 比率≤10%的，得15分 | | - |
预算执行过程指标得分小计（上限不超过20分） | < | < | < | < | < | < |
一级指标 | 二级指标 | 指标内容\\n(对照批复) | 权重\\n40/m\\n(m为产出指标总数) | 指标值 | 完成值 | 完成率\\n(定量指标=完成值/指标值*100%) | 自评分\\n(定性自行评分)
产出指标(40分) | 数量指标 | 1. 培训场次: 114次 | | 100 | 100 | |
^ | 质量指标 | 1. 质检率: 99.73% | | 100 | 100 | |
^ | 时效指标 | 1. 准确派单率: 94.82% | | 100 | 60 | |
^ | 成本指标 | 无 | | | | |
产出指标得分小计 (上限不超过40分) | < | < | < | < | < | < |
一级指标 | 二级指标 | 指标内容 | 权重 40/k (k为效益指标总数) | 指标值 | 完成值 | 完成率 | 自评分
效益指标(40分) | 经济效益指标 | 无 | | | | |
^ | 社会效益指标 | 1. 及时派单率100%; | | 100 | 100 | |
^ | 生态效益指标 | 无 | | | | |
^ | 可持续发展影响指标 | 无 | | | | |
^ | 服务对象满意度指标 | 1. 群众满意度: 99.73% | | 100 | 100 | |
效益指标得分小计 (上限不超过40分) | < | < | < | < | < | < |
自评分数小计 | < | < | < | < | < | < |
导向指标 | 政府采购执行情况 | 否则-10分。 | -10 | - | - | 未发生扣分行为。 |
^ | 自评工作质量 | 否则-5分 | -10 | - | - | 未发生扣分行为。 |
逆向指标(-30分) | 预决算信息公开情况 | 否则-10分。 | -10 | - | - | 未发生扣分行。 |
^ | 一票否决扣分项 | 降级为“差” | — | - | - | 未发生扣分行。 |
逆向指标得分小计 | < | < | < | < | < | < |
自评分数合计(自评分数小计+逆向指标小计) | < | < | < | < | 自评总分 | | 自评绩效等级:
自评绩效等级:分数≥90分为优、80≤分数<90分为良、60分≤分数<80分为中、分数<60分为差 | < | < | < | < | < | < | <
"""

NATIONAL = """
项目支出绩效自评表 | < | < | < | < | < | < | <
(2023年度) | < | < | < | < | < | < | <
项目名称 | 公共服务项目 | < | < | < | < | < | <
项目资金（万元） | | 年初预算数 | 全年预算数（A） | 全年执行数（B） | 分值 | 执行率（B/A） | 得分
^ | 年度资金总额： | | | | 10 | |
^ | 其中：本年财政拨款 | 100 | 90 | 81 | - | | -
^ | 其他资金 | 10 | 10 | 9 | - | | -
年度总体目标 | < | < | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
产出指标(50分) | 数量指标 | 培训人数 | ≥200人 | 150人 | 20 | |
^ | 质量指标 | 合格率 | 95% | 96% | 10 | |
^ | 时效指标 | 完成时间 | 11月底前 | 10月 | 10 | |
^ | 成本指标 | 单位成本 | ≤400元/人 | 500元/人 | 10 | |
效益指标(30分) | 社会效益指标 | 就业率 | ≥60% | 90% | 15 | |
^ | 可持续影响指标 | 机制健全 | 健全 | 达成预期指标 | 15 | 14 |
满意度指标(10分) | 服务对象满意度指标 | 满意度 | ≥90% | 95% | 10 | |
总分 | < | < | < | < | 100 | |
"""
HUBEI = """
2022年度项目自评表 | < | < | < | < | <
项目名称 | 共享工程 | < | < | < | <
预算执行情况（万元）（20分） | | 预算数（A） | 执行数（B） | 执行率（B/A） | 得分（20分*执行率）
^ | 年度财政资金总额 | 5 | 5 | 100% | 20
年度绩效目标1（80分） | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年初目标值（A） | 实际完成值（B） | 得分
产出指标(40分) | 数量指标 | 培训场次 | ≥10场 | 12场 | 40
效益指标 | 社会效益指标 | 知识普及 | 明显提高 | 居民知晓率提高 | 15
^ | 可持续影响指标 | 机制 | 健全 | 已出台办法 | 13
满意度指标 | 服务对象满意度指标 | 读者满意度 | ≥90% | 95% | 12
总分 | | | | |
"""
