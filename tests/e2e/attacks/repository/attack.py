"""Model code that attacks: one callable each, named as in the catalogue. One that gets through raises Escaped.

What stops the others is an exception of Python's own, which is their row's diagnostic, or happens after their end.
"""

import ctypes
import errno
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "places.json")) as file:
    PLACES = json.load(file)
SECRET = b"s3cret"
LIBC = ctypes.CDLL(None, use_errno=True)
FOLDER = os.path.dirname(os.environ.get("HOME", "/nowhere/home"))
OUT = os.path.join(FOLDER, "out")


class Escaped(BaseException):
    """The attack got through."""


def good():
    import numpy as np
    from sklearn.linear_model import LinearRegression

    x = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
    return LinearRegression().fit(x, x @ np.arange(4, dtype=np.float32))


def nothing_in(paths):
    """Look for the token in files that may be closed."""
    read = 0
    for path in paths:
        try:
            with open(path, "rb") as file:
                content = file.read(2**20)
        except OSError:
            continue
        read += 1
        if SECRET in content:
            raise Escaped(f"the token is in {path}")
    raise LookupError(f"no token in the {read} files that could be read")


def read(path):
    with open(path, "rb") as file:
        raise Escaped(f"{path} can be read: {file.read(40)!r}")


def write(path, mode="a"):
    with open(path, mode) as file:
        file.write("STOLEN=1\n")
    raise Escaped(f"{path} can be written")


def system(number, *arguments):
    result = LIBC.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    raise Escaped(f"system call {number} succeeded")


def core():
    """The process id of the command, the parent of the template."""
    template = int(status(os.getppid())["PPid"])
    return int(status(template)["PPid"])


def status(pid):
    with open(f"/proc/{pid}/status") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


# --- tokens ----------------------------------------------------------------------------------------------------------


def token_in_environment():
    if any("s3cret" in value for value in os.environ.values()):
        raise Escaped("the token is a variable")
    raise LookupError(f"no token in {len(os.environ)} variables")


def token_in_first_environment():
    """What the process was started with, which deleting a variable does not change."""
    nothing_in(["/proc/self/environ", f"/proc/{os.getppid()}/environ"])


