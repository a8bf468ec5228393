"""Runs a command in a process group of its own, and ends the whole group when standard input closes.

The test binary holds the other end of standard input. However it ends, by a panic or a kill, the operating system
closes that end, and nothing that it started stays behind.

    supervise.py <program> <arguments...>
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)

    def end_with_the_harness() -> None:
        os.read(0, 1)
        end(command.pid)

    threading.Thread(target=end_with_the_harness, daemon=True).start()
    status = command.wait()
    end(command.pid)
    return status if status >= 0 else 128 - status


def end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


if __name__ == "__main__":
    sys.exit(main())
