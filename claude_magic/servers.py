"""The servers that questions go to: the connection, what each lists, what stands in for them."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from claude_magic.api.catalogue import Catalogue, is_claude
from claude_magic.api.client import Client
from claude_magic.api.models import Model
from claude_magic.api.reply import OnWire
from claude_magic.server import Server, Taped, server_from
from claude_magic.settings import Settings

if TYPE_CHECKING:
    from httpx import BaseTransport

    from claude_magic.practice.files import Files as PracticeFiles
    from claude_magic.recording.playing import Around
    from claude_magic.recording.tape import Tape


class Servers:
    """Owns the connection to the server that is asked, and what servers told of their models.

    `environ` is read at each question, so that a key set in one cell serves the next. `tapes` are
    the recordings in use, which engines may share. `leaving` is called before another server, or
    none, is asked.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        tapes: "dict[Taped, Tape] | None" = None,
        leaving: Callable[[], None] = lambda: None,
    ) -> None:
        self.tape: Tape | None = None  # what is recorded or replayed
        self.tapes = {} if tapes is None else tapes
        self._environ = environ
        self._leaving = leaving
        self._client: Client | None = None
        self._practice_files: PracticeFiles | None = None
        self._catalogues: dict[str, Catalogue] = {}  # by the server's address

    def chosen(self, settings: Settings) -> Server:
        """Return the server the next question goes to.

        Raises
        ------
        BadInput: as `server_from` says.
        """
        return server_from(settings, self._environ)

    def client(self, server: Server) -> Client:
        """Return the client of `server`, the same one while the server is the same."""
        if self._client is None or self._client.server != server:
            self.close()
            transport = self._practice(server.pace) if server.is_practice else None
            self.tape, around = _tape(server, self.tapes)
            self._client = Client(server, transport, _wire(server), around)
        return self._client

    def models(self, server: Server) -> list[Model]:
        """Return what the server lists; empty where it lists nothing, or a key is missing."""
        if server.lacks_key:
            return []
        return self.catalogue(server).learn(self.client(server).models())

    def reached(self, server: Server) -> list[Model]:
        """Return what a server lists that was not asked before.

        Raises
        ------
        Unreachable: nothing answers there.
        NotAllowed: it wants a key, or another one.
        """
        return self.catalogue(server).learn(self.client(server).greeting())

    def model(self, name: str, server: Server) -> Model:
        """Return the model of a name: as the server told, else as is known.

        Where nothing is known of a Claude model, the server is asked, once.
        """
        catalogue = self.catalogue(server)
        if not catalogue.named(name).known and is_claude(name) and not catalogue.asked:
            self.models(server)
        return catalogue.named(name)

    def catalogue(self, server: Server) -> Catalogue:
        """Return what a server has told of its models so far; it is not asked."""
        return self._catalogues.setdefault(server.base_url, Catalogue())

    def rewind(self) -> None:
        """Record, or replay, from the beginning."""
        if self._client is not None:
            self._client.close()
        self._client = self.tape = None
        self.tapes.clear()

    def close(self) -> None:
        """Let connections go."""
        self._leaving()
        if self._client is not None:
            self._client.close()

    def _practice(self, pace: float) -> "BaseTransport":
        """The practice model, which keeps its files for as long as the kernel runs."""
        from claude_magic.practice.files import Files
        from claude_magic.practice.transport import PracticeTransport

        if self._practice_files is None:
            self._practice_files = Files()
        return PracticeTransport(pace, self._practice_files)


def _tape(server: Server, tapes: "dict[Taped, Tape]") -> "tuple[Tape | None, Around | None]":
    """What is recorded or replayed, and what does it around a connection."""
    if not (server.taped.record or server.taped.replay):
        return None, None
    from claude_magic.recording.playing import playing

    return playing(server, tapes)


def _wire(server: Server) -> OnWire:
    """Where what goes over the wire is shown: only when CLAUDE_MAGIC_SHOW_WIRE asks for it."""
    return (lambda text: print(text, file=sys.stderr)) if server.shows_wire else None
