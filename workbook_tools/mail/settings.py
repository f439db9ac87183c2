"""How mail is sent: the table [mail] of a TOML file, environment variables over it, and where the password comes from.

The password is kept in the keyring or in an environment variable, never in a file or on a command line.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from workbook_tools.errors import BadMail, NotInstalled, how_to_install
from workbook_tools.folders import settings_folder, state_folder
from workbook_tools.mail.message import address, addresses, mailbox, owner

SERVICE = "workbook_tools"  # of the keyring
PREFIX = "WORKBOOK_TOOLS_MAIL_"
PASSWORD = f"{PREFIX}PASSWORD"
Security = Literal["ssl", "starttls", "none"]
SECURITY: tuple[Security, ...] = get_args(Security)
TEXTS = ("preset", "host", "security", "user", "name", "to", "ca", "subject", "contact")
NUMBERS = ("port", "pause", "timeout", "limit")
KEYS = (*TEXTS, *NUMBERS)
LIMIT = 1800  # seconds: 25 MB over a line of 120 kbit/s


class Preset(NamedTuple):
    """The server of one provider, and how to get the password that programs use."""

    host: str
    port: int
    security: str
    password: str


_CODE = "要用授权码，不是登录密码"
PRESETS = {
    "163": Preset(
        "smtp.163.com", 465, "ssl", f"{_CODE}：网页邮箱 → 设置 → POP3/SMTP/IMAP → 开启 SMTP 服务，按提示取得"
    ),
    "qq": Preset("smtp.qq.com", 465, "ssl", f"{_CODE}：网页邮箱 → 设置 → 账号 → 开启 SMTP 服务 → 生成授权码"),
    "腾讯企业邮": Preset(
        "smtp.exmail.qq.com", 465, "ssl", f"开启安全登录的{_CODE}：网页邮箱 → 设置 → 客户端设置 → 生成客户端专用密码"
    ),
    "阿里企业邮": Preset(
        "smtp.qiye.aliyun.com", 465, "ssl", "网页邮箱 → 设置 → 账户安全；开启第三方客户端安全密码的，要用那个密码"
    ),
    "exchange": Preset("", 587, "starttls", "一般是登录密码；服务器地址（host）向信息化人员要"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One account: its server, its address, and how fast and how patiently mail is sent.

    Attributes:
        host: the address of the server.
        port: its port.
        security: TLS from the start, STARTTLS, or none.
        user: the address that logs in and sends.
        name: shown beside it.
        to: who gets a form where nobody is named.
        ca: a file of certificates to be trusted, beside the file of settings; "" for those of the system.
        subject: a template, "" for the usual one.
        pause: seconds between two messages.
        timeout: seconds for every step of the dialogue.
        limit: seconds for one mail as a whole, and for logging in.
        hint: how to get the password.
        contact: whom the receiver may ask, with telephone.
    """

    host: str
    port: int
    security: Security
    user: str
    name: str = ""
    to: tuple[str, ...] = ()
    ca: str = ""
    subject: str = ""
    pause: float
    timeout: float
    limit: float = LIMIT
    hint: str = ""
    contact: str = ""


def settings_path() -> Path:
    """The file of settings, whether it exists or not."""
    if named := os.environ.get("WORKBOOK_TOOLS_SETTINGS"):
        return Path(named)
    return settings_folder() / "settings.toml"


def outbox_path() -> Path:
    """The file of the outbox, whether it exists or not."""
    return state_folder() / "outbox.sqlite"


