"""Claims about what a server tells of its models: it is believed, and what it leaves out is not."""

import json
from typing import Any

import pytest
from loopback import Loopback
from shell import Notebook

from claude_magic.api.catalogue import Catalogue, told
from claude_magic.api.models import MODELS, model_named


def entry(id: str, *thinking: str, **more: Any) -> dict[str, Any]:
    """A model as `GET /v1/models` lists it, with these types of thinking."""
    kinds = ("adaptive", "enabled", "disabled", "between_tools")
    types = {kind: {"supported": kind in thinking} for kind in kinds}
    capabilities = {"thinking": {"supported": True, "types": types}, **more.pop("capabilities", {})}
    return {"id": id, "type": "model", "capabilities": capabilities, **more}


def test_limits_and_capabilities_are_taken_over() -> None:
    """Of a known model too; its price is not told, so it stays."""
    opus = told(
        entry(
            "claude-opus-5-5",
            "adaptive",
            "disabled",
            max_tokens=256_000,
            max_input_tokens=2_000_000,
            retires_at="2027-05-01T00:00:00Z",
            capabilities={
                "structured_outputs": {"supported": False},
                "effort": {"supported": True, "low": {"supported": True}},
            },
        )
    )

    assert (opus.context, opus.output, opus.efforts) == (2_000_000, 256_000, ("low",))
    assert (opus.thinking, opus.structured) == (("adaptive", "disabled"), False)
    assert opus.retires == "2027-05-01"
    assert opus.price == model_named("claude-opus-5-5").price


def test_what_a_new_model_takes_follows_from_how_it_thinks() -> None:
    """As for all that are known (Models API: what to derive)."""
    for known in MODELS:
        if known.id in ("claude-mythos-preview", "claude-haiku-5-5"):  # not told, or not known
            continue
        new = told(entry(f"{known.id}-x", *known.thinking))

        assert new.known
        assert (new.prefill, new.sampling, new.sharp) == (
            *(known.prefill, known.sampling, known.sharp),
        ), known.id


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"capabilities": None, "max_tokens": None},
        {"capabilities": {"thinking": None, "effort": []}, "max_tokens": True},
        {"capabilities": {"thinking": {"types": {}}, "effort": {}}, "max_tokens": -1, "line": 7},
    ],
)
def test_what_is_not_told_stays_as_it_is_known(odd: dict[str, Any]) -> None:
    """Gateways and local servers list ids and little else."""
    assert told({"id": "claude-opus-4-6", **odd}) == model_named("claude-opus-4-6")
    assert told({"id": "llama3.2", **odd}) == model_named("llama3.2")


def test_a_short_name_is_the_newest_of_its_line() -> None:
    """By date; one on its way out is not meant, and without a list the table serves."""
    catalogue = Catalogue()
    assert catalogue.named("opus").id == "claude-opus-5-5"
    catalogue.learn(
        [
            {"id": "claude-opus-7", "line": "opus", "created_at": "2027-02-01T00:00:00Z"},
            {"id": "claude-opus-8", "line": "opus", "created_at": "2027-09-01T00:00:00Z"},
            {
                "id": "claude-opus-9",
                "line": "opus",
                "lifecycle": "deprecated",
                "created_at": "2028-01-01T00:00:00Z",
            },
            {"id": 7},
        ]
    )

    assert catalogue.named("Opus").id == "claude-opus-8"
    assert catalogue.named("haiku").id == "claude-haiku-5-5"


def test_a_model_nobody_knows_is_asked_about_once(api: Loopback, notebook: Notebook) -> None:
    """What it cannot do is then said before anything is sent."""
    new = entry("claude-opus-9", "adaptive", max_input_tokens=3_000_000, max_tokens=300_000)
    listed = {"data": [new], "has_more": False}
    api.will_serve("/v1/models", json.dumps(listed).encode())
    notebook.run("%%claude -m claude-opus-9\nHi")
    api.will_serve("/v1/models", None)

    assert api.bodies[0]["max_tokens"] == 300_000
    assert "adaptive" in notebook.fail("%%claude -m claude-opus-9 --think 2000\nHi")
    assert "--schema" in notebook.fail("%%claude -m claude-opus-9 --prefill x\nHi")
    assert len(api.requests) == 1


def test_a_model_without_structured_output_says_so(api: Loopback, notebook: Notebook) -> None:
    """With the way out."""
    notebook.shell.user_ns["POINT"] = {"type": "object", "properties": {}}
    plain = {"structured_outputs": {"supported": False}}
    listed = {"data": [entry("claude-opus-4-6", "adaptive", capabilities=plain)]}
    api.will_serve("/v1/models", json.dumps(listed).encode())
    notebook.run("%claude models")

    assert "-m opus" in notebook.fail("%%claude --schema POINT\nHi")
    assert api.requests == []
