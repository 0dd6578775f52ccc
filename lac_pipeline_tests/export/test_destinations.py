"""Where exports are written: in a folder and in a bucket files appear whole, and what fails has a fix."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs
from moto.server import ThreadedMotoServer
from pyarrow import parquet
from sqlalchemy import Engine, delete, text

from lac_pipeline.commands.export import Choice, exporting
from lac_pipeline.errors import ExportError
from lac_pipeline.export.destinations import Destination, open_destination
from lac_pipeline.export.exporting import Exported
from lac_pipeline.warehouse.schema.tables import Campaign
from lac_pipeline.warehouse.warehouse import Warehouse
from lac_pipeline_tests.warehouse.advertising import account, campaign

KEY = "test"


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """The address of a server on loopback that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> s3fs.S3FileSystem:
    """A client of that server; what the environment says makes it that of every other client too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    return s3fs.S3FileSystem(use_listings_cache=False)


@pytest.fixture
def bucket(s3: s3fs.S3FileSystem, request: pytest.FixtureRequest) -> str:
    """The name of an empty bucket."""
    name = f"lac-{zlib.crc32(request.node.name.encode())}"
    s3.mkdir(name)
    return name


@pytest.fixture(params=["folder", "s3"])
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> Destination:
    """Where an export may be written."""
    if request.param == "folder":
        return open_destination(str(tmp_path / "made" / "out"))
    return open_destination(f"s3://{request.getfixturevalue('bucket')}/pre/fix/")


def export(engine: Engine, to: str, *, names: list[str]) -> dict[str, Exported]:
    """Export tables, and return what was done to each."""
    with exporting(Warehouse(engine), to, Choice(names)) as running:
        return {each.name: each for each in running.done}


def test_an_empty_place_has_nothing(destination: Destination) -> None:
    """A place that is not there yet can be looked into."""
    assert (destination.folders(), destination.sizes("campaigns"), destination.read("campaigns/x")) == ([], {}, None)


def test_what_is_written_replaces_what_was_there(destination: Destination) -> None:
    """Files are written, listed, read, replaced and removed by their names below the root."""
    for content in (b"long before", b"after"):
        destination.write("campaigns/_manifest.json", content)
        with destination.writing("campaigns/account_id=7/part.parquet") as draft:
            draft.write_bytes(content)
    sizes = {"campaigns/_manifest.json": 5, "campaigns/account_id=7/part.parquet": 5}
    assert (destination.folders(), destination.sizes("campaigns")) == (["campaigns"], sizes)
    assert destination.read("campaigns/account_id=7/part.parquet") == b"after"
    destination.remove("campaigns/account_id=7/part.parquet")
    destination.remove("campaigns/_manifest.json")
    assert (destination.folders(), destination.sizes("campaigns")) == ([], {})


def test_a_file_that_fails_leaves_the_one_before(destination: Destination) -> None:
    """Until a file is whole the one of its name stays, and nothing of the half is left."""
    destination.write("a/part.parquet", b"before")

    def fail() -> None:
        with destination.writing("a/part.parquet") as draft:
            draft.write_bytes(b"half")
            raise OSError("interrupted")

    with pytest.raises(OSError, match="interrupted"):
        fail()
    assert destination.read("a/part.parquet") == b"before"
    assert destination.sizes("a") == {"a/part.parquet": 6}


def test_a_folder_is_one_place_however_it_is_written(tmp_path: Path) -> None:
    """A link, a relative step and a file:// URL name the same place to the lock; another folder is another."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    names = [f"{tmp_path}/real", f"{tmp_path}/link", f"{tmp_path}/other/../real", f"file://{tmp_path}/real"]
    assert len({open_destination(name).known_as for name in names}) == 1
    assert open_destination(f"{tmp_path}/other").known_as != open_destination(names[0]).known_as
    assert open_destination("s3://b/p/").known_as == open_destination("s3://b/p").known_as


