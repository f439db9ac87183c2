"""A file of every kind that the project makes, made by its own commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook

from places import EXAMPLES, ROOT
from workbook_tools.commands.main import fill_form, main
from workbook_tools.excel import Book
from workbook_tools.monitoring.source import rules_names
from workbook_tools.ribbon import actions, addin
from workbook_tools.ribbon.macro_calls import Row, answer_workbook
from workbook_tools.schemes.loading import form_names
from workbook_tools.web.worker import check

TARGETS = EXAMPLES / "guangzhou_petition_targets.xlsx"
REPORT = EXAMPLES / "guangzhou_department_2023.xlsx"


def examples() -> list[Path]:
    """The examples that are forms."""
    return sorted(path for path in EXAMPLES.glob("*.xlsx") if path != TARGETS)


def every_kind(folder: Path) -> Callable[[str], list[Path]]:
    """Gives the files of a kind, which are made when they are first asked for."""
    return cache(lambda kind: list(KINDS[kind](folder)))


def _empty(folder: Path) -> Iterator[Path]:
    for name in form_names():
        yield (path := folder / f"空白 {name}.xlsx")
        main(["new", "--scheme", name, "-o", str(path)])
    yield ROOT / "templates" / "self_eval_form.xlsx"


def _empty_filled(folder: Path) -> Iterator[Path]:
    for path in list(_empty(folder)):
        yield (out := folder / f"填过 {path.name}")
        fill_form([str(path), "-o", str(out), "-q"])


def _filled(folder: Path) -> Iterator[Path]:
    for path in examples():
        yield (out := folder / f"填好 {path.name}")
        fill_form([str(path), "-o", str(out), "-q"])


def _again(folder: Path) -> Iterator[Path]:
    """What was made already, filled, marked and read once more."""
    for name in ("zhongshan_12345_2022", "guangzhou_department_2023", "hebei_example"):
        filled, marked, coloured = (folder / f"{what} {name}.xlsx" for what in ("两次", "再标", "再读"))
        shutil.copy(EXAMPLES / f"{name}.xlsx", filled)
        for more in ((), ("--overwrite",)):
            fill_form([str(filled), "-q", *more])
        main(["check", str(filled), "--review", str(marked), "-q"])
        main(["check", str(marked), "--review", str(folder / f"标注的标注 {name}.xlsx"), "-q"])
        main(["read", str(marked), "--review", str(coloured), "--format", "csv"])
        fill_form([str(coloured), "-q", "--overwrite"])
        yield from (filled, marked, folder / f"标注的标注 {name}.xlsx", coloured)


def _reviewed(folder: Path) -> Iterator[Path]:
    for path in examples():
        yield (out := folder / f"标注 {path.name}")
        main(["check", str(path), "--review", str(out), "-q"])


def _coloured(folder: Path) -> Iterator[Path]:
    for path in examples():
        yield (out := folder / f"读表 {path.name}")
        main(["read", str(path), "--review", str(out)])


def _from_data(folder: Path) -> Iterator[Path]:
    data, path, out = folder / "数据.json", folder / "照数据.xlsx", folder / "照数据填好.xlsx"
    main(["export", str(EXAMPLES / "guangzhou_12345_2021.xlsx"), "-o", str(data)])
    main(["new", "--scheme", "guangzhou_2021", "--data", str(data), "-o", str(path)])
    main(["fill", str(path), "--data", str(data), "-o", str(out)])
    yield from (path, out)


def _from_targets(folder: Path) -> Iterator[Path]:
    main(["targets", "import", str(TARGETS), "--new", str(folder / "目标")])
    yield from sorted((folder / "目标").glob("*.xlsx"))


def _next_targets(folder: Path) -> Iterator[Path]:
    yield (out := folder / "下年目标表.xlsx")
    main(["targets", "next", str(EXAMPLES), "-o", str(out)])


def _monitored(folder: Path) -> Iterator[Path]:
    main(["targets", "import", str(TARGETS), "--stage", "监控", "--rules", "shanxi", "--new", str(folder / "监控")])
    for path in sorted((folder / "监控").glob("*.xlsx"))[:3]:
        yield path
        yield (out := folder / f"核对 {path.name}")
        main(["monitor", str(path), "-o", str(out)])
    for name in rules_names():
        yield (path := folder / f"空白 {name}.xlsx")
        main(["new", "--scheme", name, "--month", "7", "-o", str(path)])
    yield (out := folder / "照监控表.xlsx")
    main(["new", "--from", str(path), "--scheme", "national_2020", "-o", str(out)])


def _summary(folder: Path) -> Iterator[Path]:
    yield (out := folder / "汇总表.xlsx")
    main(["summary", str(EXAMPLES), "-o", str(out)])


def _comparison(folder: Path) -> Iterator[Path]:
    last, this = EXAMPLES / "guangzhou_12345_2021.xlsx", EXAMPLES / "guangzhou_department_2023.xlsx"
    for name, given in (("两年", [last, this]), ("各单位", [EXAMPLES])):
        yield (out := folder / f"{name}对比.xlsx")
        main(["compare", *map(str, given), "-o", str(out)])


def _actuals(folder: Path) -> Iterator[Path]:
    taken, chart, out = folder / "统计.xlsx", folder / "走势.xlsx", folder / "取数.xlsx"
    workbook = load_workbook(REPORT)
    recipes = workbook.create_sheet("取数")
    recipes.append(("指标", "表", "算法", "分子", "分母", "小数", "取舍", "单位"))
    recipes.append(("话务接通率", "表8", "相除", "接通量", "呼入量", 2, "", ""))
    recipes.append(("呼入量", "表8", "求和", "呼入量", "", 0, "", "通"))
    workbook.save(taken)
    main(["actuals", str(REPORT), "--from", str(taken), "--chart", str(chart), "-o", str(out)])
    yield from (chart, out)


def _addin(folder: Path) -> Iterator[Path]:
    yield ROOT / "macros" / addin.NAME
    yield addin.install(folder / "启动", '"C:\\程序\\python.exe" -m workbook_tools').path


def _answer(folder: Path) -> Iterator[Path]:
    for name, act in (("fill", actions.fill), ("check", actions.check)):
        for example in (REPORT, EXAMPLES / "zhongshan_12345_2022.xlsx"):
            yield (path := folder / f"answer {name} {example.name}")
            path.write_bytes(answer_workbook(act(Book(example.read_bytes()), example.name)))
    yield (path := folder / "answer.xlsx")
    path.write_bytes(answer_workbook([Row("plain", "98.5%", "自评表", "H14"), Row("say", "=1+1\n“好”")]))


def _copies(folder: Path) -> Iterator[Path]:
    for path in (*examples(), TARGETS):
        yield Path(shutil.copy(path, folder / path.name))


def _review(folder: Path) -> Iterator[Path]:
    received, review, result = folder / "送来", folder / "复核.xlsx", folder / "复核结果"
    received.mkdir()
    for path in examples():
        shutil.copy(path, received / path.name)
    main(["review", str(received), "-o", str(review)])
    main(["review", "close", str(review), "-o", str(result)])
    yield review
    yield Path(shutil.copy(result / "问题清单.xlsx", folder / "问题清单 第一次.xlsx"))
    main(["review", "again", str(received), "--issues", str(result / "问题清单.xlsx")])
    yield result / "问题清单.xlsx"
    units, out = folder / "名单.txt", folder / "汇总表 连同复核.xlsx"
    units.write_text("宁德市地震局\n没有报送的局\n", "utf-8")
    given = ["--expected", str(units), "--deadline", "2026-02-28", "--issues", str(result / "问题清单.xlsx")]
    main(["summary", str(received), "-o", str(out), *given])
    yield out


def _letters(folder: Path) -> Iterator[Path]:
    pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")
    received, result, template = folder / "送来 2", folder / "复核结果 2", folder / "通知模板.docx"
    received.mkdir()
    for path in examples():
        shutil.copy(path, received / path.name)
    main(["review", str(received), "-o", str(folder / "复核 2.xlsx")])
    main(["review", "close", str(folder / "复核 2.xlsx"), "-o", str(result), "--deadline", "2026-03-31"])
    main(["review", "--new-template", "-o", str(template)])
    yield from sorted((result / "整改通知").glob("*.docx"))[:4]
    yield template
    reports: dict[bytes, Path] = {}  # several schemes have the same template
    for name in form_names():
        path = folder / f"报告模板 {name}.docx"
        main(["report", "--scheme", name, "--new-template", "-o", str(path)])
        reports.setdefault(path.read_bytes(), path)
    yield from reports.values()


def _uploaded(folder: Path) -> Iterator[Path]:
    """What the server gives for an upload."""
    pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")
    for path in (REPORT, EXAMPLES / "zhongshan_12345_2022.xlsx"):
        work = folder / f"上传 {path.stem}"
        (work / "given").mkdir(parents=True)
        shutil.copy(path, work / "given")
        made = check(work, {"file": path.name, "scheme": None, "kinds": ["marked", "report"]})["files"]
        yield from (work / name for name in made.values())


KINDS = {
    "empty forms of all schemes": _empty,
    "empty forms after filling": _empty_filled,
    "examples": _copies,
    "examples after filling": _filled,
    "examples filled, marked and read twice": _again,
    "review copies": _reviewed,
    "copies that show what was read": _coloured,
    "forms drawn from data": _from_data,
    "forms made from targets": _from_targets,
    "draft of the next targets": _next_targets,
    "monitoring tables, before and after": _monitored,
    "summary": _summary,
    "comparison": _comparison,
    "review, its list of issues and the summary with both": _review,
    "letters and templates": _letters,
    "what the server makes of an upload": _uploaded,
    "actual values and their chart": _actuals,
    "add-in with its ribbon": _addin,
    "answer to the macros": _answer,
}
