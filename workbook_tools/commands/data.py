"""The commands `workbook_tools fill` and `workbook_tools export`: data into a form, data out of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.commands.console import FILLED, ExitCode, naming, scheme_options
from workbook_tools.commands.files import is_one_of
from workbook_tools.commands.fill import Filling, fill_one, table_width
from workbook_tools.excel import same_file, save, saved_where
from workbook_tools.text import encoded, json_text

if TYPE_CHECKING:
    from workbook_tools.actuals.work import Actual, MonthlyTable, Recipe
    from workbook_tools.data_files import ExportedForm


def add_commands(commands: Any) -> None:
    """Adds both commands to the parser's."""
    fill = commands.add_parser(
        "fill", help="把数据文件里的内容填进一份自评表，再计算得分", add_help=False, epilog=FILLED
    )
    fill.add_argument("-h", "--help", action="help", help="显示这段说明")
    fill.add_argument("file", metavar="文件", help="自评表")
    fill.add_argument(
        "--data",
        metavar="数据",
        required=True,
        help="数据（.toml、.json、.csv、.xlsx）：项目（指标名称、单元格或 export 写的项目）和内容",
    )
    scheme_options(fill)
    fill.add_argument("--overwrite", action="store_true", help="表上已有的、和数据不一样的，用数据替换")
    fill.add_argument("--dry-run", action="store_true", help="只算不写，文件不变")
    fill.add_argument("-o", "--output", metavar="另存", help="写到另一个文件，原文件不变")
    actuals = commands.add_parser("actuals", help="从月度统计算出完成值，填进一份自评表", add_help=False, epilog=FILLED)
    actuals.add_argument("-h", "--help", action="help", help="显示这段说明")
    actuals.add_argument("file", metavar="文件", help="自评表")
    actuals.add_argument("--from", dest="statistics", metavar="统计表", required=True, help="统计表和“取数”表（.xlsx）")
    actuals.add_argument("--recipe", metavar="取数", help="取数方法写在 .toml 文件里，不用统计表里的“取数”表")
    actuals.add_argument("--chart", metavar="副本.xlsx", help="另写一份带“走势图”的统计表：各月的值和目标线")
    scheme_options(actuals)
    actuals.add_argument("--overwrite", action="store_true", help="表上已有的完成值，和算出的不一样的，替换")
    actuals.add_argument("--dry-run", action="store_true", help="只算不写，文件不变")
    actuals.add_argument("-o", "--output", metavar="另存", help="写到另一个文件，原文件不变")
    export = commands.add_parser("export", help="把自评表的内容和得分写成数据", add_help=False)
    export.add_argument("-h", "--help", action="help", help="显示这段说明")
    export.add_argument("file", metavar="文件", help="自评表")
    scheme_options(export)
    export.add_argument(
        "--format", choices=["json", "csv"], help="json 或 csv：项目、名称、单元格、内容、按办法应是多少、依据"
    )
    export.add_argument("-o", "--output", metavar="文件", help="写到文件，不写就显示")


def fill(options: argparse.Namespace) -> int:
    """Fills one form from a file of data."""
    from workbook_tools.data_files import read_data

    if options.output and is_one_of(Path(options.output), [Path(options.data)]):
        print(f"-o 的“{options.output}”就是数据文件，没有写；请换一个文件名")
        return ExitCode.USAGE
    data = read_data(Path(options.data))
    return _filled(options, data)