def token_in_every_environment():
    nothing_in(glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/task/*/environ"))


def token_in_command_lines():
    nothing_in(glob.glob("/proc/[0-9]*/cmdline"))


def token_in_own_memory():
    """What is left of the template in a fork of it."""
    with open("/proc/self/maps") as maps:
        areas = [line.split()[0] for line in maps if " rw-p " in line and ("[heap]" in line or "[stack]" in line)]
    for area in areas:
        start, end = (int(each, 16) for each in area.split("-"))
        with open("/proc/self/mem", "rb") as memory:
            memory.seek(start)
            if b"_".join((b"ghs", SECRET)) in memory.read(min(end - start, 2**26)):
                raise Escaped("the token is in the memory")
    raise LookupError(f"no token in {len(areas)} areas")


def memory_of_parent():
    read(f"/proc/{os.getppid()}/mem")


def memory_of_core():
    read(f"/proc/{core()}/mem")


def environ_of_core():
    read(f"/proc/{core()}/environ")


def trace_parent():
    if LIBC.ptrace(16, os.getppid(), 0, 0) < 0:
        raise PermissionError(ctypes.get_errno(), "ptrace")
    raise Escaped("it traces its parent")


def read_parent_directly():
    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    buffer = ctypes.create_string_buffer(64)
    local = Vector(ctypes.cast(buffer, ctypes.c_void_p), 64)
    remote = Vector(ctypes.cast(ctypes.pythonapi.Py_IncRef, ctypes.c_void_p), 64)
    one, none = ctypes.c_ulong(1), ctypes.c_ulong(0)
    system(310, os.getppid(), ctypes.byref(local), one, ctypes.byref(remote), one, none)


def descriptors_of_core():
    raise Escaped(str(os.listdir(f"/proc/{core()}/fd")))


def take_descriptor():
    handle = os.pidfd_open(os.getppid())
    system(438, handle, 3, 0)


def git_config():
    read(os.path.join(HERE, ".git/config"))


def git_config_by_link():
    read(os.path.join(HERE, "settings.ini"))


def git_config_by_git():
    asked = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", HERE, "config", "--list", "--local"],
        env={**os.environ, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"},
        capture_output=True,
        text=True,
    )
    if "s3cret" in asked.stdout:
        raise Escaped(asked.stdout)
    raise LookupError(f"git ended with {asked.returncode}")


def git_config_by_copy():
    shutil.copytree(os.path.join(HERE, ".git"), os.path.join(os.environ["TMPDIR"], "git"))
    raise Escaped("git's folder can be copied")


def git_config_by_hard_link():
    os.link(os.path.join(HERE, ".git/config"), os.path.join(OUT, "config"))
    read(os.path.join(OUT, "config"))


def git_hook():
    write(os.path.join(HERE, ".git/hooks/post-checkout"))


def event_file():
    read(PLACES["event"])


def runner_credentials():
    nothing_in(glob.glob(os.path.join(PLACES["temp"], "git-credentials-*")))


def home_of_root():
    nothing_in([os.path.join(PLACES["home"], ".netrc"), "/root/.netrc", "/root/.docker/config.json"])


# --- the runner ------------------------------------------------------------------------------------------------------


def command_file_env():
    write(PLACES["env"])


def command_file_output():
    write(PLACES["output"])


def command_file_path():
    write(PLACES["path"])


def command_file_summary():
    write(PLACES["summary"], "w")


def command_file_replaced():
    new = os.path.join(os.path.dirname(PLACES["env"]), "new")
    with open(new, "w") as file:
        file.write("LD_PRELOAD=/tmp/stolen.so\n")
    os.rename(new, PLACES["env"])
    raise Escaped("the command file was replaced")


def docker_socket():
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(PLACES["docker"])
    raise Escaped("Docker can be reached")


# --- writing ---------------------------------------------------------------------------------------------------------


def write_repository():
    write(os.path.join(HERE, "planted.py"), "w")


def write_open_folder():
    write(os.path.join(HERE, "open", "planted.py"), "w")


def write_open_file():
    write(os.path.join(HERE, "open", "victim.txt"))


def write_output_folder():
    write(os.path.join(PLACES["out"], "report.json"))


def write_artifact_of_another():
    os.makedirs(os.path.join(PLACES["out"], "models", "good"), exist_ok=True)
    write(os.path.join(PLACES["out"], "models", "good", "good.onnx"))


def write_cache():
    write(os.path.join(PLACES["cache"], "results", "planted"), "w")


def write_environment():
    import sklearn

    write(os.path.join(os.path.dirname(sklearn.__file__), "planted.py"), "w")


def write_package():
    import onnx_convert

    write(os.path.join(os.path.dirname(onnx_convert.__file__), "planted.py"), "w")


def write_job():
    write(os.path.join(FOLDER, "job.json"))


def write_beside_jobs():
    os.mkdir(os.path.join(os.path.dirname(FOLDER), "planted"))
    raise Escaped("it can make folders beside those of jobs")


def list_jobs():
    raise Escaped(str(os.listdir(os.path.dirname(FOLDER))))


def write_shared_folder():
    write("/tmp/onnx-convert-attack", "w")


def write_by_link():
    os.symlink(os.path.join(HERE, "open", "victim.txt"), os.path.join(OUT, "link"))
    write(os.path.join(OUT, "link"))


def write_by_racing_link():
    """Something checks a name and then opens it: between the two it leads elsewhere."""
    name, stop = os.path.join(OUT, "racing"), threading.Event()

    def swap():
        while not stop.is_set():
            for target in (os.path.join(OUT, "plain"), os.path.join(HERE, "open", "victim.txt")):
                os.symlink(target, name + ".new")
                os.rename(name + ".new", name)

    thread = threading.Thread(target=swap, daemon=True)
    thread.start()
    refused = 0
    for _ in range(2000):
        try:
            with open(name, "a") as file:
                if os.fstat(file.fileno()).st_ino == os.stat(os.path.join(HERE, "open", "victim.txt")).st_ino:
                    raise Escaped("the race was won")
        except PermissionError:
            refused += 1
        except FileNotFoundError:
            pass
    stop.set()
    thread.join()
    raise PermissionError(errno.EACCES, f"refused {'often' if refused else 'never'}")


def own_folder_swapped():
    os.rename(OUT, OUT + ".old")
    os.symlink(PLACES["out"], OUT)
    raise Escaped("its folder leads elsewhere")


def in_place_of_the_model(make):
    """Put something else where the exported model lies, when all else is done and told."""
    from onnx_convert.workers import protocol

    tell = protocol.write_result

    def exchange(folder, result):
        if result["ok"]:
            os.remove(os.path.join(OUT, "model.onnx"))
            make(os.path.join(OUT, "model.onnx"))
        tell(folder, result)

    protocol.write_result = exchange
    return good()


def model_is_a_link():
    """What the core takes over leads to a file that only root reads."""
    return in_place_of_the_model(lambda path: os.symlink(PLACES["shadow"], path))


def model_is_a_hard_link():
    return in_place_of_the_model(lambda path: os.link(PLACES["readable"], path))


def model_is_a_pipe():
    return in_place_of_the_model(os.mkfifo)


def model_is_a_folder():
    return in_place_of_the_model(os.mkdir)


def model_is_huge():
    def make(path):
        with open(path, "wb") as file:
            file.truncate(2**42)

    return in_place_of_the_model(make)


def model_is_all_holes():
    def make(path):
        with open(path, "wb") as file:
            file.truncate(2**31)

    return in_place_of_the_model(make)


def leaves_privileged_file():
    path = os.path.join(OUT, "suid")
    shutil.copyfile("/bin/sh", path)
    os.chmod(path, 0o6777)
    return good()


def leaves_deep_folders():
    os.chdir(OUT)
    for _ in range(2000):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(HERE)
    return good()


def leaves_many_files():
    os.mkdir(os.path.join(OUT, "many"))
    for number in range(5000):
        os.close(os.open(os.path.join(OUT, "many", str(number)), os.O_CREAT | os.O_WRONLY))
    return good()


def leaves_closed_folder():
    os.makedirs(os.path.join(OUT, "closed", "inner"))
    os.chmod(os.path.join(OUT, "closed"), 0)
    return good()


def leaves_shared_memory():
    with open("/dev/shm/onnx-convert-attack", "w") as file:
        file.write("STOLEN")
    return good()


# --- privileges ------------------------------------------------------------------------------------------------------


def become_root():
    os.setresuid(0, 0, 0)
    raise Escaped("it is root")


def become_root_by_program():
    done = subprocess.run(["su", "-c", "id -u"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.stdout.strip() == "0":
        raise Escaped("su works")
    raise PermissionError(errno.EPERM, f"su ended with {done.returncode}")


def root_by_arguments(path):
    """A path that is closed to others, among the arguments of a model."""
    if os.getuid() == 0:
        raise Escaped(f"{path} made it root")
    raise PermissionError(errno.EPERM, f"it is user {os.getuid() and 'of its own'}")


def root_by_exhaustion():
    """Takes the names by which users of jobs were leased once, so that none is left for the next job."""
    held = []
    for uid in range(60706, 61184):
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0onnx-convert-uid-{uid}")
        except OSError:
            name.close()
        held.append(name)
    locks = glob.glob("/run/onnx-convert-users/*")
    os.listdir("/run/onnx-convert-users")
    raise Escaped(f"it sees {len(locks)} locks")


def mount_over():
    if LIBC.mount(b"tmpfs", HERE.encode(), b"tmpfs", 0, None) < 0:
        raise PermissionError(ctypes.get_errno(), "mount")
    raise Escaped("it can mount")


def mount_in_own_namespace():
    if LIBC.unshare(0x10000000 | 0x00020000) < 0:
        raise PermissionError(ctypes.get_errno(), "unshare")
    if LIBC.mount(b"tmpfs", HERE.encode(), b"tmpfs", 0, None) < 0:
        raise PermissionError(ctypes.get_errno(), "mount in a namespace")
    raise Escaped("it can mount in a namespace of its own")


def change_root():
    os.chroot(OUT)
    raise Escaped("it can change the root")


def make_device():
    os.mknod(os.path.join(OUT, "disk"), 0o600 | 0o060000, os.makedev(8, 0))
    raise Escaped("it can make devices")


def raise_limits():
    import resource

    resource.setrlimit(resource.RLIMIT_NPROC, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    raise Escaped("it can raise its limits")


# --- processes -------------------------------------------------------------------------------------------------------


def leaves_daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    return good()


def leaves_deaf_daemon():
    if os.fork() == 0:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        os.setsid()
        time.sleep(600)
        os._exit(0)
    return good()


def fork_bomb():
    while True:
        try:
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
        except OSError:  # as many as there may be
            time.sleep(0.01)


def fork_bomb_that_grows():
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)


def thread_bomb():
    for _ in range(100_000):
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    raise Escaped("it has 100,000 threads")


def kill_parent():
    os.kill(os.getppid(), signal.SIGKILL)
    raise Escaped("its parent is killed")


def kill_core():
    os.kill(core(), signal.SIGKILL)
    raise Escaped("the command is killed")


def stop_parent():
    os.kill(os.getppid(), signal.SIGSTOP)
    raise Escaped("its parent is stopped")


def kill_everything():
    os.kill(-1, signal.SIGKILL)
    return good()


def hang():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(60)


# --- resources -------------------------------------------------------------------------------------------------------


def fill_memory():
    held = []
    while True:
        held.append(b"x" * 2**25)


def fill_memory_by_children():
    for _ in range(8):
        if os.fork() == 0:
            held = [b"x" * 2**25 for _ in range(8)]
            time.sleep(600)
            os._exit(len(held))
    time.sleep(600)


def fill_log():
    line = b"x" * 2**20
    for _ in range(256):
        os.write(1, line)
    return good()


def fill_events():
    for _ in range(4096):
        os.write(3, b"{" * 2**12)
    return good()


def fill_descriptors():
    held = []
    while True:
        held.append(os.open("/dev/null", os.O_RDONLY))


def fill_disk():
    with open(os.path.join(os.environ["TMPDIR"], "full"), "wb") as file:
        while True:
            file.write(b"x" * 2**20)


# --- what is printed and named ---------------------------------------------------------------------------------------


def print_commands():
    for command in ("::set-output name=conclusion::success", "::add-mask::a", "::error::planted", "##[group]planted"):
        print(command, flush=True)
        print("\n\r" + command, file=sys.stderr, flush=True)
    return good()


def print_stop_commands():
    print("::stop-commands::planted", flush=True)
    return good()


def print_escapes():
    print("\x1b]0;planted\x07\x1b[2J\x1b[31m\x00\u202e planted", flush=True)
    return good()


def raise_commands():
    raise ValueError("\n::error file=planted::x\r\n::add-mask::s\n##[error]planted")


def raise_markup():
    raise ValueError("</details></table><script>alert(1)</script> @everyone ![x](http://planted) | [y](javascript:z)")


def raise_much():
    raise ValueError("x" * 2**24)


# --- planted files ---------------------------------------------------------------------------------------------------


def of_the_environment(name):
    module = __import__(name)
    place = getattr(module, "__file__", None) or ""
    if place.startswith(HERE):
        raise Escaped(f"{name} is the repository's")
    raise LookupError(f"{name} is not the repository's")


def planted_numpy():
    of_the_environment("numpy")


def planted_onnx():
    of_the_environment("onnx")


def planted_json():
    of_the_environment("json")


def planted_onnx_convert():
    of_the_environment("onnx_convert")


def planted_sitecustomize():
    loaded = {"sitecustomize", "usercustomize"} & set(sys.modules)
    if any((getattr(sys.modules[name], "__file__", None) or "").startswith(HERE) for name in loaded):
        raise Escaped(str(loaded))
    raise LookupError("the interpreter loaded no customisation of the repository")


def planted_pth():
    if "planted_by_pth" in sys.modules:
        raise Escaped("a .pth was read")
    raise LookupError("no .pth of the repository was read")


def planted_conftest():
    if "conftest" in sys.modules:
        raise Escaped("conftest was loaded")
    raise LookupError("no conftest was loaded")


def planted_in_next_home():
    """A file that the next job's interpreter would run, in the home and the temporary folder of this one."""
    site = os.path.join(os.environ["HOME"], ".local/lib/python3.11/site-packages")
    os.makedirs(site)
    with open(os.path.join(site, "usercustomize.py"), "w") as file:
        file.write("raise SystemExit('planted')\n")
    return good()


def planted_by_requirements():
    """A package that is called as the framework is, which a process of root would import."""
    of_the_environment("sklearn")


def variables_of_python():
    found = [name for name in os.environ if name.startswith(("PYTHON", "LD_")) and name != "PYTHONHASHSEED"]
    if set(found) - {"LD_LIBRARY_PATH"}:
        raise Escaped(str(found))
    raise LookupError("no variable of Python or the loader")


# --- lies ------------------------------------------------------------------------------------------------------------


def plant_result(text=None):
    lie = {"ok": True, "result": {"versions": {}, "cases": [], "inputs": [], "outputs": []}, "notes": [], "reads": []}
    with open(os.path.join(OUT, "result.json"), "w") as file:
        file.write(json.dumps(lie) if text is None else text)


def lie_with(text):
    plant_result(text)
    os._exit(0)


def lie_without_model():
    lie_with(None)


def lie_in_numbers():
    lie_with('{"ok": true, "result": {"versions": "all", "cases": -1, "seconds": 1e999}, "notes": [], "reads": []}')


def lie_that_nests():
    lie_with('{"ok": true, "result": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}")


def lie_that_is_long():
    lie_with('{"ok": true, "result": {"a": "' + "x" * 2**24 + '"}}')


def lie_that_is_a_link():
    os.symlink(PLACES["shadow"], os.path.join(OUT, "result.json"))
    os._exit(0)


def lie_that_is_a_pipe():
    os.mkfifo(os.path.join(OUT, "result.json"))
    os._exit(0)


def lie_about_reads():
    lie_with('{"ok": true, "result": {}, "notes": [], "reads": ["../../etc/passwd"]}')


def lie_about_codes():
    lie_with('{"ok": true, "result": {}, "reads": [], "notes": [{"code": "OCA999", "message": "@everyone"}]}')


def lie_about_the_end():
    lie_with('{"ok": false, "error": {"code": "OCA200", "type": "x", "message": "::error::|</details>"}}')
