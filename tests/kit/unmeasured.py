"""A process of its own as it runs for everybody, whether branch coverage is being measured or not."""

import os


def environment() -> dict[str, str]:
    """Return the environment without what has a new process measure itself, and load modules of its own for it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
