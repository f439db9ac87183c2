"""A draft as TOML that a clerk of the finance bureau can read and confirm."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from workbook_tools.drafting.build import Draft
from workbook_tools.drafting.found import Ask
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.values import plain

HEAD = """# {title}
# 按空白表上印的字起草。每一条后面是原文（quote）和单元格（cell）。
# 核对无误的，把 confirmed = false 改成 true；文件末尾 [[ask]] 是表上没有写清楚的，请在 answer 里写选定的答案。
# 没有确认的不计算。也可以用 workbook_tools schemes draft … --ask 逐条问答。
"""
NOTES = {
    "form": "表题、各栏印的字：用来认出这种表。表题里不能有的字写在 title_never",
    "money": "各项金额在表上的名称",
    "group": "一级指标",
    "budget": "预算的比率和得分",
    "indicators": "指标怎样得分。没有写≥或≤的成本指标，不知道高了好还是低了好，由填表人评分",
    "deductions": "扣分项、一票否决",
    "grade": "等级",
    "fact": "表上印的其他内容",
    "source": "依据",
}


def draft_text(drafted: Draft) -> str:
    """The file of a draft."""
    lines = [*HEAD.format(title=drafted.content["title"]).splitlines(), *_table("", drafted.content)]
    for ask in drafted.asks:
        lines += _ask(ask)
    if drafted.unused:
        lines += ["", "# ── 表上还有这些句子，起草时没有用到，请核对是不是要写进上面"]
        lines += [f"# {cell}：{said}" for cell, said in drafted.unused]
    return "\n".join(lines) + "\n"


def _table(name: str, content: Mapping[str, object]) -> Iterator[str]:
    """Values first, then the tables below them."""
    for key, value in content.items():
        if not _is_table(value):
            yield f"{key if key.isidentifier() else json.dumps(key)} = {_value(value)}"
    for key, value in content.items():
        path = f"{name}.{key}" if name else key
        if isinstance(value, Mapping):
            yield from ("", *_note(path), f"[{path}]", *_table(path, value))
        elif isinstance(value, list) and _is_table(value):
            for number, one in enumerate(value):
                yield from ("", *(_note(path) if not number else ()), f"[[{path}]]", *_table(path, one))


def _is_table(value: object) -> bool:
    listed = isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)
    return isinstance(value, Mapping) or listed


def _note(path: str) -> Iterator[str]:
    if path in NOTES:
        yield f"# ── {NOTES[path]}"


def _ask(ask: Ask) -> Iterator[str]:
    yield from ("", "[[ask]]", f"about = {_value(ask.about)}", f"question = {_value(ask.question)}")
    for key, words in (("quote", ask.quote), ("cell", ask.cell)):
        if words:
            yield f"{key} = {_value(words)}"
    said = "、".join(f"“{choice.words}”" for choice in ask.choices)
    yield f'answer = ""                        # {said}'
    for choice in ask.choices:
        gives = ", ".join(f"{key} = {_value(value)}" for key, value in choice.gives.items())
        yield from (
            "[[ask.choice]]",
            f"words = {_value(choice.words)}",
            f"gives = {{ {gives} }}" if gives else "gives = {}",
        )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    raise WorkbookToolsError(f"{type(value).__name__} 不能写进评分办法")
