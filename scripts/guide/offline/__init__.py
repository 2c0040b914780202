"""What stays on the reader's device: the service worker, what it installs, the pages of areas."""

from guide.offline.emit import write_offline
from guide.offline.files import KeptFile, kept_files, shell_paths, version
from guide.offline.worker import service_worker

__all__ = ["KeptFile", "kept_files", "service_worker", "shell_paths", "version", "write_offline"]
