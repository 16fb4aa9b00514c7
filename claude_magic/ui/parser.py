"""The options of `%%claude`: the parser, which knows their help."""

from argparse import SUPPRESS, RawDescriptionHelpFormatter
from functools import partial

from IPython.core.magic_arguments import MagicArgumentParser

_ABOUT = """\
%%claude [options]
prompt

Ask Claude. The cell is the prompt; {{ expression }} in it, or in an option's value, is
evaluated first. The conversation goes on from cell to cell. A cell that is run again asks
again where its question stands: after the turns before it, and in place of the old answer;
later turns stay.
"""

PARSER = MagicArgumentParser(
    "%claude",
    usage=SUPPRESS,
    description=_ABOUT,
    formatter_class=partial(RawDescriptionHelpFormatter, max_help_position=33),
)

_add = PARSER.add_argument_group("the answer").add_argument
_add("-m", "--model", metavar="NAME", help="opus, sonnet, haiku, fable, or a full id.")
_add("-s", "--system", metavar="TEXT", help="Who Claude is and how it answers.")
_add("-n", "--max-tokens", type=int, metavar="N", help="The longest answer, in tokens.")
_add("-t", "--temperature", type=float, metavar="T", help="0 to 1, for models that take one.")
_add("--stop", action="append", metavar="TEXT", help="Stop at TEXT; repeatable.")
_add(
    "--think",
    nargs="?",
    const="on",
    metavar="adaptive|off|TOKENS",
    help="Think first; alone: as the model does best.",
)
_add("--effort", metavar="LEVEL", help="low, medium, high, xhigh or max.")
_add("--schema", metavar="EXPR", help="The answer's form: a schema or a class.")
_add("--prefill", metavar="TEXT", help="Words the answer begins with (4.5 models).")
_add("-o", "--out", metavar="NAME", help="Put the answer into the variable NAME.")
_add("--dry-run", action="store_true", help="Show the request and send nothing.")
_add("--extra", metavar="EXPR", help="More fields of the request, as a dict.")
_add("--no-cache", action="store_true", help="Do without the prompt cache.")

_add = PARSER.add_argument_group("what goes along").add_argument
_add("-i", "--image", action="append", metavar="EXPR", help="Attach a picture; repeatable.")
_add(
    *("-p", "--picture"),
    action="append",
    nargs="?",
    const="1",
    metavar="3|cell|#4",
    help="Attach the last picture displayed, the last 3, the last cell's, or one by number (#4).",
)
_add("--fetch", action="store_true", help="Fetch pictures at addresses, and send bytes.")
_add("--upload", action="store_true", help="Send pictures as files, uploaded once.")
_add("--doc", action="append", metavar="EXPR", help="Attach a PDF or text; repeatable.")
_add("--title", action="append", metavar="TEXT", help="The title of a --doc, in order.")
_add("--context", metavar="N|all", help="Send along the last N cells above, or all.")
_add("--fix", action="store_true", help="Send the last error along, with its cell.")

_add = PARSER.add_argument_group("what Claude may do").add_argument
_add("--web", action="store_true", help="Let Claude search the web and fetch pages.")
_add("--run-code", action="store_true", help="Let Claude run code on the server.")
_add("--tools", action="append", metavar="NAMES", help="Functions that Claude may call: f,g.")
_add("--python", action="store_true", help="Let Claude run Python here; asks first.")
_add("--ask", action="store_true", help="Ask before each call of a tool.")
_add("--no-ask", action="store_true", help="Do not ask before --python runs code.")
_add("--max-calls", type=int, metavar="N", help="The most calls of tools (20).")
_add("--code", action="store_true", help="Put the answer's code into the next cell.")

_add = PARSER.add_argument_group("the conversation").add_argument
_add("-c", "--conversation", metavar="NAME", help="Ask in the conversation NAME.")
_add("--branch", metavar="NAME", help="Go on from here in a conversation NAME.")
_add("--append", action="store_true", help="Ask as a new turn when run again.")
_add("--fresh", action="store_true", help="Ask, though an answer is kept.")
_add("--last", type=int, metavar="N", help="Send only the last N turns along.")
_add("--once", action="store_true", help="Ask outside the conversation.")
_add(
    "--as",
    dest="role",
    metavar="user|assistant",
    choices=["user", "assistant"],
    help="Put the cell's words into the conversation as that role's; ask nothing.",
)
