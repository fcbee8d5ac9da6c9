"""The `tracker` command: every module here adds its commands to the one group."""

from tracker.cli import calendar, doctor, reading, run, users
from tracker.cli.base import main

__all__ = ["calendar", "doctor", "main", "reading", "run", "users"]
