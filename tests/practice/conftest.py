"""The practice model on loopback, and the official SDK pointed at it."""

from collections.abc import Iterator

import anthropic
import pytest

from claude_magic.practice.server import PracticeServer


@pytest.fixture(scope="session")
def server() -> Iterator[PracticeServer]:
    with PracticeServer(port=0, pace=0) as server:
        yield server


@pytest.fixture
def sdk(server: PracticeServer) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=server.url, api_key="x", max_retries=0) as client:
        yield client
