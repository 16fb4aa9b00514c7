"""The cells that are run: ours, and what one would write by hand."""

import json

KEY = "sk-ant-api03-a-key-for-benchmarks-0123456789"
WORDS = "What is a p-value?"
LOAD = "%load_ext claude_magic"
IMPORT = "import httpx"
ASK = f"%%claude\n{WORDS}"
ASK_ONCE = f"%%claude --once\n{WORDS}"
_BODY = {
    "model": "claude-opus-4-6",
    "max_tokens": 128_000,
    "messages": [{"role": "user", "content": WORDS}],
    "stream": True,
}
_OPEN = f"""with client.stream("POST", "/v1/messages", json={json.dumps(_BODY)}) as response:
""".replace("true", "True")


def timed(statement: str) -> str:
    """Return a cell that prints how many seconds `statement` took."""
    return f"import time\n_began = time.perf_counter()\n{statement}\n" + (
        "print(time.perf_counter() - _began)"
    )


def connect(url: str, *, verify: bool = True) -> str:
    """Return the lines that make an httpx client, with certificates loaded as it does by itself."""
    headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
    more = "" if verify else ", verify=False"
    return f"client = httpx.Client(base_url={url!r}, headers={headers}, timeout=600{more})\n"


POST = _OPEN + "    for line in response.iter_lines(): pass"
READ_BYTES = _OPEN + "    for chunk in response.iter_bytes(): pass"
READ_TEXT = (
    """import json
from IPython.display import Markdown, display
pieces = []
"""
    + _OPEN
    + """    for line in response.iter_lines():
        if line.startswith("data: "):
            event = json.loads(line[6:])
            if event["type"] == "content_block_delta":
                pieces.append(event["delta"]["text"])
display(Markdown("".join(pieces)))"""
)
# As safe as a few lines get it: the library's HTML, without colours, formulas or care for pictures.
READ_SAFELY = READ_TEXT.replace(
    "Markdown, display", "HTML, display\nfrom markdown_it import MarkdownIt"
).replace(
    """display(Markdown("".join(pieces)))""",
    """parser = MarkdownIt("commonmark", {"html": False}).enable("table")
display(HTML(parser.render("".join(pieces))))""",
)
SHOW_FIRST = READ_TEXT.replace(
    """                pieces.append(event["delta"]["text"])
display(Markdown("".join(pieces)))""",
    """                if not pieces:
                    display(event["delta"]["text"])
                pieces.append(event["delta"]["text"])""",
)
