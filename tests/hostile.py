"""Texts that would run as code, or break what reads them, if they were taken for more than text.

Wherever one of them became HTML, an element of the class `hostile` appears; wherever one runs, it
calls `hit()`; wherever one is asked for, a request goes to `hostile.example`.
"""

from __future__ import annotations

import html
from urllib.parse import quote

ELEMENTS = """\
<b class=hostile>x</b>
<img class=hostile src=x: onerror=hit()>
<svg class=hostile onload=hit()>
<svg class=hostile><script>hit()</script></svg>
<svg class=hostile><animate onbegin=hit() attributeName=x dur=1s>
<script class=hostile>hit()</script>
<script class=hostile src=//hostile.example/x.js></script>
<style class=hostile>@import "//hostile.example/x.css"</style>
<link class=hostile rel=stylesheet href=//hostile.example/x.css>
<iframe class=hostile srcdoc="<script>parent.hit()</script>"></iframe>
<iframe class=hostile src=javascript:parent.hit()></iframe>
<object class=hostile data=javascript:hit()></object>
<embed class=hostile src=//hostile.example/x>
<a class=hostile href=javascript:hit()>x</a>
<form class=hostile action=javascript:hit()><button autofocus>x</button></form>
<input class=hostile autofocus onfocus=hit()>
<details class=hostile open ontoggle=hit()>
<video class=hostile><source onerror=hit()></video>
<body class=hostile onload=hit()>
<base class=hostile href=//hostile.example/>
<meta class=hostile http-equiv=refresh content="0;url=javascript:hit()">
<template class=hostile><img src=x: onerror=hit()></template>
<math class=hostile><mtext><table><mglyph><style><img src=x: onerror=hit()></style>
<noscript><p title="</noscript><img class=hostile src=x: onerror=hit()>">
<textarea class=hostile><img title="</textarea><img src=x: onerror=hit()>">
<p id=__md_scope class=hostile><p name=config class=hostile>
""".splitlines()
_AROUND = ('">{}', "'>{}", "-->{}", "</title></textarea></script></style>{}", "]]>{}")
ATTRIBUTES = [
    'x" class="hostile" onmouseover="hit()" autofocus onfocus="hit()',
    "x' class='hostile' onmouseover='hit()' autofocus onfocus='hit()",
    "x class=hostile onmouseover=hit()",
]
ADDRESSES = [
    "javascript:hit()",
    "JaVaScRiPt:hit()",
    "\tjava\nscript:hit()",
    "\x01javascript:hit()",
    "javascript://%0ahit()",
    "data:text/html,<script>parent.hit()</script>",
    "vbscript:hit()",
    "//hostile.example/",
    "https://hostile.example/",
    "\\\\hostile.example\\",
    "../../../../..//hostile.example/",
]
CODE = [
    "${hit()}",
    "{{hit()}}",
    "{{constructor.constructor('hit()')()}}",
    "';hit();//",
    '");hit();("',
    "\u2028hit()\u2029",
    "hit()",
    "(a+)+$",
    "(((((((((((((",
    "[",
    "*",
    "\\",
    "^$.|?*+()[]{}",
]
METHODS = [
    "__proto__",
    "constructor",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "__defineGetter__",
]
"""Names that every object has."""
NAMES = [
    *METHODS,
    "prototype",
    "__proto__.polluted",
    "constructor.prototype.polluted",
    "null",
    "undefined",
    "NaN",
    "-1",
    "1e999",
]
SIGNS = [
    "",
    " ",
    "%",
    "100%",
    "%E0%A4%A",
    "%00",
    "%2e%2e%2f",
    "&#60;img class=hostile src=x: onerror=hit()&#62;",
    "&lt;img class=hostile src=x: onerror=hit()&gt;",
    "\x00",
    "\ufeff",
    "\u202e()tih\u202c",
    "\u2066\u2067\u2068\u2069",
    "\u200b\u200d\u2060",
    "e" + "\u0301" * 200,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\uffff",
    "#",
    "?q=%22&h=<",
]
HUGE = ["x" * 30_000, "<" * 5_000, "%" * 2_000, "a " * 3_000, "(" * 1_000, "é" * 5_000]

TEXTS = [
    *ELEMENTS,
    *(around.format(each) for each in ELEMENTS for around in _AROUND),
    *(html.escape(each) for each in ELEMENTS),
    *(quote(each) for each in ELEMENTS),
    *ATTRIBUTES,
    *ADDRESSES,
    *CODE,
    *NAMES,
    *SIGNS,
    *HUGE,
]

WATCH = """(() => {
    window.hits = 0
    window.hit = window.alert = window.confirm = window.prompt = () => { window.hits++ }
    const own = thing => [thing.name, ...Reflect.ownKeys(thing.prototype)].map(String).join()
    const natives = [Object, Array, String, Number, Function, Map, Set, Promise, URL]
    const before = natives.map(own)
    const found = (window.hostile = [])
    const leadsAway = value => {
        const { protocol, hostname } = new URL(value, location)
        return /^(?:javascript|vbscript|data):$/.test(protocol) || hostname === "hostile.example"
    }
    const holds = ({ name, value }) => name.startsWith("on") || name === "srcdoc"
        || (/^(?:href|src|action|formaction|data)$/.test(name) && URL.canParse(value, location)
            && leadsAway(value))
    const harmful = element =>
        element.classList?.contains("hostile") || [...element.attributes ?? []].some(holds)
    const look = node => {
        if (node.nodeType !== Node.ELEMENT_NODE) return
        for (const each of [node, ...node.querySelectorAll("*")]) {
            if (harmful(each)) found.push(each.outerHTML.slice(0, 200))
        }
    }
    new MutationObserver(records => {
        for (const { addedNodes, target, type } of records) {
            if (type === "attributes" && harmful(target)) found.push(target.outerHTML.slice(0, 200))
            addedNodes.forEach(look)
        }
    }).observe(document, { subtree: true, childList: true, attributes: true })
    window.harm = () => [
        ...found,
        ...(window.hits ? [`${window.hits} hits`] : []),
        ...(({}).polluted === undefined ? [] : ["a prototype is polluted"]),
        ...natives.map(own).filter((keys, at) => keys !== before[at]),
    ]
})()"""
"""Runs before a page's own scripts; then `harm()` lists what hostile texts have done to it."""
