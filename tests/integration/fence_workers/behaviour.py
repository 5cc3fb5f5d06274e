"""A worker that behaves as its job's `do` says: a function of this file."""

# ruff: noqa: PLC0415, PTH109, PTH123, PTH208, N818, I001 - what a model may do is not what a reviewer would like

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from onnx_convert.workers.protocol import Job, WorkerError


def main(job: Job) -> dict:
    job.phase("load")
    return globals()[job["do"]](job)


def tell(job: Job) -> dict:
    """What a worker can see of itself."""
    return {
        "uid": os.getuid(),
        "groups": os.getgroups(),
        "environ": dict(os.environ),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1],  # the last is this listing's own
        "cwd": os.getcwd(),
        "session": os.getsid(0) == os.getpid(),
        "status": dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()),
        "oom": int(Path("/proc/self/oom_score_adj").read_text()),
        "path": sys.path,
        "stdin": sys.stdin.read(),
        "hash": hash("onnx"),
    }


def write_everywhere(job: Job) -> dict:
    done = {}
    for name in ("out", "home", "tmp", ".", "repository"):
        folder = Path(job["repository"]) if name == "repository" else job.folder / name
        try:
            (folder / "file").write_text("x")
            done[name] = True
        except PermissionError:
            done[name] = False
    done["core"] = _readable(Path(f"/proc/{job['core']}/environ"))
    return done


def _readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except PermissionError:
        return False
    return True


def read_and_import(job: Job) -> dict:
    (Path(job["repository"]) / "data.txt").read_text()
    with open("data.txt"), open(Path("sub") / "more.txt", "rb"):
        pass
    import helper  # of the repository

    import json as shadowed  # the standard library's, although the repository has a json.py

    return {"helper": helper.VALUE, "shadowed": shadowed.__file__ == json.__file__}


def open_file(job: Job) -> dict:
    return {"content": Path(job["path"]).read_text()}


def reach(job: Job) -> dict:
    """Where it can write and what it can read."""
    root = Path(job["repository"])
    folders = {
        "home": job.folder / "home",
        "out": job.folder / "out",
        "tmp": job.folder / "tmp",
        "repository": root,
        "beside": root.parent,
        "/tmp": Path("/tmp"),
        "/dev/shm": Path("/dev/shm"),
    }
    wrote = [name for name, folder in folders.items() if _made(folder / f"reach-{os.getpid()}")]
    files = {
        "data.txt": root / "data.txt",
        ".git": root / ".git/config",
        "link": root / "link",
        "/etc/passwd": Path("/etc/passwd"),
    }
    return {"wrote": wrote, "read": [name for name, path in files.items() if _readable(path)]}


def _made(path: Path) -> bool:
    try:
        path.write_text("x")
        path.unlink()
    except PermissionError:
        return False
    return True


def leave_stray_memory(job: Job) -> dict:
    path = f"/dev/shm/onnx-convert-test-{os.getpid()}"
    Path(path).write_text("x")
    return {"path": path}


def segfault(job: Job) -> dict:
    job.phase("export")
    print("about to crash")
    ctypes.string_at(0)
    return {}


def call_sys_exit(job: Job) -> dict:
    sys.exit(3)


def call_os_exit(job: Job) -> dict:
    os._exit(job["status"])


def raise_error(job: Job) -> dict:
    raise ValueError("bad shape")


def raise_from_repository(job: Job) -> dict:
    import broken  # of the repository

    return broken.call()


def raise_worker_error(job: Job) -> dict:
    job.note("OCA026", "first a note")
    raise WorkerError("OCA021", "no such thing", "use another")


def raise_unprintable(job: Job) -> dict:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    raise Unprintable


def interrupt(job: Job) -> dict:
    raise KeyboardInterrupt


def recurse(job: Job) -> dict:
    return recurse(job)


def return_no_json(job: Job) -> dict:
    return {"value": object()}


def hang(job: Job) -> dict:
    job.phase("reference")
    while True:
        time.sleep(1)


def hang_deaf(job: Job) -> dict:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


def take_memory(job: Job) -> dict:
    taken = []
    while True:
        taken.append(bytearray(b"x") * 2**22)


def take_memory_at_once(job: Job) -> dict:
    return {"size": len(bytearray(2**40))}


def fork_bomb(job: Job) -> dict:
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)


def leave_daemon(job: Job) -> dict:
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            os.write(write, str(os.getpid()).encode())
            while True:
                time.sleep(1)
        os._exit(0)
    return {"daemon": int(os.read(read, 20))}


def leave_thread(job: Job) -> dict:
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return {"done": True}


def print_gigabytes(job: Job) -> dict:
    sys.stdout.write("the beginning\n")
    sys.stdout.flush()
    block = b"0123456789abcdef" * 2**16
    for _ in range(job["mebibytes"]):
        os.write(1, block)
    os.write(2, b"\xff the end")
    return {"done": True}


def print_command(job: Job) -> dict:
    print("::error::not from us")
    subprocess.run(["echo", "a child's words"], check=True)
    return {}


def shout_on_events(job: Job) -> dict:
    job.phase("compare")
    os.write(3, b"no such phase\n" * 10000 + b"x" * 2**20)
    return {}


def report_progress(job: Job) -> dict:
    for epoch in range(5_000):
        job.progress({"epochs": epoch})
    os.write(3, b'{"epochs": ' + b"9" * 2**20)
    return {}


def lie(job: Job) -> dict:
    path = job.out / "result.json"
    kind = job["kind"]
    if kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(100 * 2**20)
    else:
        path.write_text(job["text"])
    os._exit(0)


def leave_traps(job: Job) -> dict:
    (job.out / "model.onnx").write_bytes(b"model")
    (job.out / "model.onnx").chmod(0)
    (job.out / "link").symlink_to("/etc/passwd")
    (job.out / "cases" / "0000").mkdir(parents=True)
    (job.out / "cases" / "0000" / "in0.npy").write_bytes(b"array")
    (job.out / "cases" / "away").symlink_to("/etc")
    os.mkfifo(job.out / "fifo")
    socket.socket(socket.AF_UNIX).bind(str(job.out / "socket"))
    closed = job.out / "closed"
    closed.mkdir()
    (closed / "file").write_text("x")
    closed.chmod(0)
    here = os.open(job.out, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("deep", dir_fd=here)
        below = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    return {}


def kill_parent(job: Job) -> dict:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
    return {}


def kill_grandparent(job: Job) -> dict:
    warden = Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()
    os.kill(int(warden[1]), signal.SIGKILL)
    return {"done": True}


def gain_privileges(job: Job) -> dict:
    done = {}
    for name in ("setuid", "setgid", "seteuid"):
        try:
            getattr(os, name)(0)
            done[name] = True
        except PermissionError:
            done[name] = False
    return done
