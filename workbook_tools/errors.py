"""Every error that a person is told: one Chinese sentence, a code that stays, and the exit code of a command.

All are `WorkbookToolsError`; who wants to know more catches one of its kinds.
"""

from __future__ import annotations

from typing import Self

from workbook_tools.text import shown_path, visible


class WorkbookToolsError(Exception):
    """The base of all errors of this package; `str()` is one Chinese sentence: what is wrong, why, and what to do.

    Attributes:
        sentence: that sentence.
        code: `E_…`, the same in every version, whatever the sentence says.
        exit_code: of a command that ends with it: 2 where the arguments or a file that they name beside the form have
            to be changed, 3 where a file gives no result, 4 where the open workbook cannot be reached.

    >>> import workbook_tools as wt
    >>> try:
    ...     wt.check_file("README.md")
    ... except wt.WorkbookToolsError as error:
    ...     print(error.code, error)
    E_KIND 这是文本文件（如 CSV），不是 Excel 工作簿，请用 Excel 另存为 .xlsx 后再试
    """

    code: str = "E_WORKBOOK_TOOLS"
    exit_code: int = 3

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = visible(sentence, "\n")  # it may cite a file

    def __str__(self) -> str:
        return self.sentence

    def at(self, where: object) -> Self:
        """This error, the file that it lies in put before its sentence."""
        self.sentence = f"{shown_path(where)}：{self.sentence}"
        return self


class FileRejected(WorkbookToolsError):
    """A file that cannot be read or written; `code` says why: E_MISSING, E_LOCKED, E_KIND, E_DAMAGED, E_ENCRYPTED …"""

    code = "E_FILE"

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.args = code, (code, sentence)


class FormNotRecognised(WorkbookToolsError):
    """No form that is known, or one that lacks something its scheme needs: `what`, and what to do about it."""

    code = "E_FORM"

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(f"{what}；{advice}" if advice else what)
        self.what, self.advice, self.args = what, advice, (what, advice)


class BadScheme(WorkbookToolsError):
    """A scheme that there is not, or whose file cannot be used; the sentence says where and why."""

    code = "E_SCHEME"


class BadStatistics(WorkbookToolsError):
    """Statistics or a recipe that cannot be used; the sentence says where and why."""

    code = "E_STATISTICS"


class BadWaiver(WorkbookToolsError):
    """A waiver that cannot be used; the sentence says where and why."""

    code = "E_WAIVER"
    exit_code = 2


class BadData(WorkbookToolsError):
    """A file of data that cannot be used; the sentence says where and why."""

    code = "E_DATA"
    exit_code = 2


class UnknownFields(WorkbookToolsError):
    """Data with keys that name no field of the form, or several; the sentence says of each what to write."""

    code = "E_FIELDS"
    exit_code = 2


class BadMail(WorkbookToolsError):
    """Something that cannot be mailed as it is; the sentence says what and why."""

    code = "E_MAIL"
    exit_code = 2


class WrongPassword(BadMail):
    """The server does not take the password; nothing more is to be tried."""

    code = "E_PASSWORD"


class ConnectionLost(WorkbookToolsError):
    """The connection to the mail server is gone; the sentence says why.

    Attributes:
        undecided: whether the server may have accepted the message that was being sent.
    """

    code = "E_CONNECTION"
    undecided = False


class NoOffice(WorkbookToolsError):
    """LibreOffice is not there or did not finish; the sentence says so."""

    code = "E_OFFICE"


class NoWitness(WorkbookToolsError):
    """The formulas of a workbook could not be calculated once more; the sentence says why."""

    code = "E_WITNESS"


class ClusterLost(WorkbookToolsError):
    """The scheduler of a cluster, or all its workers, are out of reach."""

    code = "E_CLUSTER"


def how_to_install(extra: str) -> str:
    """What to run for the packages of an extra of ours; how a sentence about a missing package ends."""
    return f'请运行 pip install "workbook_tools[{extra}]"'


class NotInstalled(WorkbookToolsError):
    """An optional package that is not installed; the sentence says how to install it."""

    code = "E_NOT_INSTALLED"
    exit_code = 2


class BadTemplate(WorkbookToolsError):
    """A template that cannot be filled, or a report that may not be written; the sentence says which tag and where."""

    code = "E_TEMPLATE"
    exit_code = 2


class NotReachable(WorkbookToolsError):
    """The workbook that is open in Excel could not be reached from here; the macros then send a copy instead."""

    code = "E_NOT_REACHABLE"
    exit_code = 4

    def __init__(self, sentence: str = "从这里连不上 Excel 里打开的工作簿；请保存以后对文件运行命令") -> None:
        super().__init__(sentence)
