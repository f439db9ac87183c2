"""Draws docs/ribbon.svg, the picture of the tab 绩效自评, from macros/ribbon.xml.

python docs/ribbon_picture.py
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "ribbon.svg"
SPACE = "{http://schemas.microsoft.com/office/2006/01/customui}"
RESULT = {"about": "自评表.xlsx", "grade": "94.66 优", "findings": "0 处要处理，7 处需核对"}
# What stands for the icons of Office, which are not ours to draw: a sheet, a table, an arrow round, a tick …
GLYPHS = {
    "FileNew": "＋",
    "TableInsertExcel": "田",
    "CalculateNow": "∑",
    "ErrorChecking": "√",
    "ReviewNextComment": "→",
    "ReviewDeleteComment": "×",
    "FileSaveAsOtherFormats": "文",
    "FileSendAsAttachment": "@",
    "Help": "？",
}
BUTTON, LABEL, HEIGHT = 92, 170, 112


def picture() -> str:
    """The ribbon as SVG."""
    tab = ElementTree.parse(ROOT / "macros" / "ribbon.xml").find(f".//{SPACE}tab")
    if tab is None:
        raise LookupError("ribbon.xml has no tab")
    drawn: list[str] = []
    x = 12
    for group in tab.iter(f"{SPACE}group"):
        start = x
        labels = [control for control in group if control.tag == f"{SPACE}labelControl"]
        for control in group:
            if control not in labels:
                drawn += _button(x, control.attrib)
                x += BUTTON
        for line, control in enumerate(labels):
            drawn.append(f'<text x="{x + 8}" y="{66 + 20 * line}">{escape(RESULT[control.attrib["tag"]])}</text>')
        x += LABEL if labels else 0
        middle = (start + x) / 2
        drawn.append(f'<text x="{middle}" y="{HEIGHT + 32}" class="group">{escape(group.attrib["label"])}</text>')
        drawn.append(f'<path d="M{x + 4} 44V{HEIGHT + 34}" stroke="#ccc"/>')
        x += 10
    tabs = f'<text x="24" y="25" class="tab">{escape(tab.attrib["label"])}</text>'
    tabs += '<path d="M16 34H92" stroke="#217346" stroke-width="3"/>'
    style = (
        'text{font:13px "Microsoft YaHei","Noto Sans CJK SC",sans-serif;fill:#222}'
        ".tab{fill:#217346;font-weight:bold}"
        ".group{fill:#777;font-size:11px;text-anchor:middle}.name{text-anchor:middle}"
        ".icon{font-size:26px;text-anchor:middle;fill:#217346}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x} 152" width="{x}" height="152"><style>{style}</style>'
        f'<rect width="{x}" height="152" fill="#fff"/><rect y="35" width="{x}" height="117" fill="#f5f5f5"/>'
        f"{tabs}{''.join(drawn)}</svg>\n"
    )


def _button(x: int, control: dict[str, str]) -> list[str]:
    middle = x + BUTTON / 2
    glyph = GLYPHS[control["imageMso"]]
    title = escape(control["supertip"])
    return [
        f'<g><title>{title}</title><text x="{middle}" y="78" class="icon">{glyph}</text>',
        f'<text x="{middle}" y="104" class="name">{escape(control["label"])}</text></g>',
    ]


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
