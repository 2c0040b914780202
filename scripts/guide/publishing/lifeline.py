"""A process that works for another one ends with it, even if that one is killed."""

from __future__ import annotations

import os
import threading
import time

PARENT = "GUIDE_PARENT"
"""Environment variable that says for which process a program was started."""
_INTERVAL = 0.2


def end_with_parent() -> None:
    """End this process as soon as the one named by the environment is no longer its parent."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(_INTERVAL)
        os._exit(1)  # from a thread, nothing else ends the process

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
