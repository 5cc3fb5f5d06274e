"""How many threads TensorFlow may use."""

from __future__ import annotations

import os

import tensorflow as tf

from onnx_convert.workers.original.failures import shorten
from onnx_convert.workers.protocol import WorkerError

MOST = 16
"""Threads of one pool, where nobody asks for a number. TensorFlow makes several pools of one thread a core, and a job
may have 256 tasks: on a machine of 64 cores it would not start."""


def limit(threads: int | None) -> None:
    """Use `threads` for one operation, and the operations one after the other, which is how models are measured.

    It has to be called before anything runs: TensorFlow makes its pools only once.
    """
    cores = len(os.sched_getaffinity(0))
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads or min(cores, MOST))
        tf.config.threading.set_inter_op_parallelism_threads(1 if threads else min(cores, MOST))
    except RuntimeError as error:
        raise WorkerError("OCA200", f"TensorFlow was running before its worker: {shorten(str(error))}") from error
