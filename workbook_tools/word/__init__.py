"""Word documents: official ones laid out by GB/T 9704, and templates that a bureau edits in Word itself.

The one door to python-docx and docxtpl, which are optional: importing anything from here without them raises
`NotInstalled`.
"""

from importlib.util import find_spec

from workbook_tools.errors import NotInstalled, how_to_install

if find_spec("docx") is None or find_spec("docxtpl") is None:
    raise NotInstalled(f"写 Word 文件要另外安装 docxtpl；{how_to_install('report')}")
