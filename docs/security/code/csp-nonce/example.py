"""Inject scripts into a comment page: raw, escaped, encoded by context, with CSP."""

import base64
import hashlib
import html
import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

TAG = re.compile(r"""<([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""")
ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")


@dataclass(frozen=True)
class Comment:
    """Each field goes into a context of its own."""

    text: str = "hello"  # between tags
    author: str = "ada"  # in a quoted attribute
    home: str = "https://ada.test/"  # in a URL
    mood: str = "fine"  # in JSON inside a script


def page(text: str, author: str, home: str, data: str, nonce: str) -> str:
    return f"""<!doctype html>
<html lang="en"><title>Comments</title>
<p title="{author}">{text}</p>
<a href="{home}">Home</a>
<script nonce="{nonce}">const comment = {data};</script>
</html>"""


def new_nonce(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    return base64.urlsafe_b64encode(random(16)).rstrip(b"=").decode()


# --8<-- [start:show]
def safe_url(url: str) -> str:
    """Encoding cannot help here: javascript:alert(1) has nothing to encode."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:  # "http://[" must not break the page
        return "#"
    return url if scheme in ("http", "https") else "#"  # relative: refused


def script_json(value: object) -> str:
    """No < at all, so neither </script> nor <!-- can end the element."""
    return json.dumps(value).replace("<", "\\u003c")


def render(comment: Comment, nonce: str) -> str:
    return page(
        text=html.escape(comment.text),
        author=html.escape(comment.author),  # also quotes, and the template quotes
        home=html.escape(safe_url(comment.home)),
        data=script_json({"mood": comment.mood}),
        nonce=nonce,
    )


def page_headers(nonce: str) -> dict[str, str]:
    csp = f"script-src 'nonce-{nonce}'; object-src 'none'; base-uri 'none'"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"{csp}; form-action 'self'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",  # a stored page would repeat its nonce
    }


# --8<-- [end:show]
def api_headers() -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


@dataclass(frozen=True)
class Script:
    """Something a browser would run: an element, a handler or a javascript: URL."""

    code: str
    nonce: str | None = None


def find_scripts(document: str) -> Iterator[Script]:
    """Enough of an HTML parser for this page."""
    position = 0
    while match := TAG.search(document, position):
        position = match.end()
        found = ATTRIBUTE.findall(match[2])
        attributes = {a[0].lower(): html.unescape(a[1] or a[2] or a[3]) for a in found}
        if match[1].lower() == "script":
            end = document.lower().find("</script", position)
            end = len(document) if end < 0 else end
            yield Script(document[position:end], attributes.get("nonce", ""))
            position = end
        for name, value in attributes.items():
            if name.startswith("on"):
                yield Script(value)
            if name == "href" and value.strip().lower().startswith("javascript:"):
                yield Script(value.strip()[len("javascript:") :])


def is_allowed(script: Script, policy: str) -> bool:
    """The browser's half: script-src for inline code, as in CSP Level 3."""
    directives = (part.split() for part in policy.split(";") if part.strip())
    sources = {name: values for name, *values in directives}
    allowed = sources.get("script-src", sources.get("default-src"))
    if allowed is None:
        return True
    if any(source.startswith("'nonce-") for source in allowed):
        return f"'nonce-{script.nonce}'" in allowed  # 'unsafe-inline' is ignored
    return "'unsafe-inline'" in allowed


def verdict(document: str, policy: str, code: str = "alert(1)") -> str:
    found = [s for s in find_scripts(document) if s.code.startswith(code)]
    if not found:
        return "inert"
    return "runs" if any(is_allowed(s, policy) for s in found) else "blocked"


def render_raw(comment: Comment, nonce: str) -> str:
    fields = {k: v for k, v in asdict(comment).items() if k != "mood"}
    return page(**fields, data=json.dumps({"mood": comment.mood}), nonce=nonce)


def render_escaped(comment: Comment, nonce: str) -> str:
    """One function for all contexts, the usual mistake."""
    safe = Comment(**{k: html.escape(v) for k, v in asdict(comment).items()})
    return render_raw(safe, nonce)


def is_intact(document: str, mood: str) -> str:
    code = next(s.code for s in find_scripts(document) if s.nonce)
    data = json.loads(code.removeprefix("const comment = ").removesuffix(";"))
    return "intact" if data["mood"] == mood else "damaged"


def counted() -> Callable[[int], bytes]:
    """Repeatable bytes for a test."""
    calls = iter(range(1, 1000))
    return lambda size: hashlib.sha256(f"sample {next(calls)}".encode()).digest()[:size]


def row(label: str, *cells: str) -> None:
    print((f"  {label:32}" + "".join(f"{cell:9}" for cell in cells)).rstrip())


def main() -> None:
    random = counted()
    print("payload in a comment              raw      escaped  context  raw+CSP")
    for label, field, payload in (
        ("text: <script>", "text", "<script>alert(1)</script>"),
        ('attribute: " onfocus=', "author", '" tabindex=0 autofocus onfocus="alert(1)'),
        ("URL: javascript:", "home", "javascript:alert(1)"),
        ("JSON: </script><script>", "mood", "</script><script>alert(1)</script>"),
    ):
        attack = replace(Comment(), **{field: payload})
        nonce = new_nonce(random)
        policy = page_headers(nonce)["Content-Security-Policy"]
        row(
            label,
            *(verdict(f(attack, nonce), "") for f in (render_raw, render_escaped)),
            verdict(render(attack, nonce), ""),
            verdict(render_raw(attack, nonce), policy),
        )
    name = replace(Comment(), mood="O'Brien <3")
    functions = (render_raw, render_escaped, render)
    row(
        "O'Brien <3 in the JSON",
        *(is_intact(f(name, "n"), name.mood) for f in functions),
    )

    print("\npolicy                            attack   own script")
    nonce = new_nonce(random)
    attack = replace(Comment(), text="<script>alert(1)</script>")
    for label, policy in (
        ("no policy", ""),
        ("script-src 'unsafe-inline'", "script-src 'self' 'unsafe-inline'"),
        ("script-src 'self'", "script-src 'self'"),
        ("nonce", page_headers(nonce)["Content-Security-Policy"]),
        ("nonce, 'unsafe-inline'", f"script-src 'nonce-{nonce}' 'unsafe-inline'"),
    ):
        document = render_raw(attack, nonce)
        row(label, verdict(document, policy), verdict(document, policy, "const"))

    print("\ninjected script with the nonce of an earlier response")
    earlier = new_nonce(random)
    stolen = replace(Comment(), text=f'<script nonce="{earlier}">alert(1)</script>')
    for label, nonce in (("the nonce never changes", earlier), ("a new nonce", "")):
        nonce = nonce or new_nonce(random)
        policy = page_headers(nonce)["Content-Security-Policy"]
        row(label, verdict(render_raw(stolen, nonce), policy))

    print("\nheaders sent                      nosniff  X-XSS    first directive")
    for label, headers in (("page", page_headers("n")), ("API", api_headers())):
        assert headers.get("X-XSS-Protection", "0") == "0"
        xss = headers.get("X-XSS-Protection", "absent")
        directive = headers["Content-Security-Policy"].split()[0]
        row(label, headers["X-Content-Type-Options"], xss, directive)


if __name__ == "__main__":
    main()
