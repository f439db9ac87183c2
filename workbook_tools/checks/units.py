"""C: the forms of the units of a folder held against each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workbook_tools.checks.compared import ComparedForm, ComparedRow, Folder, is_general, measures, shortened
from workbook_tools.checks.registry import HINT, INFORMATION, cross_check
from workbook_tools.forms.form import Field
from workbook_tools.values import Quantity, normalize, plain, round_half_up


class Across(NamedTuple):
    """What is found at a field of a form, and the form and field that it is held against."""

    form: ComparedForm
    field: Field
    message: str
    other: ComparedForm | None = None
    other_field: Field = ""


Found = Iterator[Across]


@cross_check("C121", HINT, since="0.2")
def texts_are_alike(folder: Folder) -> Found:
    """目标、完成情况、原因、措施和另一个单位的雷同。

    ## 为什么
    两个单位写得几乎一样，多半是照抄。只比够长的文字；本单位、本项目的名称和年度不算在内；很多单位都这样写的，按范本看待，不逐个列出（见 C129）。

    ## 例
    查出：另一家机制原因 = 因招标文件两次修改，设备到货推迟到十一月，验收资料还在整理之中；机制原因 = 因招标文件两次修改，设备到货推迟到十一月，验收资料还在整理中
    不查：另一家机制原因 = 因招标文件两次修改，设备到货推迟到十一月，验收资料还在整理之中；机制原因 = 学员多在外地务工，集中培训的时间一再后延，结业考试改在次年一月举行

    ## 怎么改
    按本单位的实际情况写。

    ## 依据
    郫都 2025 年复核：有单位的完成情况抄自别的单位。
    """
    names = measures()["texts"]
    for one in folder.alike:
        more = f"等 {one.others} 份表" if one.others > 1 else ""
        how = "完全相同" if one.percent == 100 else f"{one.percent}% 相同"
        said = f"{names[one.text.idea]}和{one.other.title}{more}的{names[one.other_text.idea]}{how}"
        yield Across(
            one.form, one.text.field, f"{said}：“{shortened(one.text.words, 30)}”", one.other, one.other_text.field
        )


@cross_check("C122", HINT, since="0.2")
def another_unit_is_named(folder: Folder) -> Found:
    """文字里有另一个单位的名称。

    ## 为什么
    把别的单位的文字抄过来，忘了改名称。只找这批表里的单位；表上的主管部门、合作的单位（会同、委托、由……）、很多表里都提到的单位不提示。

    ## 例
    查出：另一家单位名称 = 清水县图书馆；机制原因 = 清水县图书馆人手不足，夜间开放没有做满
    不查：另一家单位名称 = 清水县图书馆；机制原因 = 会同清水县图书馆开办夜校，人手不足

    ## 怎么改
    核对这句话说的是不是本单位；是合作单位的，不用改。

    ## 依据
    郫都 2025 年复核：有单位写了别的单位的服务对象。
    """
    least, names = measures()["least"]["unit"], measures()["texts"]
    owners: dict[str, ComparedForm] = {}
    for form in folder.forms:
        unit = normalize(form.unit)
        if len(unit) >= least:
            owners.setdefault(unit, form)
    starts: dict[str, list[str]] = {}
    for unit in owners:
        starts.setdefault(unit[:least], []).append(unit)
    found = [
        (form, text.field, unit, names[text.idea])
        for form in folder.forms
        if form.unit_key  # else nobody knows whose name would be another's
        for text in form.texts
        for unit in _named(normalize(text.words), starts, form)
    ]
    mentions: dict[str, set[str]] = {}
    for form, _, unit, _ in found:
        mentions.setdefault(unit, set()).add(form.owner)
    seen: set[tuple[str, str, str, str]] = set()
    for form, field, unit, name in found:
        once = (form.file, form.sheet, field, unit)
        if len(mentions[unit]) < measures()["similar"]["partners"] and once not in seen:
            seen.add(once)
            said = f"{name}里有“{unit}”，这张表是“{form.unit}”的；请核对是不是抄来的"
            yield Across(form, field, said, owners[unit], "texts.unit")


def _named(words: str, starts: dict[str, list[str]], form: ComparedForm) -> Iterator[str]:
    """The units named in a text that are neither its own, nor above it, nor partners of what is told."""
    least, partner = measures()["least"]["unit"], measures()["partner"]
    own = [normalize(one) for one in (form.unit, form.department, form.project) if one]
    at = 0
    while at <= len(words) - least:
        units = [unit for unit in starts.get(words[at : at + least], ()) if words.startswith(unit, at)]
        if not units:
            at += 1
            continue
        unit = max(units, key=len)
        before, after = words[:at], words[at + len(unit) :]
        at += len(unit)
        if any(unit in one or one in unit for one in own):
            continue
        if not before.endswith(tuple(partner["before"])) and not after.startswith(tuple(partner["after"])):
            yield unit


@cross_check("C123", INFORMATION, since="0.2")
def every_row_is_full(folder: Folder) -> Found:
    """各行都是满分。

    ## 为什么
    一行也没有扣分的，值得抽查：公开的自评表里一半以上是这样。

    ## 例
    查出：机制得分 = 15
    不查：机制得分 = 14

    ## 怎么改
    不用改；抽查时看佐证材料。

    ## 依据
    公开的 22 份自评表（至少 4 行有得分）里有 12 份各行都是满分。
    """
    for form in folder.forms:
        scored = [row for row in form.rows if row.weight and row.score is not None]
        if len(scored) >= measures()["least"]["rows"] and all(row.score == row.weight for row in scored):
            at = "total" if form.cell("total") else f"{scored[0].field}.name"
            yield Across(form, at, f"{len(scored)} 行都是满分")


@cross_check("C124", INFORMATION, since="0.2")
def every_actual_is_its_target(folder: Folder) -> Found:
    """完成值都等于指标值。

    ## 为什么
    每一行都正好做到，多半是照抄指标值，没有统计实际完成的数。

    ## 例
    查出：完成值 = 200人；合格率完成值 = 95%；单位成本完成值 = 400元/人；就业率完成值 = 60%；满意度完成值 = 90%
    不查：完成值 = 210人；合格率完成值 = 95%；单位成本完成值 = 400元/人；就业率完成值 = 60%；满意度完成值 = 90%

    ## 怎么改
    填实际完成的数。

    ## 依据
    公开的自评表里 215 行有 117 行完成值正好等于指标值。
    """
    for form in folder.forms:
        rows = [row for row in form.rows if row.target is not None and row.actual is not None]
        same = all(row.target and row.actual and row.target.quantity.number == row.actual.number for row in rows)
        if len(rows) >= measures()["least"]["rows"] and same and not all(_is_all(row.actual) for row in rows):
            yield Across(form, f"{rows[0].field}.actual", f"{len(rows)} 行能比大小的，完成值都正好等于指标值")


def _is_all(actual: Quantity | None) -> bool:
    """Whether a value can hardly be another: 100%, none."""
    return actual is not None and (not actual.number or str(actual) in ("100%", "100"))


@cross_check("C125", INFORMATION, since="0.2")
def satisfaction_is_its_target(folder: Folder) -> Found:
    """满意度正好等于指标值。

    ## 为什么
    调查得到的满意率很少正好是 90%、95%。

    ## 例
    查出：满意度完成值 = 90%
    不查：满意度完成值 = 93.6%

    ## 怎么改
    核对调查结果，填实际的满意率。

    ## 依据
    公开的自评表里 20 个满意度有 9 个正好等于指标值。
    """
    for form in folder.forms:
        for row in form.rows:
            if row.target and row.actual and "满意" in row.name + row.kind and _as_wanted(row):
                yield Across(
                    form,
                    f"{row.field}.actual",
                    f"“{shortened(row.name)}”完成 {row.reached}，正好等于指标值 {row.wanted}",
                )


def _as_wanted(row: ComparedRow) -> bool:
    """Whether a rate is just that of its target, and could be another."""
    same = row.target is not None and row.actual is not None and row.target.quantity.number == row.actual.number
    return same and row.actual is not None and row.actual.unit in ("", "%", "分") and not _is_all(row.actual)


@cross_check("C126", INFORMATION, since="0.2")
def review_differs(folder: Folder) -> Found:
    """自评分和审核分不一样。

    ## 为什么
    差得多的单位，自评不严；按单位的差见“单位”表。

    ## 例
    查出：总分 = 98；审核分数 = 90
    不查：总分 = 98；审核分数 = 98

    ## 怎么改
    按审核意见改正。

    ## 依据
    郫都 2025 年复核：自评得分、复核得分、偏差。
    """
    for form in folder.forms:
        if form.review is not None and form.total is not None and form.review != form.total:
            word, gap = ("高" if form.total > form.review else "低"), abs(form.total - form.review)
            said = f"自评 {plain(form.total)} 分，审核 {plain(form.review)} 分，自评{word} {plain(gap)} 分"
            yield Across(form, "review.score", said)


@cross_check("C127", INFORMATION, since="0.2")
def best_grade_with_low_execution(folder: Folder) -> Found:
    """等级是“优”，执行率不到 80%。

    ## 为什么
    钱没有花出去，事情却做得最好，请核对：是预算编多了，还是没有做完。

    ## 例
    查出：（四川）等级 = 优；（四川）支出 = 70；（四川）执行率 = 70%
    不查：（四川）等级 = 优；（四川）支出 = 85；（四川）执行率 = 85%

    ## 怎么改
    核对执行率低的原因和得分的依据。

    ## 依据
    80% 是通常提示的数，没有读到原文。
    """
    best, least = measures()["names"]["best"], measures()["change"]["low_execution"]
    for form in folder.forms:
        if form.grade.startswith(best) and form.execution is not None and form.execution < least:
            said = f"等级“{form.grade}”，执行率只有 {plain(round_half_up(form.execution, 2))}%"
            yield Across(form, "budget.execution", said)


@cross_check("C128", HINT, since="0.2")
def one_project_of_two_units(folder: Folder) -> Found:
    """两个单位有同名的项目。

    ## 为什么
    内容相同的项目可能重复安排预算，也可能是一个项目分给几个单位做。“专项工作经费”这样谁都有的名称不查；三个以上单位都有的，是统一的项目，也不查。

    ## 例
    查出：另一家项目名称 = 夜校培训项目；项目名称 = 夜校培训项目
    不查：另一家项目名称 = 夜校培训项目；项目名称 = 公共服务项目

    ## 怎么改
    核对是不是同一件事；是分工做的，写明各做什么。

    ## 依据
    中山市 2022 年自评表第三部分：有无目标、用途、对象、方式相近的其他项目。
    """
    least, most = measures()["least"]["project"], measures()["similar"]["partners"]
    by_name: dict[str, list[ComparedForm]] = {}
    for form in folder.forms:
        key = form.project_key
        if len(key) >= least and not is_general(key) and form.unit_key:
            by_name.setdefault(key, []).append(form)
    for forms in by_name.values():
        units = {form.unit_key: form for form in forms}
        if not 1 < len(units) < most:
            continue
        for form in forms:
            other = next(one for key, one in units.items() if key != form.unit_key)
            yield Across(form, "texts.project", f"和{other.title}的项目同名", other, "texts.project")


@cross_check("C129", INFORMATION, since="0.2")
def many_write_the_same(folder: Folder) -> Found:
    """很多单位的文字一样。

    ## 为什么
    可能是发下去的范本，也可能是互相照抄；太多了，不逐个列出。

    ## 例
    查出：另外六家机制原因 = 按照上级统一部署开展工作，年底前按时完成了各项任务，效果明显；机制原因 = 按照上级统一部署开展工作，年底前按时完成了各项任务，效果明显
    不查：另外三家机制原因 = 按照上级统一部署开展工作，年底前按时完成了各项任务，效果明显；机制原因 = 按照上级统一部署开展工作，年底前按时完成了各项任务，效果明显

    ## 怎么改
    核对范本；要各单位自己写的，退回重写。

    ## 依据
    5 个单位、两成的表是本工具定的。
    """
    names = measures()["texts"]
    for one in folder.common:
        said = f"有 {one.forms} 个单位的{names[one.text.idea]}写得一样"
        yield Across(one.form, one.text.field, f"{said}：“{shortened(one.text.words, 30)}”")
