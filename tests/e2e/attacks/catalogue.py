"""The attacks: what each tries, what stops it, how its row says so, and where it is still open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NO_ROOT = "without root and without Landlock (OCA032)"
NO_LANDLOCK = "without Landlock (OCA032)"
OUTSIDE = "without Landlock (OCA032), outside the action"
REFUSED = r"PermissionError|FileNotFoundError"


_CLEAN = "a clean environment: an allow-list of variables"
_OTHER = "another user, and Landlock's domain"
_GIT = "Landlock hides git's folder; in the action it is closed to other users as well"
_RUNNER = "Landlock; in the action they are closed to other users as well"
_OWN = "Landlock: only the job's own folders can be written"
_FOREIGN = "the file is root's; Landlock"
_RECLAIM = "what a job leaves is walked by descriptors; only its own regular files with one name are kept"
_PARSED = "a result is parsed as hostile data"
_TEXT = "what is printed goes to the row's log, is never parsed, and is escaped where it is shown"
_LAST = "the repository comes last in the search path, and no interpreter starts in it"
_NOTHING = "LookupError: no token"

_OPEN = {_OTHER: NO_ROOT, _GIT: OUTSIDE, _RUNNER: OUTSIDE, _OWN: NO_LANDLOCK, _FOREIGN: NO_ROOT}
"""Where what stops an attack does not hold."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: a function of repository/attack.py, or a file of that name that a model brings.

    `code` is the diagnostic of its row and `says` what its message holds; without a code the model is converted as if
    nothing were. `container` is whether it is run there, too.
    """

    name: str
    tries: str
    stopped: str
    code: str | None = "OCA200"
    says: str = REFUSED
    still_open: str = ""
    container: bool = False
    spec: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "still_open", self.still_open or _OPEN.get(self.stopped, ""))

    @property
    def symbol(self) -> str:
        """The callable of repository/attack.py."""
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Group:
    """Attacks of one kind."""

    title: str
    attacks: tuple[Attack, ...]


TOKENS = Group(
    "The token",
    (
        Attack("token-in-environment", "its variables", _CLEAN, says=_NOTHING, container=True),
        Attack(
            "token-in-first-environment", "what its process, and its parent, were started with", _CLEAN, says=_NOTHING
        ),
        Attack(
            "token-in-every-environment",
            "`/proc/PID/environ` of every process and thread",
            _OTHER,
            says=_NOTHING,
            container=True,
            still_open=NO_ROOT,
        ),
        Attack(
            "token-in-command-lines", "`/proc/PID/cmdline`", "no token is an argument", says=_NOTHING, container=True
        ),
        Attack("token-in-own-memory", "memory its process inherited", "the template never had it", says=_NOTHING),
        Attack("memory-of-parent", "`/proc/PID/mem` of what watches it", _OTHER, container=True),
        Attack("memory-of-core", "`/proc/PID/mem` of the command", _OTHER),
        Attack("environ-of-core", "the environment of the command", _OTHER, still_open=NO_ROOT),
        Attack("trace-parent", "`ptrace`", _OTHER, container=True),
        Attack("read-parent-directly", "`process_vm_readv`", _OTHER),
        Attack("descriptors-of-core", "open files of the command", _OTHER),
        Attack("take-descriptor", "`pidfd_getfd`", _OTHER, says="PermissionError|OSError"),
        Attack("git-config", "`.git/config`, where actions/checkout leaves the token", _GIT, container=True),
        Attack("git-config-by-link", "the same by a committed link", _GIT, container=True),
        Attack(
            "git-config-by-git", "the same by git", _GIT, says="LookupError: git ended|FileNotFound", container=True
        ),
        Attack("git-config-by-copy", "a copy of git's folder", _GIT, says="Error"),
        Attack("git-config-by-hard-link", "a second name for `.git/config`", _OWN, says="PermissionError|OSError"),
        Attack("git-hook", "a hook that the next step's git runs", _OWN, container=True),
        Attack("event-file", "the event, with what a workflow was told", _RUNNER, container=True),
        Attack(
            "runner-credentials",
            "`git-credentials-*` in the runner's temporary folder, where newer checkouts leave the token",
            _RUNNER,
            says="LookupError: no token in the 0 files",
        ),
        Attack("home-of-root", "`.netrc` and Docker's credentials", "homes are closed", says=_NOTHING, container=True),
    ),
)

RUNNER = Group(
    "The runner",
    (
        Attack("command-file-env", "variables of later steps: `GITHUB_ENV`", _RUNNER, container=True),
        Attack("command-file-output", "outputs of the step: `GITHUB_OUTPUT`", _RUNNER, container=True),
        Attack("command-file-path", "programs of later steps: `GITHUB_PATH`", _RUNNER, container=True),
        Attack("command-file-summary", "the job's summary", _RUNNER, container=True),
        Attack("command-file-replaced", "the same by a file of its own in its place", _RUNNER, container=True),
        Attack("docker-socket", "Docker, which is root", "the socket is closed to other users", container=True),
    ),
)

WRITES = Group(
    "Files of others",
    (
        Attack("write-repository", "a file in the repository", _FOREIGN, container=True),
        Attack("write-open-folder", "a folder there that every user may write to", _OWN, container=True),
        Attack("write-open-file", "a file there that every user may write to", _OWN, container=True),
        Attack("write-output-folder", "the report", _FOREIGN, container=True),
        Attack("write-artifact-of-another", "the artifact of another model", _FOREIGN, container=True),
        Attack("write-cache", "a result in the cache", _FOREIGN, container=True),
        Attack("write-environment", "a framework's package, which later jobs import", _FOREIGN, container=True),
        Attack("write-package", "onnx-convert itself", _FOREIGN, container=True),
        Attack("write-job", "its own job file", _FOREIGN),
        Attack("write-beside-jobs", "a folder beside those of jobs", _FOREIGN),
        Attack("list-jobs", "the names of other jobs' folders", "the folder of jobs cannot be listed"),
        Attack("write-shared-folder", "`/tmp`, for the next job to find", _OWN, container=True),
        Attack("write-by-link", "a file of others by a link", "Landlock: what a link leads to counts", container=True),
        Attack("write-by-racing-link", "the same, where the link changes as it is used", "the same"),
        Attack("own-folder-swapped", "a link in the place of its own folder", "the folder above is root's"),
        Attack("model-is-a-link", "a model that leads to `/etc/shadow`", _RECLAIM, "OCA", "missing"),
        Attack(
            "model-is-a-hard-link", "a model that is another name of a file", _OWN, "OCA", "PermissionError|missing"
        ),
        Attack("model-is-a-pipe", "a model that never ends", _RECLAIM, "OCA", "missing"),
        Attack("model-is-a-folder", "a model that is a folder", _RECLAIM, "OCA", "regular"),
        Attack("model-is-huge", "a model of 4 TB", "its size is bounded", "OCA", "at most"),
        Attack(
            "model-is-all-holes",
            "a model of 2 GB that takes no space where it lies",
            "holes stay holes",
            "OCA",
            ".",
            spec={"memory": "3GB"},
        ),
        Attack("leaves-privileged-file", "a program with the rights of its owner", _RECLAIM, None),
        Attack("leaves-deep-folders", "2,000 folders in each other", "what lies deeper than 64 is removed", None),
        Attack("leaves-many-files", "5,000 files", _RECLAIM, None),
        Attack("leaves-closed-folder", "a folder that even its owner cannot open", _RECLAIM, None),
        Attack("leaves-shared-memory", "memory that stays taken", "what its user left is removed", None),
    ),
)

PRIVILEGES = Group(
    "Privileges",
    (
        Attack("become-root", "`setresuid`", "all three ids are its own; no capabilities", container=True),
        Attack("become-root-by-program", "`su`", "`no_new_privs`", container=True, says="PermissionError"),
        Attack(
            "root-by-arguments",
            "a path closed to others among its arguments, for which onnx-convert would not change the user",
            "only paths that the core itself names are looked at",
            says="user of its own",
            container=True,
            spec={"args": {"path": "/root"}},
        ),
        Attack(
            "root-by-exhaustion",
            "every user id that jobs are given",
            "the locks are root's; without a free id nothing is started (OCA031)",
            container=True,
        ),
        Attack("mount-over", "a file system over the repository", "no capabilities", container=True),
        Attack("mount-in-own-namespace", "the same in a user namespace", "Landlock forbids mounts", container=True),
        Attack("change-root", "`chroot`", "no capabilities"),
        Attack("make-device", "a device for the disk", "no capabilities"),
        Attack("raise-limits", "`setrlimit`", "hard limits, too", says="ValueError|PermissionError"),
    ),
)

PROCESSES = Group(
    "Processes",
    (
        Attack("leaves-daemon", "a daemon", "a subreaper, and the end of all its user's processes", "OCA026", "."),
        Attack("leaves-deaf-daemon", "a daemon that hears no signal", "SIGKILL", "OCA026", ".", container=True),
        Attack(
            "fork-bomb",
            "many processes",
            "a limit of 256",
            "OCA024",
            "256 processes",
            container=True,
        ),
        Attack(
            "fork-bomb-that-grows",
            "ever more processes",
            "RLIMIT_NPROC, and the end of all",
            "OCA024",
            "256 processes",
        ),
        Attack("thread-bomb", "100,000 threads", "RLIMIT_NPROC", says="RuntimeError|Error"),
        Attack("kill-parent", "an end of what watches it", _OTHER, container=True),
        Attack("kill-core", "an end of the command", _OTHER, container=True),
        Attack("stop-parent", "a stop of what watches it", _OTHER),
        Attack("kill-everything", "an end of all processes it may end", _OTHER, None),
        Attack("hang", "a stage without an end", "`timeout`", "OCA022", "ran longer", spec={"timeout": "2s"}),
    ),
)

RESOURCES = Group(
    "Resources",
    (
        Attack(
            "fill-memory",
            "all memory",
            "`memory`; without it the kernel ends the job first",
            "OCA023",
            "needed more than",
            spec={"memory": "500MB"},
            still_open="memory that nothing maps (`/dev/shm`, `memfd_create`)",
        ),
        Attack(
            "fill-memory-by-children",
            "the same by eight processes",
            "the sum of them counts",
            "OCA023",
            "needed more than",
            spec={"memory": "700MB"},
        ),
        Attack("fill-log", "256 MB of output", "2 MB are kept, the first and the last half", "OCA027", "printed"),
        Attack("fill-events", "16 MB of progress", "lines are bounded, the last one counts", None),
        Attack("fill-descriptors", "every file descriptor", "RLIMIT_NOFILE", "OCA021", "exit code"),
        Attack(
            "fill-disk",
            "all of the disk",
            "what it wrote is removed with it; its row says that there was no space",
            code="OCA033",
            says="disk",
            still_open="rows beside it may lack the space meanwhile",
        ),
    ),
)

TEXTS = Group(
    "What is printed and named",
    (
        Attack("print-commands", "workflow commands in the log", _TEXT, None, container=True),
        Attack("print-stop-commands", "`::stop-commands::`", _TEXT, None, container=True),
        Attack("print-escapes", "escapes of terminals, controls, a change of direction", _TEXT, None),
        Attack("raise-commands", "workflow commands in an error", _TEXT, says="ValueError", container=True),
        Attack(
            "raise-markup", "markup, a script and `@everyone` in an error", _TEXT, says="ValueError", container=True
        ),
        Attack("raise-much", "an error of 16 MB", "20,000 characters of a message are kept", says="ValueError"),
    ),
)

PLANTED = Group(
    "Files that somebody else would run",
    (
        Attack("planted-numpy", "a `numpy.py` in the repository", _LAST, says="LookupError", container=True),
        Attack("planted-onnx", "an `onnx.py` in the repository", _LAST, says="LookupError"),
        Attack("planted-json", "a `json.py` in the repository", _LAST, says="LookupError", container=True),
        Attack("planted-onnx-convert", "an `onnx_convert.py` in the repository", _LAST, says="LookupError"),
        Attack("planted-sitecustomize", "`sitecustomize.py` and `usercustomize.py`", _LAST, says="LookupError"),
        Attack("planted-pth", "a `.pth` in the repository", "only an environment's own are read", says="LookupError"),
        Attack("planted-conftest", "a `conftest.py`", "nothing of ours runs pytest", says="LookupError"),
        Attack("planted-in-next-home", "a module in the home of the next job", "each job has a home of its own", None),
        Attack(
            "planted-by-requirements",
            "a package of its requirements that is called as the framework is",
            "what requirements bring is imported by the job's own process alone, and after the framework",
            says="LookupError",
            spec={"requirements": "requirements.txt"},
        ),
        Attack("variables-of-python", "`PYTHONPATH`, `LD_PRELOAD`", _CLEAN, says="LookupError", container=True),
    ),
)

LIES = Group(
    "Results that lie",
    (
        Attack("lie-without-model", "a result without a model", _PARSED, "OCA901", "."),
        Attack("lie-in-numbers", "numbers that are none", _PARSED, "OCA901", ".", container=True),
        Attack("lie-that-nests", "50,000 objects in each other", _PARSED, "OCA025", "nests too deep"),
        Attack("lie-that-is-long", "16 MB of text", _PARSED, "OCA025", "at most 8,388,608"),
        Attack("lie-that-is-a-link", "a result that leads to `/etc/shadow`", _RECLAIM, "OCA02", "."),
        Attack("lie-that-is-a-pipe", "a result that never ends", _RECLAIM, "OCA02", "."),
        Attack("lie-about-reads", "files outside the repository that it read", _PARSED, "OCA025", "outside"),
        Attack("lie-about-codes", "a diagnostic that there is not", _PARSED, "OCA025", "not a code"),
        Attack("lie-about-the-end", "markup and commands in the message of an error", _TEXT, "OCA200", "."),
    ),
)

FILES = Group(
    "Files that a model brings",
    (
        Attack(
            "external-passwd", "an ONNX file whose weights are `/etc/passwd`", "paths stay below the file", "OCA", "."
        ),
        Attack("external-parent", "weights at `../`", "the same", "OCA", "."),
        Attack("external-link", "weights behind a link that leads out of the repository", "the same", "OCA", "."),
        Attack("claims-elements", "a tensor of 2^60 elements", "the job's own process ends", "OCA", "."),
        Attack("claims-bytes", "external weights of 2^60 bytes", "the job's own process ends", "OCA", "."),
        Attack("allocates", "a graph that asks for 2^40 elements", "`memory`", "OCA", ".", spec={"memory": "1GB"}),
        Attack("deep-graph", "100,000 graphs in each other", "protobuf's own limit", "OCA", "."),
        Attack("long-graph", "a chain of 100,000 nodes", "the job's own process and `timeout`", None),
        Attack("endless-loop", "a loop of 2^62 turns", "`timeout`", "OCA022", "ran longer", spec={"timeout": "4s"}),
        Attack("not-utf8", "names that are no text", _PARSED, "OCA", "."),
        Attack("names-markup", "an output called `</details>@everyone|`", "names are escaped wherever they show", None),
        Attack("names-path", "an output called `../../planted`", "files go by position, not by name", None),
        Attack("zip-bomb", "an `.npz` of 2 GB in 2 MB", "`memory`", "OCA", ".", spec={"memory": "1GB"}),
        Attack("array-of-objects", "samples with a pickle in them", "pickles are refused", "OCA", "."),
        Attack("array-that-claims", "samples of 2^60 elements in 128 bytes", "the job's own process", "OCA", "."),
        Attack("pickle", "a model that is a pickle", "sources that run code need `trust`", "OCA115", "."),
    ),
)

GROUPS = (TOKENS, RUNNER, WRITES, PRIVILEGES, PROCESSES, RESOURCES, TEXTS, PLANTED, LIES, FILES)
ATTACKS = tuple(attack for group in GROUPS for attack in group.attacks)
