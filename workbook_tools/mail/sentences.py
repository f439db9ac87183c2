"""What composing, writing, queueing and sending have come to, in sentences: for the terminal and for the ribbon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbook_tools.checks import ERROR, HINT, UNCHECKED
from workbook_tools.excel import saved_where
from workbook_tools.mail.batch import Batch, Composed, Preview, Sent, Written
from workbook_tools.mail.compose import Outgoing
from workbook_tools.mail.outbox import CHINESE, FAILED, QUEUED, SENT, UNKNOWN, Delivery
from workbook_tools.terminal import columns


class Said(NamedTuple):
    """A sentence, and the findings that it is about, a line for each."""

    sentence: str
    findings: Sequence[str] = ()


def composed(one: Composed, name: str) -> Iterator[Said]:
    """Why a file is not mailed, or what is to be known of the mail that it is; `name` is what the file is called."""
    if one.result == "unmailable":
        yield Said(f"{name}：{one.fault}")
    elif one.result == "unreadable":
        yield Said(f"{name}：{one.fault}；没有发送")
    elif one.result == "no_pdf":
        yield Said(f"{name}：无法生成 PDF（{one.fault}）；没有发送，去掉 --pdf 可以只发工作簿")
    if one.form is None:
        return
    if one.result == "unlisted":
        yield Said(f"{name}：通讯录里没有“{one.form.unit or '（没有写单位）'}”；没有发送")
    if one.result == "ready":
        yield from _to_be_known(one.form, name)
    elif one.form.errors:
        said = f"{name}：有 {one.form.errors} 处错误，没有发送；改好再发，或者放行（--waive，写明理由和姓名）"
        yield Said(said, _listed(one.form, ERROR))


def _to_be_known(form: Outgoing, name: str) -> Iterator[Said]:
    if form.unchecked:
        said = f"{name}：没有查出错误，但有 {form.unchecked} 处未核对（不影响发送）"
        yield Said(said, _listed(form, UNCHECKED))
    if hints := _listed(form, HINT):
        yield Said(f"{name}：请核对（不影响发送）", hints)
    if form.unprinted:
        sheets = "、".join(f"“{sheet}”" for sheet in form.unprinted)
        yield Said(f"{name}：PDF 里只有自评表，没有工作表{sheets}")


def _listed(form: Outgoing, level: str) -> list[str]:
    found = []
    for place in form.places:
        if place.level == level:
            cell = place.address.rpartition("!")[2] if place.label else place.address
            where = f"{cell} {place.label}".strip()
            where = f"{where}：" if cell or place.label else ""
            found.append(f"  {place.level} {place.finding.code}  {where}{place.finding.message}")
    return found


def previewed(one: Preview, name: str) -> list[str]:
    """Whom a mail would go to, and who would not get it."""
    size = f"{one.size / 1024:.0f}"
    lines = [f"{name} → {'、'.join(one.mail.recipients)}", f"  {one.mail.draft.subject}（附件 {size} KB）"]
    return lines + [f"  {has.address} {_has(has)}，不会再发" for has in one.had]


def written(one: Written) -> list[str]:
    """Where a draft is."""
    where = f"已写到 {one.path}：双击用邮件程序打开，核对以后发出{saved_where(one.backup)}"
    return [where, *(["  没有能打开草稿的邮件程序，请自己打开"] if one.opened is False else [])]


def queued(batch: Batch) -> list[str]:
    """Who was not sent a mail again."""
    return [f"{mail.about}：{one.address} {_has(one)}，没有再发；要再发请加 --again" for mail, one in batch.had]


def _has(one: Delivery) -> str:
    said = "已经发过" if one.state == SENT else "可能已经发出，请先用 outbox resolve 确认结果"
    return f"{said}（{one.changed}）"


def older(batch: Batch) -> list[str]:
    """What waits from before and was left alone."""
    said = f"发件箱里还有 {batch.older} 封以前没有发出的，这次没有发送：workbook_tools outbox 列出，"
    return [f"{said}outbox retry 继续发送，outbox drop 编号 取消"] if batch.older else []


def sent(run: Sent) -> list[str]:
    """How many went out, what did not and why, and what to do."""
    counts = ((CHINESE[state], sum(one.state == state for one in run.tried)) for state in (FAILED, UNKNOWN))
    counted = "".join(f"，{number} 封{name}" for name, number in counts if number)
    lines = table([one for one in run.tried if one.state in (FAILED, UNKNOWN)])
    lines.append(f"发出 {sum(one.state == SENT for one in run.tried)} 封{counted}")
    if run.fault:
        lines.append(f"{run.fault}；还有 {run.left} 封没有发，处理以后运行 workbook_tools outbox retry 接着发")
    elif run.left:
        why = next((f"{one.said}；" for one in run.tried if one.state == QUEUED), "")
        lines.append(f"{why}还有 {run.left} 封没有发，请运行 workbook_tools outbox retry 接着发")
    if any(one.state == UNKNOWN for one in run.tried):
        lines.append(
            "发送结果不明的，请向对方核实，再用 outbox resolve 编号 --sent（收到了）或 --lost（没有收到）确认结果"
        )
    return lines


def table(deliveries: Sequence[Delivery]) -> list[str]:
    """The deliveries with their numbers and states, as lines; none where there are no deliveries."""
    rows = [("编号", "状态", "收件人", "主题", "时间", "说明")]
    rows += [(str(d.id), CHINESE[d.state], d.address, d.subject, d.changed, d.said) for d in deliveries]
    return list(columns(rows)) if deliveries else []
