"""Reading in a process apart (隔离读取): a malicious or broken file can cost this process neither time nor memory."""

import importlib
import json
import subprocess
import sys
import threading
from pathlib import Path

MAX_SECONDS = 120
MAX_MEMORY = 1_500 * 1024 * 1024  # bytes of address space
MAX_TEXT = 12_000_000  # characters
_AT_ONCE = threading.BoundedSemaphore(2)
_CHECKOUT = Path(__file__).resolve().parents[3]

TOO_SLOW = "文件过于复杂，读取超时。请将正文另存为纯文本（.txt）后上传，或直接粘贴正文。"
TOO_LARGE = "文件内容过大，无法读取。请拆分后分别上传，或只粘贴需要的正文。"
FAILED = "文件无法读取，可能已损坏。请用原来的软件打开后另存一份再上传，或直接粘贴正文。"


def read_apart(reader: str, data: bytes) -> tuple[str | None, str]:
    """The text a module's `text_of` makes of a file, or None and the reason, in words for the uploader.

    The reader is handed in by its module's name, since it is imported in the other process alone.
    """
    command = [sys.executable, "-m", "tracker.adapters.files.sandbox", reader]
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, by a fixed command
                command, input=data, capture_output=True, timeout=MAX_SECONDS, cwd=_CHECKOUT, check=False
            )
        except subprocess.TimeoutExpired:
            return None, TOO_SLOW
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        # Killed by its limits, or by an error nobody foresaw: SIGXCPU is 24.
        return None, TOO_SLOW if done.returncode in (-24, -9) else FAILED
    text = answer.get("text")
    return (text, "") if isinstance(text, str) else (None, str(answer.get("error") or FAILED))


def _limit() -> None:
    """Bound this process; where the platform has no such limits, the time-out of the other process remains."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, hard))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS - 20, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(reader: str, data: bytes) -> dict[str, str]:
    from tracker.adapters.files.readers import ReadError

    try:
        text = importlib.import_module(reader).text_of(data)
    except ReadError as error:
        return {"error": str(error)}
    except (MemoryError, RecursionError):
        return {"error": TOO_LARGE}
    return {"text": text} if len(text) <= MAX_TEXT else {"error": TOO_LARGE}


def _main() -> None:
    _limit()
    answer = _answer(sys.argv[1], sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    _main()
