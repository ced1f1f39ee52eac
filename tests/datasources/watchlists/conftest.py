import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_lists() -> Path:
    """The official lists, where this machine has them."""
    beside = Path(__file__).parents[3].parent / "shared" / "watchlists"
    directory = Path(os.environ.get("PORTICO_WATCHLIST_DIR") or beside)
    if not directory.is_dir():
        pytest.skip("no official lists here: set PORTICO_WATCHLIST_DIR")
    return directory
