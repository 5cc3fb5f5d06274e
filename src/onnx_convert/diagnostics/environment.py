"""OCA0xx: the environments models run in, the fence around them, and how a worker's process can end."""

from onnx_convert.diagnostics.entry import Entry

_NOT_THE_MODEL = (
    "If the model does not do this itself, a library that it uses does: the row's log holds what was printed last."
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA001",
        title="the environment could not be built",
        severity="error",
        hint="check the network and the package index that pip is configured for, then run it again",
        cause="Each framework runs in an environment of its own, which is built from a locked list of packages when it "
        "is first needed. The installer failed: its last lines are in the message.",
        remedy="Check that the package index can be reached. pip's configuration (index-url, extra-index-url, "
        "find-links, cert) and environment variables are used, and uv's own `UV_*` variables before them. "
        "`onnx-convert env build FRAMEWORK` repeats the step by itself.",
    ),
    Entry(
        code="OCA002",
        title="no usable Python interpreter",
        severity="error",
        hint="install Python 3.11 or newer where every user can run it, for example /usr/bin/python3.11",
        cause="An environment needs an interpreter of version 3.11 or newer. Where onnx-convert runs as root, model "
        "code becomes another user, who has to be able to run that interpreter: one below /root cannot be.",
        remedy="Install Python system-wide, or start onnx-convert with an interpreter that other users can reach.",
    ),
    Entry(
        code="OCA003",
        title="a model's requirements do not fit its framework's environment",
        severity="error",
        hint="loosen the pins in the model's requirements file that the message names",
        cause="A model's `requirements` are layered on the locked environment of its framework. They ask for a version "
        "of a package other than the one that is locked there, or for a package that does not exist.",
        remedy="Leave out what the environment holds already (`onnx-convert env list` shows it), or widen the range. "
        "A package that truly needs another version of the framework cannot be converted by this release.",
    ),
    Entry(
        code="OCA004",
        title="PyTorch came as a CUDA build",
        severity="error",
        hint="point pip's find-links at a CPU wheel of PyTorch, or let download.pytorch.org be reached",
        cause="Environments hold the CPU build of PyTorch; the CUDA build is gigabytes more. The package index in use "
        "gave a CUDA build under the same version.",
        remedy="Allow https://download.pytorch.org/whl/cpu, or set find-links to a folder with the CPU wheel.",
    ),
    Entry(
        code="OCA005",
        title="the environment could not be loaded",
        severity="error",
        hint="rebuild it with `onnx-convert env build`; for a model's own requirements, check that they import",
        cause="The environment is complete, but importing its framework failed. A system library may be missing, or a "
        "package that a model's `requirements` brought breaks the framework.",
        remedy="Read the traceback in the row's log. Remove the environment's folder (`onnx-convert env list` shows "
        "it) to have it built anew.",
    ),
    Entry(
        code="OCA006",
        title="the folder for environments cannot be written",
        severity="error",
        hint="set ONNX_CONVERT_CACHE to a folder that can be written and has space",
        cause="Environments are kept in $ONNX_CONVERT_CACHE, else in $XDG_CACHE_HOME/onnx-convert, else in "
        "~/.cache/onnx-convert; as root in /var/cache/onnx-convert. That folder is not writable or is full.",
        remedy="Set ONNX_CONVERT_CACHE to another folder, or make room. PyTorch needs about 1 GB.",
    ),
    Entry(
        code="OCA010",
        title="model code runs as the same user",
        severity="warning",
        hint="run onnx-convert as root in a container, with the repository readable for other users",
        cause="Model code is fenced by running it as another user, which only root can arrange, and which needs the "
        "interpreter, the package, the working folder and the repository to be readable for other users. Without "
        "that, it still has its own process, environment and limits, but could read and end what the same user owns.",
        remedy="Use the container, or mend what the message names. Where all models are your own, this is fine.",
    ),
    Entry(
        code="OCA020",
        title="the process crashed",
        severity="error",
        hint="the Python stack at the moment of the crash is in models/NAME/log.txt",
        cause="A signal ended the process: native code, of the model, of its framework or of the converter, did "
        "something that is not allowed. SIGSEGV and SIGBUS are invalid memory accesses, SIGABRT a failed internal "
        "check, SIGILL an instruction that this processor does not have.",
        remedy="Look at the stack in the log for the call that crashed. If it is in the exporter, try the other one "
        f"(`exporter`); if in the simplifier, `simplify = false`. {_NOT_THE_MODEL}",
    ),
    Entry(
        code="OCA021",
        title="the process ended itself",
        severity="error",
        hint="remove the call of sys.exit or os._exit that runs when the model is loaded or called",
        cause="The model's code, or a library it uses, called sys.exit() or os._exit() before the job was done.",
        remedy=f"Keep command-line code below `if __name__ == '__main__':`. {_NOT_THE_MODEL}",
    ),
    Entry(
        code="OCA022",
        title="the time limit was reached",
        severity="error",
        hint='set a longer `timeout` for this model (such as timeout = "30m"), or try smaller `dims`',
        cause="One stage of one model ran longer than its `timeout`, 15 minutes unless set. It was ended.",
        remedy="If the stage is merely slow, raise `timeout`, or lower the sizes in `dims` or the number of samples. "
        "If it hangs, the log may show where: look for input(), locks, downloads and endless loops.",
    ),
    Entry(
        code="OCA023",
        title="memory ran out",
        severity="error",
        hint="raise `memory`, use smaller `dims`, or a machine with more memory",
        cause="The processes of one stage together needed more memory than `memory` allows, or than the machine has.",
        remedy="Raise or remove the model's `memory`; lower the sizes in `dims` and the number of samples.",
    ),
    Entry(
        code="OCA024",
        title="too many processes",
        severity="error",
        hint="switch off worker processes (num_workers, n_jobs) in the model's code",
        cause="The model's code started more processes than a stage may have, and all were ended.",
        remedy=f"Load data and fit estimators outside of what the spec names as `source`. {_NOT_THE_MODEL}",
    ),
    Entry(
        code="OCA025",
        title="the result file is not valid",
        severity="error",
        hint="the model's code must not write to the folder of its job, nor end the process before the job is done",
        cause="A worker ends by writing one result file of a fixed form. It is missing, not a regular file, too "
        "large, or not of that form, although the process ended as if it had succeeded. Ordinary models cannot cause "
        "this; code that calls os._exit(0) or writes the file itself does.",
        remedy="Look for such code in the model and what it imports.",
    ),
    Entry(
        code="OCA026",
        title="processes were left behind",
        severity="warning",
        hint="end or join the processes that the model's code starts",
        cause="When the stage was done, processes that it had started were still running. They were ended.",
        remedy="Join pools and data loaders. Nothing is wrong with the result.",
    ),
    Entry(
        code="OCA027",
        title="the output was cut",
        severity="note",
        hint="print less while the model is loaded and called",
        cause="The stage printed more than is kept. The beginning and the end are in the log; the middle is not.",
        remedy="Lower the verbosity. Nothing is wrong with the result.",
    ),
    Entry(
        code="OCA028",
        title="the process could not be started or was lost",
        severity="error",
        hint="free disk space and memory and run it again; if only this model does it, its code kills processes",
        cause="A stage's process could not be started (no space, no memory, too many processes), or the process that "
        "watches over it was killed, which model code can do only where it runs as the same user (OCA010).",
        remedy="Check the machine's disk and memory. Run as root in the container, where model code cannot kill it.",
    ),
    Entry(
        code="OCA029",
        title="the run was broken off",
        severity="error",
        hint="run it again: what was finished is kept",
        cause="The run was interrupted, by Ctrl-C or by the job being cancelled, while this model was worked on.",
        remedy="Run it again. Models that were finished are not converted anew.",
    ),
    Entry(
        code="OCA030",
        title="an exception was raised",
        severity="error",
        hint="the traceback is in models/NAME/log.txt",
        cause="The model's code, or a library it uses, raised an exception that ended the stage.",
        remedy="Read the traceback in the row's log. The message names the innermost line of the repository in it.",
    ),
    Entry(
        code="OCA031",
        title="there was no other user for the model's code",
        severity="error",
        hint="end other runs of onnx-convert on this machine, and look for processes of users 60706 to 61183",
        cause="Where onnx-convert runs as root, each stage becomes a user of its own. All user ids for that are taken: "
        "by other runs, or by processes that something left. Model code is never run as root instead.",
        remedy="End what holds them. `ps -eo uid,pid,args` shows it.",
    ),
    Entry(
        code="OCA032",
        title="the kernel has no Landlock",
        severity="note",
        hint="use a kernel from 5.13 on that has Landlock switched on (`lsm=landlock,...`), as GitHub's runners do",
        cause="Landlock is what confines model code to its own folders, whatever the permissions of others are, and "
        "keeps it from git's folder and the runner's files. This kernel, or the container engine, does not offer it.",
        remedy="Permissions still hold: model code, as another user, can write only what every user can, and read what "
        "every user can. In the action git's folder and the runner's files are closed to other users all the same.",
    ),
    Entry(
        code="OCA033",
        title="the disk was full",
        severity="error",
        hint="make room where temporary files go (TMPDIR), or look for what the model writes there",
        cause="There was no space left for what the stage writes, not even for its result. What it had written is "
        "removed with its folder.",
        remedy="If models that ran beside it failed too, one of them filled the disk: run them with `--jobs 1` to see "
        "which. Else the machine has too little space for this model.",
    ),
)