@pytest.mark.usefixtures("s3")
def test_a_blank_before_a_url_makes_no_folder() -> None:
    """A bucket that was pasted with a blank is that bucket; a folder of its name would take the files unseen."""
    assert open_destination(" s3://bucket/ads ").url == "s3://bucket/ads"


def test_a_bucket_is_kept_up_to_date(engine: Engine, bucket: str, s3: s3fs.S3FileSystem) -> None:
    """What is exported to a bucket can be read there; again, only changes are written, and what is gone is removed."""
    with engine.begin() as connection:
        for account_id in (1, 2):
            account(connection, account_id, "USD")
            campaign(connection, account_id, account_id)
    url = f"s3://{bucket}/ads"
    assert export(engine, url, names=["campaigns"])["campaigns"].written == 2
    assert export(engine, url, names=["campaigns"])["campaigns"].written == 0
    with s3.open(f"{bucket}/ads/campaigns/account_id=2/part.parquet") as file:
        assert parquet.read_table(file, partitioning=None).column("id").to_pylist() == [2]
    with engine.begin() as connection:
        connection.execute(delete(Campaign).where(Campaign.id == 2))
    assert export(engine, url, names=["campaigns"])["campaigns"].removed == 1
    assert s3.find(f"{bucket}/ads") == [
        f"{bucket}/ads/_database.json",
        f"{bucket}/ads/campaigns/_manifest.json",
        f"{bucket}/ads/campaigns/account_id=1/part.parquet",
    ]


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("s3://no-such-bucket/x", "make the bucket or folder, or correct --to"),
        ("warp://bucket", "name a folder, or s3://bucket/prefix"),
        ("memory://bucket", "name a folder, or s3://bucket/prefix"),
        (" ", "name a folder, or s3://bucket/prefix; `.` is the current folder"),
        ("/sys/lac", "give the user that runs lac the right to write there, or name another place with --to"),
        (f"{__file__}/x", "a file has the name of a folder there: name another place with --to"),
    ],
    ids=["bucket", "kind", "memory", "empty", "rights", "file"],
)
@pytest.mark.usefixtures("s3")
def test_a_place_that_cannot_be_used_has_a_fix(engine: Engine, url: str, fix: str) -> None:
    """The error names the place and the option, whatever is wrong with it."""
    with pytest.raises(ExportError, match="export") as failure:
        export(engine, url, names=["campaigns"])
    assert url.rstrip("x/") in str(failure.value)
    assert failure.value.fix == fix


def test_a_store_out_of_reach_is_no_defect(engine: Engine, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store's client raises errors of its own, such as for an address that no server has, it is the same."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(ExportError, match=f"the export to s3://{bucket}/x stopped") as failure:
        export(engine, f"s3://{bucket}/x", names=["campaigns"])
    assert failure.value.fix == "look whether the place exists and can be reached, or name another one with --to"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for very little, which root can make of the memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("a small disk takes the right to mount one")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_leaves_what_was_whole(engine: Engine, small_disk: Path) -> None:
    """The error says what to free; what was whole stays, and the rest is written later."""
    with engine.begin() as connection:
        account(connection, 1, "USD")
        connection.execute(
            text(
                "INSERT INTO linkedin_ads.urn_names (urn, name, first_seen, checked_at, due_at) "
                "SELECT n::text, md5(n::text), now(), now(), now() FROM generate_series(1, 9000) n"
            )
        )
    tables = ["accounts", "urn_names"]
    with pytest.raises(ExportError, match=f"the export to {small_disk} stopped") as failure:
        export(engine, str(small_disk), names=tables)
    assert "free space there" in str(failure.value.fix)
    parts = {str(path.relative_to(small_disk)) for path in small_disk.rglob("part*")}
    assert parts == {"accounts/account_id=1/part.parquet"}
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert [each.written for each in export(engine, str(small_disk), names=tables).values()] == [0, 1]