def actuals(options: argparse.Namespace) -> int:
    """Works out actual values from statistics and fills them in."""
    from workbook_tools.actuals.work import COLUMNS, RECIPES, actual_values, faults, read_recipes, read_statistics
    from workbook_tools.data_files import exported

    path, source = Path(options.file), Path(options.statistics)
    read = [Path(given) for given in (source, options.recipe) if given]
    # one workbook may hold the form and its statistics: then -o is held against the form when that is filled
    if options.output and not same_file(path, source) and is_one_of(Path(options.output), read):
        print(f"-o 的“{options.output}”就是统计表或取数方法的文件，没有写；请换一个文件名")
        return ExitCode.USAGE
    if options.chart:
        taken = [path, *read, *([Path(options.output)] if options.output else [])]
        if Path(options.chart).suffix.lower() != ".xlsx" or is_one_of(Path(options.chart), taken):
            print(f"{options.chart}：--chart 要写到另一个 .xlsx 文件，不能是自评表、统计表和 -o 的文件")
            return ExitCode.USAGE
    with naming(source):
        tables, recipes = read_statistics(source)
    with naming(Path(options.recipe) if options.recipe else source):
        recipes = read_recipes(Path(options.recipe)) if options.recipe else recipes
        values = actual_values(tables, recipes)
    with naming(path):
        forms = exported(path, options.scheme)
    if not values:
        where = f"{source}：没有“{RECIPES}”表，不知道各指标从哪一列来"
        where = f"{options.recipe}：没有写取数方法" if options.recipe else where
        made = f"请在统计表里加一张名为“{RECIPES}”的工作表，列名为 {'、'.join(COLUMNS)}，每个指标一行"
        print(
            f"{where}；{made}；也可以写在 .toml 文件里，用 --recipe 指定，写法见 README.zh-CN.md 的“从月度统计取完成值”"
        )
        return ExitCode.USAGE
    for words in faults(tables, recipes):
        print(f"  统计表有出入：{words}")
    inputs = _actuals_of(values, forms[0])
    if options.chart:
        targets = {
            value.indicator: forms[0].fields.get(f"{row}.target", "")
            for value in values
            for row in forms[0].rows_named(value.indicator)
        }
        _chart(options, source, tables, recipes, targets)
    return _filled(options, inputs)


def _filled(options: argparse.Namespace, inputs: Mapping[str, str]) -> int:
    """Fills the form with what was read for it, and tells what has come of it."""
    how = Filling(scheme=options.scheme, dry_run=options.dry_run, overwrite=options.overwrite, width=table_width())
    told = fill_one(how, Path(options.file), Path(options.output) if options.output else None, inputs)
    print("\n".join(told.lines))
    return told.code


def _actuals_of(values: Iterable[Actual], form: ExportedForm) -> dict[str, str]:
    """The actual values by field path, each told; an indicator that does not stand in one row is left to a person."""
    from workbook_tools.actuals.work import RECIPES

    inputs = {}
    for value in values:
        rows = form.rows_named(value.indicator)
        lacking = "" if rows else f"；表上没有这个指标，没有填，请核对“{RECIPES}”里指标的名称"
        if len(rows) > 1:
            cells = "、".join(form.cells[f"{row}.actual"].rpartition("!")[2] for row in rows)
            lacking = f"；表上有 {len(rows)} 个指标叫这个名称（{cells}），没有填，请自己填"
        print(f"  {value.indicator}：{value.words}（{value.why}）{lacking}")
        if len(rows) == 1:
            inputs[f"{rows[0]}.actual"] = value.words
    return inputs


def _chart(
    options: argparse.Namespace,
    source: Path,
    tables: list[MonthlyTable],
    recipes: list[Recipe],
    targets: Mapping[str, str],
) -> None:
    """Writes the copy of the statistics with its charts."""
    from workbook_tools.actuals.chart import with_charts

    copy = Path(options.chart)
    backup = save(copy, with_charts(source, tables, recipes, targets), seen=None, made_from=[source])
    print(f"  已写到 {copy}（带“走势图”的副本；原来的图片和控件不在里面，原文件没有改动）{saved_where(backup)}")


def export(options: argparse.Namespace) -> int:
    """Prints, or writes, what stands in the forms of a workbook."""
    from workbook_tools.data_files import as_table, exported

    path = Path(options.file)
    ending = Path(options.output).suffix.lower() if options.output else ".json"
    if ending not in (".json", ".csv"):
        print(f"{options.output}：只能写到 .json 或 .csv 文件")
        return ExitCode.USAGE
    with naming(path):
        forms = exported(path, options.scheme)
    kind = options.format or ending.removeprefix(".")
    if kind == "json":
        text = json_text([form.record() for form in forms]) + "\n"
    elif len(forms) > 1:
        print(f"{path}：有 {len(forms)} 张自评表，csv 只能写一张；请用 --format json")
        return ExitCode.USAGE
    else:
        text = as_table(forms[0])
    if options.output is None:
        print(text, end="")
        return ExitCode.DONE
    encoding = "utf-8-sig" if kind == "csv" else "utf-8"
    backup = save(Path(options.output), encoded(text, encoding), seen=None, made_from=[path])
    print(f"已写到 {options.output}{saved_where(backup)}")
    return ExitCode.DONE
