"""The page at the root: a place to paste a token and a query."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_PAGE = (Path(__file__).parent / "page.html").read_text()


async def page(_request: Request) -> Response:
    return HTMLResponse(_PAGE)
