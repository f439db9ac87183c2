"""F: cells that cannot be read, were never calculated, or are hidden."""

from __future__ import annotations

from decimal import Decimal

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import blank, not_filled, only_unit
from workbook_tools.forms.form import Field, Form, Scores
from workbook_tools.schemes.scheme import AMOUNTS, Scheme
from workbook_tools.scoring.comparing import short
from workbook_tools.scoring.groups import rows_in_use
from workbook_tools.text import harmful, regex
from workbook_tools.values import UNCALCULATED, normalize, not_applicable, plain, read_points, read_quantity, unfilled

FAULT = regex(
    r"#(?:DIV/0!|REF!|VALUE!|N/A|NAME\?|NUM!|NULL!"
    r"|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|EXTERNAL!|PYTHON!|GETTING_DATA)",  # of Excel 365
    needs="#",
)
_BROKEN = regex(r"(?=\A[\d,.]*+\Z)[\d,.]*(?:,\d{1,2}(?=[,.]|$)|,,|\.\d*[.,]|\d\.$)[\d,.]*")
_WITH_UNIT = regex(r"[≥≤<>=]{0,2}([\d,.]*\d)[^\d,.年月日号季]{1,8}")
_DAY = regex(r"(?:19|20)?\d\d\.(?:1[0-2]|0?[1-9])\.(?:3[01]|[12]\d|0?[1-9])\.?")
_POINTS = ("weight", "score", "total")
_FIGURES = {"budget": (*AMOUNTS, *_POINTS), "sources": (*AMOUNTS, *_POINTS), "tables": ()}
_MONEY = regex("[元圆块币镑]|(?i:rmb|cny|usd|eur)")  # what a unit of money is called
_TEMPLATE = regex(r"^(?:指标\d+[:.]?)?(?:…+|\.{3,})$|^指标\d+[:.]?$|[(](?:控制在)?\d+字以内[)]$")
_VOID = regex(r"(?:^|[(\[【])(?:已?作废|已取消|已删除|已停用|不再?考核|不计分|不用填)(?:[)\]】]|$)")  # what a name says
_STARS = regex(r"[×X*]{2,}")  # in names they are printed for the whole province: (≥**人)


