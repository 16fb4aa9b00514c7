"""What to do about an error that the API names by a code (Messages API, error codes).

A key that ends in `*` stands for all codes that begin so.
"""

from collections.abc import Mapping

_RESET = "begin anew with `%claude reset`."
_CODES: Mapping[str, str] = {
    "image_dimensions_too_large": "Make the pictures smaller, or send fewer at once.",
    "available_tools_limit_exceeded": f"Offer fewer tools, or {_RESET}",
    "tool_name_conflict": "Two tools have one name: rename one or leave it out.",
    "tool_reference_unresolved": "The conversation names a tool this request does not offer: offer "
    f"it again, or {_RESET}",
    "request_body_encoding_invalid": "Something on the way damaged the request: check the gateway "
    "or proxy in ANTHROPIC_BASE_URL.",
    "request_body_encoding_unsupported": "The server cannot unpack this content-encoding: take it "
    "out of ANTHROPIC_CUSTOM_HEADERS or the gateway.",
    "request_body_timeout": "Sending took too long: run the cell again, or send less.",
    "request_body_too_large_after_decoding": "Send less: leave out pictures or documents, or "
    f"{_RESET} A request has at most 32 MB.",
    "unsupported_charset": "Send UTF-8: take the charset out of ANTHROPIC_CUSTOM_HEADERS or the "
    "gateway.",
    "organization_on_hold": "The organization is on hold; its administrator can appeal.",
    "organization_not_enrolled_in_beta": "Your organization is not enrolled in this beta: leave "
    "the option out, or ask for access.",
    "compaction_nothing_to_summarize": "The conversation is too short to be summarized.",
    "compaction_unavailable": "Summarizing failed for a moment: run the cell again.",
    "compaction_*": f"The summary no longer fits this conversation: {_RESET}",
    "thread_continue_in_flight": "Another request still continues this thread: wait for it, then "
    "run the cell again.",
    "thread_*": f"The server no longer holds this thread: {_RESET}",
    "skill_read_blocked_undecryptable": "The workspace cannot decrypt this skill: leave it out, or "
    "ask the administrator to restore the encryption key.",
    "ramp_limit_exceeded": "Your use grows faster than is allowed: wait a few minutes and ask at a "
    "steadier pace.",
    "enforced_spend_limit_reached": "This month's spend limit is reached: raise it, or wait for "
    "the next month.",
    "contract_spend_limit_reached": "The spend limit of your contract is reached: ask whoever "
    "manages the contract.",
    "linked_organization_*": "The organization billed through the user profile cannot be billed "
    "now: ask it to check its credit and its account.",
    "user_profile_required": "Name the profile to bill: `anthropic-user-profile-id: …` in "
    "ANTHROPIC_CUSTOM_HEADERS.",
    "user_profile_*": "Check `anthropic-user-profile-id` in ANTHROPIC_CUSTOM_HEADERS, and that its "
    "customer allows you to bill them.",
    "cmek_key_disabled": "The workspace's encryption key is disabled: ask its administrator to "
    "enable it, then run the cell again.",
    "cmek_*": "The workspace's encryption key cannot be used now: run the cell again in a few "
    "minutes; if it stays so, ask the administrator.",
}


def hint_for(code: str) -> str:
    """Return what to do about `code`, or "" for one that is not known.

    >>> hint_for("compaction_signature_invalid")
    'The summary no longer fits this conversation: begin anew with `%claude reset`.'
    """
    if code in _CODES:
        return _CODES[code]
    families = (key for key in _CODES if key.endswith("*") and code.startswith(key[:-1]))
    return _CODES[family] if (family := next(families, "")) else ""
