"""A Word template that a bureau edits in Word, filled with values: `{{ 项目 }}`, `{%p for 组 in 指标组 %}`.

docxtpl renders it in a sandbox of jinja2. Values are text: what stands in a form never becomes markup, and is never
read as a tag.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from workbook_tools.errors import BadTemplate, FileRejected
from workbook_tools.text import one_line, regex, visible
from workbook_tools.word.fitting import fit_tables
from workbook_tools.word.marks import END, FORBIDDEN, MIDDLE, START, Piece, mark_pieces
from workbook_tools.word.package import opened, packed

_TAG = regex(r"\{[{%#][^{}]*+[}%#]?\}")
_MARKUP = regex("<[^<>]*>")
_BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}  # docxtpl would read {_{ as an escaped tag
_ODD = (  # what docxtpl would leave as it stands, or drop with the words beside it
    (regex(r"(?!\{[{%#])[{｛]\s*[{｛%％#]"), "大括号和百分号要用半角，连着写，像 {{ 项目 }}、{%p if 资金来源 %}"),
    (regex(r"\{\{\s*[“”‘’\"']"), "名称两边不要加引号，写成 {{ 项目 }}"),
    (regex(r"\{%p[^%]*%\}(?=.*[^\s{}])|[^\s{}].*\{%p"), "{%p … %} 要单独占一段，同一段里的字会不见"),
)
_SINGLE = regex(r"(?<![{%｛])[{｛]\s{0,9}([^{}｛｝\s]{1,20})\s{0,9}[}｝](?![}｝])")
_SHOWN = 40  # characters of a paragraph that a sentence shows


class _Environment(ImmutableSandboxedEnvironment):
    """Keeps the part that is rendered, so that a wrong tag can be shown in its paragraph."""

    source = ""

    def from_string(self, source: Any, *given: Any, **named: Any) -> Any:
        self.source = source
        return super().from_string(source, *given, **named)


def render(template: bytes, values: Mapping[str, Any]) -> bytes:
    """The template's document with the values in place of its tags; the same bytes for the same values.

    Raises `FileRejected` for a template that is no sound Word document, `BadTemplate` for a wrong tag.
    """
    return packed(rendered(template, values))


def rendered(template: bytes, values: Mapping[str, Any]) -> Any:
    """The rendered document, still open; raises as `render` does."""
    try:
        opened(template)
    except FileRejected as refused:
        raise FileRejected(refused.code, f"模板：{refused}") from None
    environment = _Environment(autoescape=True, undefined=StrictUndefined)
    document = DocxTemplate(io.BytesIO(template))
    _check_braces(document, values)
    try:
        document.render(_plain(values), environment)
    except TemplateError as fault:
        raise BadTemplate(_sentence(fault, environment, values)) from None
    except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError) as fault:
        where = _paragraph(environment.source, _line(fault))
        raise BadTemplate(
            f"模板里的标签用错了{where}（{one_line(fault)}）；请对照 --new-template 写出的模板改正"
        ) from None
    mark_pieces(document.docx)
    fit_tables(document.docx)
    return document.docx


def _check_braces(document: Any, values: Mapping[str, Any]) -> None:
    """Raises `BadTemplate` where a paragraph has a tag that would not be read as one."""
    document.init_docx()
    for paragraph in document.docx.element.body.iter(qn("w:p")):
        words = "".join(one.text or "" for one in paragraph.iter(qn("w:t")))
        if "{" not in words and "｛" not in words:
            continue
        cure = next((cure for pattern, cure in _ODD if pattern.search(words)), "")
        if not cure and any(found[1] in values for found in _SINGLE.finditer(words)):
            cure = "大括号要写两个，像 {{ 项目 }}"
        if cure:
            raise BadTemplate(f"模板里的标签写得不对，在“{one_line(words)[:_SHOWN]}”这一段；{cure}")


def _plain(value: Any) -> Any:
    """Values as the text of XML, every control character as its code: docxtpl would begin paragraphs and pages."""
    if isinstance(value, Piece):
        return Markup(f"{START}{value.key}{MIDDLE}{_plain(value.text)}{END}") if value.text else Markup("")
    if isinstance(value, str):
        return Markup(escape(visible(value, "\n").translate(FORBIDDEN)).translate(_BRACES))
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _sentence(fault: TemplateError, environment: _Environment, values: Mapping[str, Any]) -> str:
    """Which tag is wrong, where it stands, and what to do."""
    where = _paragraph(environment.source, _line(fault))
    if isinstance(fault, TemplateSyntaxError):
        said = f"（{one_line(fault.message)}）"
        return f"模板里的标签写得不对{where}{said}；请核对大括号、百分号和 for、if、endfor、endif 是不是成对"
    unknown = sorted(meta.find_undeclared_variables(environment.parse(environment.source)) - values.keys())
    what = "、".join(f"“{visible(name)}”" for name in unknown)
    known = "可用的名称见 docs/report.md（整改通知见 docs/review.md）"
    return f"模板里的标签{what}没有这个名称{where}；{known}，或用 --new-template 重新生成模板"


def _line(fault: BaseException) -> int:
    """The line of the part that a fault comes from; 0 where it does not tell."""
    if isinstance(fault, TemplateSyntaxError):
        return fault.lineno
    line, trace = 0, fault.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _paragraph(source: str, line: int) -> str:
    """The paragraph that a line of the part lies in, for a sentence: docxtpl begins a line with each of them."""
    lines = source.splitlines()
    if not 0 < line <= len(lines):
        return ""
    words = " ".join(_MARKUP.sub("", lines[line - 1]).split())
    shown = words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
    tags = _TAG.findall(words)
    return f"，在“{shown}”这一段" if words and line > 1 else f"，标签是 {tags[0]}" if tags else ""
