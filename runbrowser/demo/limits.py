"""What Apache and PHP's framework refuse about a URL before any code of the API is reached."""

import re
from urllib.parse import unquote_to_bytes

from .v1.reply import APACHE_HTML, HTML, Reply

# Apache reads no longer request line; document root plus path must fit in a path of the system.
LONGEST_REQUEST_TARGET = 8190
LONGEST_PATH = 4064

_ALLOWED = re.compile(rb"[a-zA-Z0-9~%.:_(),/-]*\Z")

_APACHE_PAGE = (
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n'
    "<html><head>\n<title>{title}</title>\n</head><body>\n<h1>{heading}</h1>\n"
    "<p>{text}</p>\n</body></html>\n"
)

# Only the sentence is the framework's: its style sheet is not ours to ship.
_DISALLOWED = b"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
\t<div id="container">
\t\t<h1>An Error Was Encountered</h1>
\t\t<p>The URI you submitted has disallowed characters.</p>\t</div>
</body>
</html>"""


def _apache(status: int, title: str, heading: str, text: str) -> Reply:
    page = _APACHE_PAGE.format(title=f"{status} {title}", heading=heading, text=text)
    return Reply(status, APACHE_HTML, page.encode(), from_php=False)


def refusal(raw_path: bytes, query: bytes) -> Reply | None:
    """The page a URL is refused with, or None when it is let through.

    raw_path: percent-encoded as it came, without the query.
    """
    if len(raw_path) + len(query) > LONGEST_REQUEST_TARGET:
        return _apache(
            414, "Request-URI Too Long", "Request-URI Too Long",
            "The requested URL's length exceeds the capacity\nlimit for this server.<br />\n",
        )  # fmt: skip
    if b"%2f" in raw_path.lower() or b"%00" in raw_path:
        return _apache(
            404, "Not Found", "Not Found", "The requested URL was not found on this server."
        )
    if len(unquote_to_bytes(raw_path)) > LONGEST_PATH:
        return _apache(
            403, "Forbidden", "Forbidden", "You don't have permission to access this resource."
        )
    if not _ALLOWED.match(raw_path):
        return Reply(400, HTML, _DISALLOWED, {"connection": "close"})
    return None


NOT_FOUND_PAGE = Reply(
    200,
    HTML,
    b'<!DOCTYPE html>\n<html lang="en">\n<head>\n<title>Page Not Found</title>\n</head>\n<body>\n'
    b"<h1>Page Not Found</h1>\n<p>The page you asked for is not here.</p>\n</body>\n</html>\n",
)

# A file that is gone, in PHP's own page.
GONE_PAGE = Reply(
    404,
    HTML,
    b"<!doctype html><html><head><title>Page Not Found :(</title></head><body></body></html>",
)

# The words of nginx, which stands before openml.org and waits a minute for an answer.
GATEWAY_TIMEOUT_PAGE = Reply(
    504,
    "text/html",
    b"<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n"
    b"<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>nginx</center>\r\n"
    b"</body>\r\n</html>\r\n",
    from_php=False,
)