def read_settings(path: Path | None = None) -> Settings:
    """The settings of the file and of the environment; raises `BadMail` where something is lacking or not known."""
    chosen = path or settings_path()
    said = _table(chosen) if path or chosen.exists() else {}
    if isinstance(said.get("ca"), str) and said["ca"]:
        said["ca"] = str(chosen.parent / said["ca"])
    said |= {key: os.environ[PREFIX + key.upper()] for key in KEYS if os.environ.get(PREFIX + key.upper())}
    unknown = [key for key in said if key not in KEYS]
    if unknown:
        raise BadMail(f"{chosen}：[mail] 里“{unknown[0]}”无效，只有 {'、'.join(KEYS)}；密码不写在这里")
    if not said:
        raise BadMail(f"还没有邮件设置：请在 {chosen} 里写 [mail]，例子见 docs/mail.md")
    if wrong := [key for key in TEXTS if not isinstance(said.get(key, ""), str | int)]:
        raise BadMail(f"{chosen}：{wrong[0]} 要是文字，写在引号里，几个邮箱用逗号隔开")
    name = str(said.get("preset", ""))
    if name and name not in PRESETS:
        raise BadMail(f"{chosen}：没有名为“{name}”的预设，有 {'、'.join(PRESETS)}")
    preset = PRESETS.get(name, Preset("", 465, "ssl", "一般是登录密码，或者邮箱给程序用的授权码"))
    host, wanted = str(said.get("host") or preset.host), str(said.get("security") or preset.security)
    security = next((word for word in SECURITY if word == wanted), None)
    if not host:
        raise BadMail(f"{chosen}：[mail] 缺少 host（邮件服务器的地址）")
    if security is None:
        raise BadMail(f"{chosen}：security 只能是 {'、'.join(SECURITY)}")
    user = address(str(said.get("user", "")), "发件人（user）")
    return Settings(
        host=host,
        port=int(_number(said, "port", preset.port, chosen, least=1)),
        security=security,
        user=mailbox(user),
        name=str(said.get("name", "")) or owner(user),
        to=tuple(addresses(str(said.get("to", "")))),
        ca=str(said.get("ca", "")),
        subject=str(said.get("subject", "")),
        pause=_number(said, "pause", 1, chosen),
        timeout=_number(said, "timeout", 60, chosen, least=1),
        limit=_number(said, "limit", LIMIT, chosen, least=1),
        hint=preset.password,
        contact=str(said.get("contact", "")),
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():  # a pipe would be waited for
            raise BadMail(f"{path}：无法读取邮件设置，没有这个文件或者它不是普通文件")
        table = tomllib.loads(path.read_text("utf-8-sig")).get("mail", {})
    except OSError:
        raise BadMail(f"{path}：无法读取邮件设置") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadMail(f"{path}：不是 UTF-8 的 TOML 文件（{fault}）") from None
    if not isinstance(table, dict):
        raise BadMail(f"{path}：邮件设置要写在 [mail] 下面")
    return table


def _number(said: Mapping[str, Any], key: str, usual: float, path: Path, least: int = 0) -> float:
    try:
        number = float(said.get(key, usual))
    except (TypeError, ValueError):
        number = -1
    if not least <= number <= 65535:
        raise BadMail(f"{path}：{key} 要是数，{least} 到 65535")
    return number


def password(settings: Settings) -> str:
    """The password of the account; raises `BadMail` where it is not to be found."""
    if given := os.environ.get(PASSWORD):
        return given
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise BadMail(_where_to_put_it(settings)) from None
    try:
        kept: str | None = keyring.get_password(SERVICE, settings.user)
    except keyring.errors.KeyringError:
        kept = None
    if not kept:
        raise BadMail(_where_to_put_it(settings))
    return kept


def keep_password(settings: Settings, said: str) -> None:
    """Puts the password into the keyring of the system; raises `BadMail` where it has none, or `NotInstalled`."""
    if not said:
        raise BadMail("没有输入密码，没有存")
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise NotInstalled(f"存密码要另外安装 keyring；{how_to_install('mail')}，或者设环境变量 {PASSWORD}") from None
    try:
        keyring.set_password(SERVICE, settings.user, said)
    except keyring.errors.KeyringError:
        raise BadMail(f"这台电脑没有可用的密码库；请设环境变量 {PASSWORD}") from None


def _where_to_put_it(settings: Settings) -> str:
    return (
        f"没有 {settings.user} 的密码：运行 workbook_tools mail password 存到系统的密码库，"
        f"或者设环境变量 {PASSWORD}。密码{settings.hint}"
    )
