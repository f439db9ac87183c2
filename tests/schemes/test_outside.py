"""Schemes that are not part of the package: where they are found, and what is refused."""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drafted import placed_in
from workbook_tools.errors import BadScheme
from workbook_tools.schemes.describe import describe_scheme
from workbook_tools.schemes.drafts import settled
from workbook_tools.schemes.files import OFFICIAL, VARIABLE, own_folder, schemes_from
from workbook_tools.schemes.loading import load_scheme, scheme_from, scheme_names

TEXT = (OFFICIAL / "zhongshan_2022" / "scheme.toml").read_text("utf-8")
OWN = TEXT.replace('name = "zhongshan_2022"', 'name = "某市"', 1)
ASK = """
[[ask]]
about = "budget.adjustment"
question = "批复金额是哪一个数？"
answer = "{answer}"
[[ask.choice]]
words = "年初"
gives = {{ base = ["initial"] }}
[[ask.choice]]
words = "年初加调整"
gives = {{ base = ["initial", "adjusted"] }}
"""


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of settings of one's own."""
    for variable in ("APPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "settings"))
    return tmp_path / "settings"


def test_a_scheme_of_a_named_folder_is_known_while_the_folder_is(tmp_path: Path) -> None:
    folder = placed_in(tmp_path, OWN, "某市")
    for named in (folder, tmp_path):  # the scheme itself, or a folder with several
        with schemes_from(str(named)):
            assert "某市" in scheme_names()
            assert load_scheme("某市").groups == load_scheme("zhongshan_2022").groups
    assert "某市" not in scheme_names()
    with pytest.raises(BadScheme, match="没有名为“某市”的评分办法"):
        load_scheme("某市")


def test_the_environment_names_folders_and_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (placed_in(tmp_path / name, OWN.replace("某市", name, 1), name) for name in ("甲市", "乙市"))
    monkeypatch.setenv(VARIABLE, os.pathsep.join((str(first), "")))
    with schemes_from(str(second)):
        assert {"甲市", "乙市"} <= set(scheme_names())
    assert os.environ[VARIABLE] == os.pathsep.join((str(first), ""))
    assert "乙市" not in scheme_names()


def test_the_folder_of_settings_holds_schemes_of_ones_own(settings: Path) -> None:
    assert own_folder() == settings / "workbook_tools" / "schemes"
    placed_in(own_folder(), OWN, "某市")
    assert load_scheme("某市").title == load_scheme("zhongshan_2022").title


def test_two_of_one_name_are_refused_and_both_files_named(tmp_path: Path) -> None:
    first, second = (placed_in(tmp_path / name, OWN, "某市") for name in ("甲", "乙"))
    with (
        schemes_from(str(first)),
        schemes_from(str(second)),
        pytest.raises(BadScheme, match="两个评分办法都叫“某市”") as refused,
    ):
        load_scheme("某市")
    assert all(str(folder / "scheme.toml") in str(refused.value) for folder in (first, second))


def test_none_may_be_called_as_an_official_one(tmp_path: Path) -> None:
    folder = placed_in(tmp_path, TEXT, "zhongshan_2022")
    with schemes_from(str(folder)), pytest.raises(BadScheme, match="两个评分办法都叫“zhongshan_2022”"):
        scheme_names()


def test_the_same_folder_named_twice_is_one(tmp_path: Path) -> None:
    folder = placed_in(tmp_path, OWN, "某市")
    with schemes_from(str(folder)), schemes_from(str(folder / ".." / "某市")):
        assert load_scheme("某市").name == "某市"


@pytest.mark.parametrize(("made", "said"), [(True, "里面没有评分办法（scheme.toml）"), (False, "没有这个文件夹")])
def test_a_folder_without_a_scheme_is_refused(tmp_path: Path, made: bool, said: str) -> None:
    folder = tmp_path / "空"
    if made:
        folder.mkdir()
    with schemes_from(str(folder)), pytest.raises(BadScheme, match=re.escape(f"{folder}：{said}")):
        scheme_names()


def test_a_file_that_notepad_saved_is_read_or_told(tmp_path: Path) -> None:
    folder = placed_in(tmp_path, OWN, "某市")
    with schemes_from(str(folder)):
        (folder / "scheme.toml").write_bytes(OWN.replace("\n", "\r\n").encode("utf-8-sig"))
        assert load_scheme("某市").name == "某市"
        (folder / "scheme.toml").write_bytes(OWN.encode("gb18030"))
        with pytest.raises(BadScheme, match="请在记事本里另存，编码选 UTF-8"):
            load_scheme("某市")


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    folder = placed_in(tmp_path, OWN, "某市")
    with schemes_from(str(folder)):
        assert load_scheme("某市").places == 2
        placed_in(tmp_path, OWN.replace("places = 2", "places = 1"), "某市")
        os.utime(folder / "scheme.toml", ns=(1, 1))
        assert load_scheme("某市").places == 1


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('name = "某市"', 'name = "别市"', "里面写的 name 是“别市”，文件夹叫“某市”"),
        ("points = 20", "points = 25", "各组分值合计 105，应为 100"),
        ("90%≤比率<98%的，得4分", "90%≤比率<97%的，得4分", "第 2 档与原文"),
        ("points = 20", "points = 20\nconfirmed = 1", "confirmed 只能是 true 或 false"),
        ("points = 20", "points = 20\nwhim = 1", "无效的项：whim"),
        ("[indicators]", "[indicators", "无法读取：第 72 行第 12 列写法不对"),
        ("[money]", '[[fact]]\nkey = "mood"\n\n[money]', "[[fact]] key “mood”无效"),
        ("[money]", '[[ask]]\nabout = "places"\n\n[money]', "[[ask]] 缺少 about、question 或 choice"),
        ("[money]", ASK.format(answer="随便") + "\n[money]", "answer “随便”无效，只能是 年初、年初加调整"),
        (
            "[money]",
            ASK.format(answer="").replace("adjustment", "mood") + "\n[money]",
            "about “budget.mood”：没有这一项",
        ),
        ("[money]", ASK.format(answer="").replace("answer", "anwser") + "\n[money]", "[[ask]] 无效的项：anwser"),
        ("[grade]", "[[grade]]", "grade 的写法不对"),
        ('name = "benefit"', 'name = "output"', "有两处都叫“output”"),
        ("places = 2", "places = 9", "只能是 0～4"),
        ("places = 2", "places = nan", "places 的“NaN”不是数"),
        ("[98, 5]", '["98", 5]', "at_least 的“98”不是数"),
        ("[98, 5]", "98", "at_least 的写法不对，应写成 [[界限, 得分], …]"),
        ('[90, "优"]', "[90, 1]", "at_least 的“1”应是文字"),
    ],
)
def test_a_file_with_a_fault_is_refused_as_strictly_as_an_official_one(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert old in OWN
    folder = placed_in(tmp_path, OWN.replace(old, new, 1), "某市")
    with schemes_from(str(folder)), pytest.raises(BadScheme) as refused:
        load_scheme("某市")
    assert fault in str(refused.value)
    assert str(folder / "scheme.toml") in str(refused.value)


UNIT = '[[fact]]\nkey = "unit"\nquote = "（元）"\nconfirmed = {}\n\n[money]'


def test_a_unit_that_nobody_has_confirmed_is_none(tmp_path: Path) -> None:
    for said, unit in (("true", "元"), ("false", "")):
        folder = placed_in(tmp_path, OWN.replace("[money]", UNIT.format(said), 1), "某市")
        os.utime(folder / "scheme.toml", ns=(len(said), len(said)))
        with schemes_from(str(folder)):
            assert load_scheme("某市").unit == unit


def test_an_answer_goes_into_its_table(tmp_path: Path) -> None:
    folder = placed_in(tmp_path, OWN + ASK.format(answer="年初加调整"), "某市")
    with schemes_from(str(folder)):
        assert load_scheme("某市").budget[1].base == ("initial", "adjusted")
        assert load_scheme("某市").notice == ""


def test_what_is_not_confirmed_is_told_with_every_form(tmp_path: Path) -> None:
    folder = placed_in(tmp_path, OWN + ASK.format(answer=""), "某市")
    with schemes_from(str(folder)):
        scheme = load_scheme("某市")
    assert scheme.notice.startswith("没有确认完：这份评分办法有 1 处还没有人确认")
    told = dict(describe_scheme(scheme))
    assert told["没有确认"] == "“预算调整率”的算法还没有回答：批复金额是哪一个数？（请写 answer）"


ODD = [1, "x", "", [], {}, [1], [[1]], [{}], True, -1, Decimal("1e30"), Decimal("NaN"), {"a": 1}, ["x"], [["x", "y"]]]
PLACES = [
    OWN + ASK.format(answer="年初"),
    *((OFFICIAL / name / "scheme.toml").read_text("utf-8") for name in ("guangzhou_department_2023", "national_2020")),
]


def places_of(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value of a file."""
    for key in table if isinstance(table, dict) else range(len(table)) if isinstance(table, list) else ():
        yield (*path, key)
        yield from places_of(table[key], (*path, key))


@pytest.mark.slow
@pytest.mark.parametrize("text", PLACES, ids=["own", "department", "national"])
def test_a_value_of_a_wrong_kind_is_refused_with_a_sentence(text: str) -> None:
    """Whatever stands at any place of a file: it is a scheme, or a sentence says why not."""
    for path in places_of(tomllib.loads(text, parse_float=Decimal)):
        for odd in (*ODD, None):
            content = inner = tomllib.loads(text, parse_float=Decimal)
            for key in path[:-1]:
                inner = inner[key]
            if odd is None:
                del inner[path[-1]]
            else:
                inner[path[-1]] = odd
            with contextlib.suppress(BadScheme):
                scheme_from(settled(content)[0])
