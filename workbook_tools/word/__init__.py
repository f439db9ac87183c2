"""Word documents: official ones laid out by GB/T 9704, and templates that a bureau edits in Word itself.

The one door to python-docx and docxtpl, which are optional: importing anything from here without them raises
`NotInstalled`.
"""

from importlib.util import find_spec

from workbook_tools.errors import NotInstalled

if find_spec("docx") is None or find_spec("docxtpl") is None:
    raise NotInstalled('写 Word 文件要先装 docxtpl：请运行 pip install "workbook_tools[report]"')
