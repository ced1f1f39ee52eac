"""Programs of npm packages, run by node. Their tests skip where node or the packages cannot be had."""

import asyncio
import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).parents[2] / "node" / "clients"
PATIENCE = 100  # seconds


@cache
def missing() -> str:
    """Why the programs cannot be run, or nothing."""
    if not shutil.which("node"):
        return "there is no node"
    if not (CLIENTS / "node_modules" / "graphql-http").is_dir():
        return "npm ci has not been run in tests/node/clients"
    return ""


needs_node = pytest.mark.skipif(bool(missing()), reason=missing() or "node is there")


async def node(program: str, *arguments: str, cwd: Path = CLIENTS) -> Any:
    """What a program printed, read as JSON. Fails with its complaint."""
    code, said, complained = await run("node", str(CLIENTS / program), *arguments, cwd=cwd)
    assert code == 0, complained or said
    return json.loads(said)


async def run(
    *words: str, cwd: Path = CLIENTS, patience: float = PATIENCE, **environment: str
) -> tuple[int, str, str]:
    """How a program ended, what it said, its complaint. Raises TimeoutError after that many seconds."""
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=cwd,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(patience):
            said, complained = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, said.decode(), complained.decode()