@check("F101", ERROR, since="0.1")
def error_value(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """单元格是错误值。

    ## 为什么
    公式引用的格子被删了、被空格或文字除了，算出来的是 #DIV/0!、#REF! 一类的错误值，不是数。
    新版 Excel 还有 #SPILL!（下面或右边的格子占着，结果放不下）、#CALC! 等。

    ## 例
    查出：完成值 = #DIV/0!
    查出：完成值 = #SPILL!
    不查：完成值 = 210人

    ## 怎么改
    修好公式，或者删掉公式直接填数。

    ## 依据
    工作表的错误值不是任何一项的填写内容。
    """
    for field, words in form.words.items():
        if FAULT.search(words):
            yield field, f"是错误值“{words}”，公式没有结果；请修好公式，或直接填数"


@check("F102", ERROR, since="0.1")
def never_calculated(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """公式没有计算过。

    ## 为什么
    用程序导出的工作簿，公式还没有算过，别人打开看到的可能是空白或 0。

    ## 例
    查出：总分 = 未计算的公式
    不查：总分 = 98

    ## 怎么改
    用 Excel 或 WPS 打开，按 Ctrl+Alt+F9 重新计算，保存。

    ## 依据
    保存的文件里公式旁边没有结果。
    """
    spare = {
        f"indicators.{number}"
        for number, row in enumerate(form.indicators, 1)
        if blank(row.name) and blank(row.target) and blank(row.actual)
    }
    waiting = [field for field, words in form.words.items() if words == UNCALCULATED]
    waiting = [field for field in waiting if field.rpartition(".")[0] not in spare]
    if waiting:
        yield waiting[0], f"{len(waiting)} 个公式没有计算过，看不到结果；请用 Excel 或 WPS 打开，按 Ctrl+Alt+F9，再保存"


@check("F103", ERROR, since="0.1")
def broken_number(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """数字写错了。

    ## 为什么
    逗号、小数点位置不对的数（7,00.0,77）谁也不知道是多少。

    ## 例
    查出：分值 = 2,0.
    不查：分值 = 20

    ## 怎么改
    改成正确的数；千分位逗号每三位一个，小数点只能有一个。

    ## 依据
    公开的自评表中出现过“7,00.0,77”。
    """
    for field, words in form.words.items():
        if is_broken(words) and not field.startswith("texts.") and not field.endswith((".name", ".reason")):
            yield field, f"“{words}”的逗号或小数点位置不对，无法读取数值；请改成正确的数"


def is_broken(words: str) -> bool:
    """Whether the words are a number, with or without a unit, whose commas or points are wrong; a date is none."""
    said = normalize(words)
    if found := _WITH_UNIT.fullmatch(said):
        said = found[1]
    digits = any(sign.isdigit() for sign in said)
    return digits and _BROKEN.fullmatch(said) is not None and _DAY.fullmatch(said) is None


@check("F104", ERROR, since="0.1")
def not_a_figure(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """该填数的格子里是文字。

    ## 为什么
    金额、分值、得分、总分要相加，只能是数。

    ## 例
    查出：全年执行数 = 约九十万
    不查：全年执行数 = 90

    ## 怎么改
    只填数字，单位写在表头；没有的留空或写“—”。

    ## 依据
    表头印的是金额和分值。
    """
    for field, words in form.words.items():
        figures, column = _FIGURES.get(field.partition(".")[0], _POINTS), field.rpartition(".")[2]
        if column not in figures or blank(words) or FAULT.search(words) or only_unit(words):
            continue
        amount = read_quantity(words)
        readable = amount or read_points(words)
        if readable is None and not is_broken(words) and not words.startswith("≤"):
            yield field, f"“{words}”不是数；这一格请只填数字"
        elif amount and column in AMOUNTS and amount.unit and not _MONEY.search(amount.unit):
            yield field, f"“{words}”不是金额；这一格请只填数字"
        elif amount and amount.unit == "%" and column != "weight" and (field == "total" or field in form.sums):
            yield field, f"“{words}”是百分数，不是分数；这一格请只填分数，格式改成“常规”"


@check("F105", HINT, since="0.1")
def formula_overwritten(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """公式被数字覆盖。

    ## 为什么
    同一列别的行都是公式，只有这一格是手填的数；以后改了完成值，它不会跟着变。

    ## 例
    查出：（公式）得分 = 20
    不查：得分 = 20

    ## 怎么改
    如果不是有意改的，把上一行的公式复制下来；有意改的，在偏差原因里写明。

    ## 依据
    同一列其余各行是公式。
    """
    groups = dict.fromkeys(row.group for row in form.indicators)
    for column in ("score", "rate", "weight"):
        for group in groups:
            rows = [(f"indicators.{n}.{column}", row) for n, row in enumerate(form.indicators, 1) if row.group == group]
            typed = [field for field, row in rows if not blank(getattr(row, column)) and field not in form.live]
            if sum(field in form.live for field, _ in rows) >= 2:
                for field in typed:
                    yield field, "同一列别的行都是公式，这一格是手填的数；请核对，或把公式复制回来"


@check("F106", ERROR, since="0.1")
def template_text_left(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """模板的文字没有删掉。

    ## 为什么
    “指标1：”“……”“（100字以内）”是空白表的提示，留在填好的表里，说明这一格没有填。

    ## 例
    查出：三级指标 = 指标1：
    不查：三级指标 = 指标1：培训人数

    ## 怎么改
    填写内容，或者把没有用到的行清空。

    ## 依据
    公开的自评表中有多份留着模板文字。
    """
    for field, words in form.words.items():
        column = field.rpartition(".")[2]
        text = column in ("name", "target", "actual", "reason") or field.startswith("texts.")
        said = normalize(words)
        left = _TEMPLATE.search(said) or (column != "name" and _STARS.search(said))
        if text and not blank(words) and left:
            used = field.split(".")[0] != "indicators" or not _spare(form, field)
            if used:
                yield field, f"“{words}”是空白表的提示文字；请填写，或清空这一行"


def _spare(form: Form, field: str) -> bool:
    """Whether the row of a field has nothing but its name: an unused line of the empty form."""
    row = form.indicators[int(field.split(".")[1]) - 1]
    return all(blank(words) for words in (row.target, row.actual, row.weight, row.score))


@check("F107", HINT, since="0.1")
def hidden_content(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """隐藏的行或列里有内容。

    ## 为什么
    打印出来看不见，却参加了计算；审核的人会漏看。

    ## 例
    查出：（隐藏）得分 = 20
    不查：得分 = 20

    ## 怎么改
    取消隐藏；不要的行清空。

    ## 依据
    报送的表应当看得见全部内容。
    """
    said = [(field, words) for field, words in form.words.items() if not blank(words) and field not in form.shared]
    shown = {field.rpartition(".")[0] for field, _ in said if field not in form.hidden}  # rows
    seen: set[tuple[str, str]] = set()
    for field, words in said:
        row, _, column = field.rpartition(".")
        whole = (row.partition(".")[0], column) if row in shown else (row, "")  # a hidden column, or a hidden row
        if field in form.hidden and whole not in seen:
            seen.add(whole)
            yield field, f"隐藏的行或列里有“{words[:20]}”；请取消隐藏，不要的请清空"


@check("F125", ERROR, since="0.2")
def struck_content(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """划掉或注明作废的内容没有删掉。

    ## 为什么
    用删除线（字体）划掉一行或一个数，格子里的内容还在：本工具照样读，照样算进 40/m 的 m、小计和总分。看表的人以为不算了，
    算出来的分却是算了的；划掉的到底要不要，只有填表人知道。在名称后面注明“（作废）”“（不考核）”的也一样。

    ## 例
    查出：（删除线）三级指标 = 培训人数
    不查：三级指标 = 培训人数
    查出：三级指标 = 培训人数（作废）

    ## 怎么改
    不要的，删掉这一行，或者把格子清空；要的，去掉删除线。改了数的，只留下新的数。

    ## 依据
    一格里只有一个内容，划掉的也是它的内容；本工具不替填表人决定哪些不算。
    """
    used = dict(rows_in_use(form.indicators))
    told: set[Field] = set()  # rows
    for row, indicator in used.items():
        if _VOID.search(normalize(indicator.name)):
            told.add(row)
            said = f"名称写“{short(indicator.name)}”，这一行现在仍然计入{_counted(row, scores)}"
            yield f"{row}.name", f"{said}；不要的请删掉这一行，要的请改名称"
    for field, struck in form.struck.items():
        row, _, column = field.rpartition(".")
        words, of_indicators = form.words.get(field, ""), field.startswith("indicators.")
        printed = column in ("label", "kind", "criteria") or (of_indicators and row not in used)
        if blank(words) or field in form.shared or printed or row in told:
            continue
        if normalize(words) not in normalize(struck):
            said = f"“{short(words)}”里的“{short(struck)}”划了删除线，现在连同划掉的一起读；请只留下要的内容"
        elif of_indicators and column == "name":
            told.add(row)
            said = (
                f"“{short(words)}”这一行划了删除线，现在仍然计入{_counted(row, scores)}；不要的请删掉这一行，{_WANTED}"
            )
        else:
            said = f"“{short(words)}”划了删除线，现在仍然算是填写的内容；不要的请删掉，{_WANTED}"
        yield field, said


_WANTED = "要的请去掉删除线"


def _counted(row: Field, scores: Scores) -> str:
    """What a row of indicators counts in now."""
    weight, score = scores.weights.get(row), scores.lines.get(f"{row}.score")
    points = f"，得分 {score.value}" if score and isinstance(score.value, Decimal) else ""
    shared = scores.lines.get(f"{row}.weight")
    how = f"（{shared.why}）" if shared and shared.value is not None else ""
    return f"分值合计和总分：分值 {plain(weight)}{how}{points}" if weight is not None else "合计"


BLANKS = ("F114", "F115")  # of findings: nothing has been filled in


@check("F114", ERROR, since="0.1")
def required_text_blank(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """表头或文字没有填。

    ## 为什么
    单位、项目、日期、绩效目标、完成情况空着的表，收表的人不知道是谁的、做成了什么，会退回来。只查表上印了标签的。

    ## 例
    查出：（中山）单位名称 =
    不查：（中山）问题 = 无

    ## 怎么改
    填写；存在问题、改进措施、采购金额、主管部门没有的，写“无”。

    ## 依据
    表上印了这一栏；要填什么见 workbook_tools/forms/wanted.toml。
    """
    for field, wanted in form.wanted.items():
        words = form.words.get(field, "")
        if not_applicable(words) and not wanted.none:
            yield field, f"写的是“{words}”；请写{wanted.what}"
        elif unfilled(words) and words != UNCALCULATED:
            said = f"只有“{' '.join(words.split())}”，没有填" if words else "没有填"
            yield field, f"{said}；请写{wanted.what}"


@check("F115", ERROR, since="0.1")
def amount_missing(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """预算数或支出数没有填。

    ## 为什么
    没有金额，执行率和它的得分都无法计算，后面的合计也就没有核对。一个来源填了预算、没有填支出的，合计就当它没有支出。

    ## 例
    查出：财政拨款全年预算数 = ；其他资金全年预算数 = ；全年预算数 =
    不查：财政拨款全年预算数 = 90；其他资金全年预算数 = 10；全年预算数 = 100

    ## 怎么改
    填写金额；没有就填 0。

    ## 依据
    预算执行率=预算执行数/调整后预算数（四川 510000_0013zp 表注）；各办法的算式见 workbook_tools schemes show。
    """
    needed = (amount for rule in scheme.budget for amount in (*rule.base, rule.part))
    for amount in dict.fromkeys("adjusted" if part == "reduced" else part for part in needed):
        if not_filled(form.budget.get(amount)) and f"budget.{amount}" not in scores.lines:
            yield f"budget.{amount}", "没有填；请填写金额，没有就填 0"
    for rule in scheme.budget:
        if rule.part == "spent" and len(rule.base) == 1:
            yield from _half_a_source(form, rule.base[0])


def _half_a_source(form: Form, planned: str) -> Found:
    """The sources that have one of budget and expenditure and not the other, which is told of other sources."""
    for column, other, said in ((planned, "spent", "支出"), ("spent", planned, "预算")):
        split = any(read_quantity(source.get(column, "")) for source in form.sources)
        for number, source in enumerate(form.sources, 1):
            amount = read_quantity(source.get(other, ""))
            if split and not_filled(source.get(column)) and amount and amount.number:
                yield f"sources.{number}.{column}", f"没有填，这一行的{said}填了 {source[other]}；没有就填 0"


@check("F124", HINT, since="0.1")
def unseen_characters(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """内容里有看不见的字符。

    ## 为什么
    从 Word 或网页粘贴的内容有时带着控制字符：有的程序打不开这样的表，有的显示成乱码，有的把字倒过来显示。

    ## 例
    查出：（广州）问题 = 没有问题\x0b下一步继续努力
    不查：（广州）问题 = 没有问题，下一步继续努力

    ## 怎么改
    把这一格的内容删去重新输入，或者粘贴到记事本里再复制回来；换行请用 Alt+Enter。

    ## 依据
    Excel 的文件格式不允许这些字符，只能写成代码。
    """
    for field, words in form.words.items():
        if found := harmful(words):
            codes = "、".join(f"{code}（{count} 个）" for code, count in found.items())
            yield field, f"内容里有看不见或认不出的字符：{codes}；请重新输入这一格"
