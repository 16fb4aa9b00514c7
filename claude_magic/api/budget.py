"""What is left to spend -> how long an answer may be."""

from claude_magic.api.models import MILLION, Model
from claude_magic.content.money import dollars
from claude_magic.content.wire import Json
from claude_magic.errors import BudgetSpent

_WORTH_ASKING = 64  # tokens: an answer cut shorter by the budget helps nobody


def longest_within(left: float, body: Json, model: Model, tokens: int) -> int:
    """Return the most tokens that an answer may have: what `body` allows, held to what is left.

    `left` is in US dollars, `tokens` the input of `body`, taken to be written to the prompt cache.
    Thinking counts as output, so what is asked for it must fit as well.

    Raises
    ------
    BudgetSpent: no answer worth asking for can be paid.
    """
    price = model.price_of(tokens)
    asked: int = body["max_tokens"]
    if price is None:
        return asked
    thinking = body.get("thinking", {}).get("budget_tokens", 0)
    affordable = int((left * MILLION - tokens * price.write) / price.output)
    if affordable < min(thinking + _WORTH_ASKING, asked):
        input_cost = tokens * price.write / MILLION
        cost = dollars(thinking * price.output / MILLION)
        thought = f", thinking up to {cost}" if thinking else ""
        raise BudgetSpent(
            f"this question would pass the budget: {dollars(max(0.0, left))} is left, and its "
            f"{tokens:,} input tokens alone cost {dollars(input_cost)}{thought}.",
            hint="Ask a cheaper model (-m haiku), send less (`%claude reset`, --once), or, "
            "where the lesson lets you, raise it with `%claude budget AMOUNT`.",
        )
    return min(affordable, asked)
