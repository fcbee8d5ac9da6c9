"""Files for this account alone: the data folder 0700, what lies in it 0600, whatever the system's umask."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal")


def keep_private(folder: Path, database: Path | None = None) -> None:
    """Make the data folder where it is missing, and close it and what older versions made in it to everybody else.

    Whatever this process makes from now on is private as well.  `database` may lie elsewhere: its files are closed,
    their folder is somebody else's to rule.
    """
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    for path in _found(folder, database):
        try:
            mode = stat.S_IMODE(path.lstat().st_mode)
            if mode & 0o077:
                path.chmod(mode & 0o700)
        except FileNotFoundError:  # gone meanwhile: a mail fetched, a log checkpointed
            continue
        except PermissionError:
            # Another account's: it works for us as far as it did, but somebody must hear of it.
            logging.getLogger(__name__).warning("cannot close %s to other accounts: it is not ours", path)


def _found(folder: Path, database: Path | None) -> Iterator[Path]:
    yield folder
    for place, folders, files in os.walk(folder):  # follows no link: where one leads is not ours
        found = (Path(place, name) for name in (*folders, *files))
        yield from (path for path in found if not path.is_symlink())
    if database is not None:
        yield from (database.with_name(f"{database.name}{end}") for end in BESIDE_A_DATABASE)
