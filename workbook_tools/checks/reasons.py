"""R: missing reasons, and texts that are too long."""

from __future__ import annotations

from workbook_tools.checks.registry import ERROR, HINT, Found, check
from workbook_tools.checks.words import beyond_all, no_reason, open_texts, rows
from workbook_tools.forms.form import Form, Scores
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.text import regex
from workbook_tools.values import normalize

_LATE = "texts.late"  # 未按期完成原因说明, where the rows have no column for reasons
_DONE = ("已完成", "完成", "已按期完成", "按期完成", "全部完成", "已全部完成")


@check("R101", ERROR, since="0.1")
def missed_without_reason(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """没有完成，没有写原因。

    ## 为什么
    没有完成的指标，必须写明原因和改进措施。

    ## 例
    查出：完成值 = 150人；得分 = 15
    不查：完成值 = 150人；得分 = 15；原因 = 报名人数不足，下年提前组织

    ## 怎么改
    在“偏差原因分析及改进措施”一栏写明。

    ## 依据
    请在“未完成原因分析”中说明偏离目标,不能完成的原因及拟采取的措施（江西表注）。
    """
    for row in rows(form):
        owed = row.missed and not beyond_all(row)  # T108
        if row.words.reason is not None and owed and no_reason(row.words.reason):
            said = f"写的是“{row.words.reason}”" if row.words.reason else "是空的"
            yield f"{row.field}.reason", f"{row.why}，没有完成，原因{said}；请写明原因和改进措施"
    late = {field: words for field, words in form.texts.items() if field.startswith(_LATE)}
    missed = [row for row in rows(form) if row.missed and row.words.reason is None]
    if late and missed and all(no_reason(words) or normalize(words).rstrip("。") in _DONE for words in late.values()):
        field, words = next(iter(late.items()))
        said = f"写的是“{words}”" if words else "是空的"
        why = f"“{' '.join(missed[0].words.kind.split())}”{missed[0].why}"
        yield field, f"{why}，没有完成，未按期完成原因{said}；请写明原因和改进措施"


_TOLD = regex("未完成|未达|没有完成|没有达到|未能|偏差|逾期|延期|推迟|原因")


@check("R109", HINT, since="0.1")
def missed_and_nowhere_explained(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """没有完成，表上没有原因一栏，别处也没有说明。

    ## 为什么
    表上没有原因一栏，没有完成的指标也要说明原因；只有数，没有人知道为什么。

    ## 例
    查出：（河北）完成值 = 450；单项得分 = 90；得分 = 36
    不查：（河北）完成值 = 510

    ## 怎么改
    在完成情况、存在问题或说明里写明原因和改进措施。

    ## 依据
    请在“未完成原因分析”中说明偏离目标,不能完成的原因及拟采取的措施（江西表注）。
    """
    texts = [normalize(words) for words in open_texts(form)]
    if any(field.startswith(_LATE) for field in form.texts) or any(map(_TOLD.search, texts)):
        return  # R101 asks in its own column; what is told, a person has to match
    for row in rows(form):
        if row.words.reason is None and row.missed:
            supposing = "指标值没有写≥或≤，如果是越高越好：" if row.unsigned else ""
            yield f"{row.field}.actual", f"{supposing}{row.why}，没有完成；表上没有原因一栏，请在完成情况或说明里写明"


@check("R102", ERROR, since="0.1")
def text_too_long(form: Form, scores: Scores, scheme: Scheme) -> Found:
    """文字超过了限定的字数。

    ## 为什么
    表上写着“控制在200字以内”，超过的会被退回。

    ## 例
    查出：（中山）完成情况 = 字×201
    不查：（中山）完成情况 = 字×200

    ## 怎么改
    压缩到限定的字数；字数不算空格和换行。

    ## 依据
    完成情况（控制在200字以内）（中山市附件1-1）；100字以内、200字以内（四川 510000_0013zp）。
    """
    for field, words in form.words.items():
        limit = form.limits.get(field)
        count = len("".join(words.split()))
        if limit and count > limit:
            yield field, f"写了 {count} 字，限 {limit} 字以内；请压缩"
