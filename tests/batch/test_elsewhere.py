"""Files at addresses: a real S3 server (moto) and fsspec's memory; rows as Parquet."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from test_cluster import FORM, answers, cluster, free_port, received

from places import EXAMPLES, ROOT
from tables import records
from workbook_tools.commands.main import main

NEEDED = ("distributed", "upath", "pyarrow", "s3fs", "moto")  # which take a second to import
LACKING = [name for name in NEEDED if find_spec(name) is None]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)}")]
SECRET = "SeCrEtKeY123"


def test_more_rows_than_a_sheet_has_are_in_parquet_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workbook_tools.summary.rows.MOST_ROWS", 12)
    received(tmp_path / "收到", 4)
    out = tmp_path / "汇总表.xlsx"
    assert main(["summary", str(tmp_path / "收到"), "-o", str(out)]) == 2
    said = "有 4 张表、20 个指标，一张工作表只放得下 12 行；请分几次汇总，或加 --parquet\n"
    assert capsys.readouterr().out == said
    assert not out.exists()
    assert main(["summary", str(tmp_path / "收到"), "-o", str(out), "--parquet"]) == 0
    assert "指标有 20 行，一张工作表放不下，“指标”表是空的；都在 Parquet 文件里" in capsys.readouterr().out
    assert records(out, "指标") == []
    assert len(tables(tmp_path)["指标"]) == 20


@pytest.fixture
def memory() -> Iterator[Any]:
    from upath import UPath

    folder = UPath("memory://收到")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    folder.rmdir(recursive=True)


def tables(folder: Any, name: str = "汇总表") -> dict[str, list[dict[str, Any]]]:
    import pyarrow.parquet as pq
    from pyarrow import BufferReader

    return {
        table: pq.read_table(BufferReader((folder / f"{name}.{table}.parquet").read_bytes())).to_pylist()
        for table in ("表", "指标", "校验")
    }


def test_parquet_has_what_a_review_gave_as_the_sheet_has(tmp_path: Path) -> None:
    received(tmp_path / "收到", 2)
    out, given = tmp_path / "汇总表.xlsx", tmp_path / "结果.csv"
    first, second = sorted((tmp_path / "收到").iterdir())
    given.write_text(f"文件,审核分数,核定等级,审核意见\n{first.name},85.5,良,没有证明材料\n", "utf-8")
    main(["summary", str(tmp_path / "收到"), "-o", str(out), "--results", str(given), "--parquet"])
    names = ("审核分数", "核定等级", "审核与自评分差", "审核意见")
    sheet = {row["文件"]: [row[name] for name in names] for row in records(out, "汇总")}
    rows = {Path(row["文件"]).name: [row[name] for name in names] for row in tables(tmp_path)["表"]}
    assert rows[first.name][:2] == [Decimal("85.5"), "良"]
    assert rows[first.name][3] == "没有证明材料"
    assert rows[second.name] == [None] * 4
    written = next(row for file, row in sheet.items() if Path(file).name == first.name)
    assert [value if value is None or isinstance(value, str) else float(value) for value in rows[first.name]] == written


def test_parquet_has_every_form_once_and_no_float(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    broken = received(tmp_path / "收到", 60)
    out = tmp_path / "汇总表.xlsx"
    assert main(["summary", str(tmp_path / "收到"), "-o", str(out), "--parquet"]) == 1
    assert "另写了 汇总表.表.parquet、汇总表.指标.parquet、汇总表.校验.parquet" in capsys.readouterr().out
    for path in tmp_path.glob("*.parquet"):
        assert not [field for field in pq.read_schema(path) if pa.types.is_floating(field.type)]
    found = tables(tmp_path)
    assert [row["文件"] for row in found["表"] if row["没有读的原因"] is None] + [
        row["文件"] for row in found["表"] if row["没有读的原因"]
    ] == [row["文件"] for row in found["表"]]
    assert sorted(row["文件"] for row in found["表"]) == [str(one) for one in sorted((tmp_path / "收到").iterdir())]
    assert sum(row["没有读的原因"] is not None for row in found["表"]) == broken
    first = found["表"][0]
    assert (first["收到日期"], first["收到日期按"]) == (datetime.now().astimezone().date(), "文件时间")
    assert (first["支出（万元）"], first["按办法总分"]) == (Decimal("1716.028987"), Decimal("94.66"))
    main(["check", str(FORM), "--format", "json"])
    said = json.loads(capsys.readouterr().out)[0]["findings"]
    mine = [row for row in found["校验"] if row["文件"] == first["文件"]]
    assert [(row["代码"], row["单元格"] or "", row["说明"]) for row in mine] == [
        (one["code"], one["cell"], one["message"]) for one in said
    ]
    assert len(found["指标"]) == (60 - broken) * 5


def test_forms_in_memory_are_checked_and_summarised_as_those_on_a_disk(
    tmp_path: Path, memory: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in EXAMPLES.glob("[cz]*.xlsx"):
        (memory / path.name).write_bytes(path.read_bytes())
        shutil.copy(path, tmp_path / path.name)
    (memory / "坏.xlsx").write_bytes(b"PK")
    (tmp_path / "坏.xlsx").write_bytes(b"PK")
    said = []
    for folder in (str(tmp_path), "memory://收到"):
        code = main(["check", folder])
        said.append((code, capsys.readouterr().out.replace(folder.rstrip("/"), "")))
    assert said[0] == said[1]
    assert main(["summary", "memory://收到", "-o", str(tmp_path / "汇总表.xlsx")]) == 1
    assert records(tmp_path / "汇总表.xlsx", "汇总")[0]["文件"] == "memory://收到/chongqing_media_2021.xlsx"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server, a program of its own."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        for _ in range(600):
            if answers(port):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.kill()


@pytest.mark.usefixtures("new_connections")
def test_a_cluster_reads_and_writes_s3(
    tmp_path: Path, s3: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from upath import UPath

    mine = {"AWS_ENDPOINT_URL": s3, "AWS_ACCESS_KEY_ID": "bureau", "AWS_SECRET_ACCESS_KEY": SECRET}
    for name, value in {**mine, "AWS_DEFAULT_REGION": "us-east-1", "XDG_STATE_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    broken = received(tmp_path / "收到", 100)
    bucket = UPath("s3://bureau")
    bucket.mkdir()
    for path in (tmp_path / "收到").iterdir():
        (bucket / "收到" / path.name).write_bytes(path.read_bytes())
    with cluster(2, AWS_DEFAULT_REGION="us-east-1", **mine) as (address, _):
        arguments = ["summary", "s3://bureau/收到", "-o", "s3://bureau/汇总表.xlsx", "--parquet", "--on", address]
        assert main(arguments) == 1
    told = capsys.readouterr()
    found = tables(bucket)
    assert sorted(row["文件"] for row in found["表"]) == [f"s3://bureau/收到/{number:04}.xlsx" for number in range(100)]
    assert sum(row["没有读的原因"] is not None for row in found["表"]) == broken
    (tmp_path / "汇总表.xlsx").write_bytes((bucket / "汇总表.xlsx").read_bytes())
    assert len(records(tmp_path / "汇总表.xlsx", "汇总")) == 100 - broken
    assert main(["summary", "s3://bureau/收到", "-o", "s3://bureau/汇总表.xlsx"]) == 1
    assert "那里原来的文件在 s3://bureau/填表前备份/汇总表." in capsys.readouterr().out
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    UPath("s3://bureau").fs.clear_instance_cache()
    assert main(["check", "s3://another/收到"]) == 3
    failed = capsys.readouterr()
    assert SECRET not in told.out + told.err + failed.out + failed.err
    assert "Traceback" not in failed.out + failed.err


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("s3://key:secret@bureau/收到", "s3:// 的地址里不要写用户名和密码；请放在环境变量或它自己的设置里"),
        (
            "nowhere://收到",
            'nowhere://收到：读写 nowhere:// 的程序没有安装，或者没有这种地址；请运行 pip install "workbook_tools[cluster]"',
        ),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(
    address: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", address]) == 2
    assert capsys.readouterr().out == f"{sentence}\n"


def test_addresses_are_for_reading_alone_where_forms_are_filled() -> None:
    run = [sys.executable, "-c", "from workbook_tools.commands.main import fill_form as f; raise SystemExit(f())"]
    done = subprocess.run([*run, "s3://bureau/收到"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (2, "")
    assert "Traceback" not in done.stdout
