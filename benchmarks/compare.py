"""How long a comparison takes, and how much memory, by phase: `python -m benchmarks.compare`.

The forms are generated: each has its own unit, project, figures and texts; one in twenty has texts of another unit, and
last year's form of each has other figures. `python -m benchmarks.compare --forms FOLDER COUNT` only writes them.
"""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from openpyxl import Workbook

from workbook_tools.template.workbook import workbook_bytes

HEAD = """项目支出绩效自评表
({year}年度)
项目名称|{project}|||实施单位|{unit}
项目资金（万元）||年初预算数|全年预算数（A）|全年执行数（B）|分值|执行率（B/A）|得分
|年度资金总额：|{budget}|{budget}|{spent}|10|{rate}%|{points}
|其中：本年财政拨款|{budget}|{budget}|{spent}|-|{rate}%|-
年度总体目标|预期目标|||实际完成情况
|{goal}|||{result}
一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因分析及改进措施
产出指标|数量指标|{thing}数量|≥{wanted}个|{reached}个|20|20|
|质量指标|{thing}合格率|≥95%|{quality}%|15|15|
|时效指标|完成时间|12月底前|11月|15|15|
效益指标|社会效益指标|{thing}覆盖率|≥80%|{cover}%|15|{cover_points}|{reason}
|可持续影响指标|机制|健全|达成预期指标|15|14|制度刚刚建立，有待完善
满意度指标|服务对象满意度指标|满意度|≥90%|{satisfied}%|10|10|
总分|||||100|{total}|"""


def words_of(line: str) -> list[str]:
    """The words between the blanks."""
    return line.split()


PLACES = "东南西北中上下新安平永长青白龙凤石金清江河湖山林泉云"
BUREAUS = words_of("教育局 水利局 民政局 卫生局 文化馆 林业站 图书馆 交通局 气象局 档案馆 体育局 农业站")
THINGS = words_of("培训 养护 救助 检测 宣传 演出 巡查 维修 编制 采购 评审 监测 清运 植树 体检 演练")
DONE = words_of("完成 组织 安排 落实 推进 扩大 加快 规范 改善 整理 协调 公布 建立 更新 调整 验收")
WHAT = words_of("设备 资料 场地 人员 经费 名单 方案 档案 线路 标准 合同 课程 站点 图纸 村组 器材")
HOW = words_of("按季度 分批 逐项 集中 上门 通过招标 会同村组 利用假期 在年中 按计划 多次 及时 重新 统一 另行 当场")
MEASURE = """import pathlib, re, resource, sys, time
from pathlib import Path
from workbook_tools.commands.compare import _read
from workbook_tools.summary.comparison import compared
from workbook_tools.summary.comparison_workbook import comparison_workbook

def spent():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter(), time.process_time() + children.ru_utime + children.ru_stime

times = [spent()]
sides = [sorted(Path(folder).glob("*.xlsx")) for folder in sys.argv[1:3]]
forms, _ = _read(sides[0] + sides[1], None)
last, this = ([form for form in forms if Path(form.file) in set(side)] for side in map(set, sides))
times.append(spent())
found = compared(this, last)
times.append(spent())
data = comparison_workbook(found, {}, Path(sys.argv[1]))
times.append(spent())
own = re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]
worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
gone = [round(b - a, 1) for one, other in zip(times, times[1:]) for a, b in zip(one, other)]
print("", *gone, len(found.differences), len(data), own, worker, file=sys.stderr)
"""
PHASES = ("reading", "comparing", "writing the 对比表")


def sentence(chance: random.Random) -> str:
    """Words that no other form has."""
    parts = [f"{chance.choice(HOW)}{chance.choice(DONE)}{chance.choice(THINGS)}{chance.choice(WHAT)}" for _ in range(8)]
    return "，".join(parts) + "。"


def write_forms(folder: Path, count: int, year: int) -> None:
    """The forms of one year; the units, projects and goals of a number are the same in every year."""
    folder.mkdir(parents=True)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "自评表"
    for row in HEAD.split("\n"):
        sheet.append([f"@{cell}@" if "{" in cell else cell or None for cell in row.split("|")])
    sheet.merge_cells("A1:H1")
    sheet.merge_cells("A2:H2")
    with zipfile.ZipFile(io.BytesIO(workbook_bytes(book))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (words,) = (name for name in parts if name.endswith("sheet1.xml"))
    drawn = parts[words].decode().replace("@", "")
    copied = ""
    for number in range(count):
        same, now = random.Random(number), random.Random(number * 10_000 + year)
        unit = "".join(same.choices(PLACES, k=3)) + same.choice("县区市") + same.choice(BUREAUS)
        budget, thing = same.randrange(5, 5000), same.choice(THINGS)
        spent = round(budget * now.uniform(0.7, 1), 2)
        cover = now.randrange(70, 100)
        result = copied if number % 20 == 19 else sentence(now)
        copied = result
        points = min(round(15 * cover / 80, 2), 15)
        figures = {
            "year": year,
            "unit": unit,
            "project": f"{unit[:2]}{thing}{same.choice(WHAT)}项目{number}号",
            "budget": budget,
            "spent": spent,
            "rate": round(spent / budget * 100, 2),
            "points": round(spent / budget * 10, 2),
            "goal": sentence(same),
            "result": result,
            "reason": sentence(now) if cover < 80 else "",
            "thing": thing,
            "wanted": (wanted := same.randrange(10, 300)),
            "reached": wanted + now.randrange(0, 40),
            "quality": now.randrange(9500, 10000) / 100,
            "cover": cover,
            "cover_points": points,
            "satisfied": now.randrange(9000, 9999) / 100,
            "total": round(spent / budget * 10 + 74 + points, 2),
        }
        with zipfile.ZipFile(folder / f"{number:05}.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, drawn.format(**figures).encode() if name == words else data)


def measured(*folders: str) -> list[float]:
    """Elapsed and processor seconds of each phase; findings, bytes, peak memory of the process and a worker in KB."""
    command = [sys.executable, "-c", MEASURE, *folders]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(word) for word in run.stderr.split("\n")[-2].split()]


def main() -> None:
    """Prints what each phase takes for 500 and 5,000 forms in each of two years."""
    if sys.argv[1:2] == ["--forms"]:
        write_forms(Path(sys.argv[2]) / "2022", int(sys.argv[3]), 2022)
        write_forms(Path(sys.argv[2]) / "2023", int(sys.argv[3]), 2023)
        return
    for count in map(int, sys.argv[1:] or ["500", "5000"]):
        folder = Path(tempfile.mkdtemp())
        for year in (2022, 2023):
            write_forms(folder / str(year), count, year)
        taken = measured(str(folder / "2022"), str(folder / "2023"))
        print(f"| 2 × {count} forms | seconds | of processors |\n|---|---|---|")
        for number, phase in enumerate(PHASES):
            print(f"| {phase} | {taken[2 * number]:.1f} | {taken[2 * number + 1]:.1f} |")
        found, size, own, worker = taken[6:]
        memory = f"peak memory {own // 1024:.0f} MB, a worker {worker // 1024:.0f} MB"
        print(f"\n{found:.0f} findings, {size / 1e6:.1f} MB, {memory}", flush=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"{time.perf_counter() - began:.0f} s in all", file=sys.stderr)
