"""The local inbox as a page, where no mail server is named: what licences were sent, and to whom.

Its address holds a secret that `serve` prints, as messages carry licences of every partner.
"""

import hmac
from html import escape
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from datasources.mail.inbox import Inbox, Mail, inbox_key
from datasources.settings import Settings

_PAGE = Template((Path(__file__).parent / "static" / "inbox.html").read_text())
_HEADERS = {
    # Messages carry their own style; they are framed without scripts, forms or anything from elsewhere.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_MOST = 100


def inbox_routes(settings: Settings) -> list[BaseRoute]:
    """The list of messages, each message, and its attachments."""
    inbox, key = Inbox(settings.inbox), inbox_key(settings)

    async def page(request: Request) -> Response:
        path = request.path_params
        if not hmac.compare_digest(path["key"].encode(), key.encode()):
            return Response(status_code=404)
        name = path.get("name")
        if name is None:
            return _html("Inbox", _list(inbox.newest(_MOST)))
        mail = inbox.named(name)
        if mail is None:
            return Response(status_code=404)
        file = path.get("file")
        return _html(mail.subject, _message(mail)) if file is None else _part(mail, file)

    return [
        Route("/inbox/{key}/", page, methods=["GET"]),
        Route("/inbox/{key}/{name}/", page, methods=["GET"]),
        Route("/inbox/{key}/{name}/{file}", page, methods=["GET"]),
    ]


def _html(title: str, body: str) -> Response:
    return HTMLResponse(_PAGE.substitute(title=escape(title), body=body), headers=_HEADERS)


def _list(mails: list[Mail]) -> str:
    rows = "".join(
        f"<tr><td>{mail.at:%Y-%m-%d %H:%M}</td><td>{escape(mail.recipient)}</td>"
        f'<td><a href="{escape(mail.name)}/">{escape(mail.subject)}</a></td></tr>'
        for mail in mails
    )
    return f"<table>{rows}</table>" if rows else "<p>Nothing was sent yet.</p>"


def _message(mail: Mail) -> str:
    files = " ".join(f'<a href="{escape(name)}" download>{escape(name)}</a>' for name in mail.attachments)
    return (
        f'<p><a href="../">Inbox</a></p><dl><dt>From</dt><dd>{escape(str(mail.message["From"]))}</dd>'
        f"<dt>To</dt><dd>{escape(mail.recipient)}</dd><dt>Sent</dt><dd>{mail.at:%Y-%m-%d %H:%M} UTC</dd>"
        f"<dt>Attached</dt><dd>{files}</dd></dl>"
        '<iframe sandbox src="message.html" title="The message"></iframe>'
        f"<pre>{escape(mail.body('plain'))}</pre>"
    )


def _part(mail: Mail, file: str) -> Response:
    if file == "message.html":
        return HTMLResponse(mail.body("html"), headers=_HEADERS)
    content = mail.attachment(file)
    if content is None:
        return Response(status_code=404)
    kept = {"Content-Disposition": "attachment"}
    return Response(content, media_type="application/octet-stream", headers=_HEADERS | kept)
