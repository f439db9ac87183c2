"""The options of `workbook_tools send`, `chase`, `outbox` and `mail`."""

from __future__ import annotations

import argparse
from typing import Any

from workbook_tools.commands.console import deadline_option, scheme_options, waive_option, work_options

RECEIPTS = "收到日期的清单（.xlsx、.csv：文件或单位、收到日期）；清单上没有的，按文件时间"


def add_commands(commands: Any) -> None:
    """Adds the commands to the parser's."""
    send = commands.add_parser("send", help="检查以后用邮件报送自评表，不会重复发", add_help=False)
    send.add_argument("-h", "--help", action="help", help="显示这段说明")
    send.add_argument("files", nargs="+", metavar="文件", help="填好的自评表，或装着自评表的文件夹")
    whom = send.add_mutually_exclusive_group()
    whom.add_argument("--to", action="append", metavar="邮箱", help="收件人，可以写几次；每张表都发给他们")
    whom.add_argument("--to-list", metavar="通讯录", help="单位、邮箱两列（.xlsx、.csv）：每张表发给表上那个单位的邮箱")
    send.add_argument("--cc", action="append", default=[], metavar="邮箱", help="抄送，可以写几次")
    send.add_argument("--pdf", action="store_true", help="另附一份 PDF（要装 LibreOffice）")
    send.add_argument(
        "--report",
        nargs="?",
        const="",
        metavar="报告",
        help="另附自评报告（.docx）；不写文件名就是 自评表的名称_自评报告.docx，没有就生成",
    )
    send.add_argument("--report-as-is", action="store_true", help="报告有不一致、没有写完的地方也照发")
    send.add_argument("--subject", default="", metavar="主题", help="如“{年度}自评表 {单位} {项目} {总分} {等级}”")
    waive_option(send)
    scheme_options(send)
    work_options(send)
    how_to_send(send)
    chase = commands.add_parser("chase", help="催报：谁没有报、逾期、没填完、有错误，各发一封提醒", add_help=False)
    chase.add_argument("-h", "--help", action="help", help="显示这段说明")
    chase.add_argument("files", nargs="+", metavar="文件夹", help="已经收到的自评表")
    chase.add_argument("--to-list", required=True, metavar="通讯录", help="应报送的单位和邮箱两列（.xlsx、.csv）")
    deadline_option(chase, "截止日期（如 2026-02-28）")
    chase.add_argument("--receipts", metavar="清单", help=RECEIPTS)
    chase.add_argument("--issues", metavar="清单", help="复核的问题清单（review close 写的）：没有整改的也提醒")
    chase.add_argument("--cc", action="append", default=[], metavar="邮箱", help="抄送，可以写几次")
    scheme_options(chase)
    work_options(chase)
    how_to_send(chase)
    outbox = commands.add_parser("outbox", help="发件箱：列出、重发、确认结果、取消", add_help=False)
    outbox.add_argument("-h", "--help", action="help", help="显示这段说明")
    outbox.add_argument(
        "what",
        nargs="?",
        default="list",
        choices=["list", "retry", "resolve", "drop"],
        metavar="list|retry|resolve|drop",
        help="list 列出；retry 重发没有发出的；resolve 确认发送结果不明的；drop 取消不再发的",
    )
    outbox.add_argument("ids", nargs="*", type=int, metavar="编号", help="哪几封，不写就是全部")
    outbox.add_argument("--sent", action="store_true", help="resolve：经向对方核实，已经收到")
    outbox.add_argument("--lost", action="store_true", help="resolve：经向对方核实，没有收到（以后可以 retry）")
    outbox.add_argument("--settings", metavar="文件", help="邮件设置，不写就用自己的")
    mail = commands.add_parser("mail", help="邮件设置：test 试着登录，password 存密码", add_help=False)
    mail.add_argument("-h", "--help", action="help", help="显示这段说明")
    mail.add_argument("what", choices=["test", "password"], metavar="test|password", help="试着登录，或者存密码")
    mail.add_argument("--settings", metavar="文件", help="邮件设置，不写就用自己的")


def how_to_send(command: argparse.ArgumentParser) -> None:
    """Adds the options of how mails go out."""
    command.add_argument("--contact", metavar="联系人", help="写在信末的联系人和电话，不写就用邮件设置里的 contact")
    command.add_argument("--dry-run", action="store_true", help="只列出要发什么、发给谁，不发")
    command.add_argument("--draft", metavar="文件夹", help="不发，写成邮件草稿（.eml），用邮件程序打开以后再发")
    command.add_argument("--open", action="store_true", help="用邮件程序打开写好的草稿")
    command.add_argument("--again", action="store_true", help="发过的也再发一次")
    command.add_argument("--settings", metavar="文件", help="邮件设置，不写就用自己的")
