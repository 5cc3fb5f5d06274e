"""``python -m tests.github_stand_in --port 8080 --host 0.0.0.0 --state state.json``: until it is interrupted."""

import argparse
import signal
import sys
from pathlib import Path

from .stand_in import StandIn


def main() -> int:
    """Serves; 1 if anything was not as GitHub describes it."""
    parser = argparse.ArgumentParser(prog="python -m tests.github_stand_in", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--blob-port", type=int, default=0)
    parser.add_argument("--repository", default="octo-org/models", metavar="OWNER/NAME")
    parser.add_argument("--state", type=Path, metavar="FILE", help="where to begin, and to keep what is there")
    call = parser.parse_args()
    asked = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, asked)
    with StandIn(call.host, call.port, call.blob_port, repository=call.repository, state_file=call.state) as running:
        print(running.api_url, flush=True)
        if not running.state.identities:
            print(running.token(), flush=True)
        signal.sigwait(asked)
    for violation in running.violations:
        print(violation, file=sys.stderr)
    return 1 if running.violations else 0


if __name__ == "__main__":
    sys.exit(main())
