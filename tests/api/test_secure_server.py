"""Claims about servers that prove who they are."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from loopback import Loopback

from claude_magic.api.request import Options
from claude_magic.content.blocks import Text
from claude_magic.content.growing import Look
from claude_magic.content.message import Message
from claude_magic.engine import Engine
from claude_magic.errors import Unreachable
from claude_magic.settings import Settings

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes certificates")


@pytest.fixture
def certificate(tmp_path: Path, api: Loopback) -> Path:
    """The certificate that `api` shows from now on; nobody has signed it but itself."""
    key, shown = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", shown)
    subprocess.run(["openssl", *made, *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, key)
    server = api._server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return shown


def asked(api: Loopback) -> Look:
    """What comes of a question to `api` as a secure server."""
    url = api.url.replace("http:", "https:")
    engine = Engine({"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "sk-ant-test-0123"})
    settings = Settings(retries=0)
    question = Message("user", (Text("Hi"),))
    growing = engine.ask(engine.prepare(question, Options(settings.model), settings))
    assert growing.wait_for_end(30)
    engine.close()
    return growing.look()


def test_a_server_that_proves_itself_is_asked(
    api: Loopback, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one of a company or a school, whose certificates SSL_CERT_FILE names."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert asked(api).message.text == "Hello there."


def test_a_server_that_does_not_is_told_nothing(api: Loopback, certificate: Path) -> None:
    """No key reaches whoever merely has the address; the error names the certificate."""
    error = asked(api).error

    assert isinstance(error, Unreachable)
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert api.requests == []
