"""Handing letters over by SMTP."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from shuke.connectors.mail.rules import Trouble
from shuke.connectors.mail.wire.lines import Failure, Server, Way, connect, plain_failures, tls_context

SLOWEST_BYTES_PER_SECOND = 50_000
OWN_NAME = "shuke.invalid"  # what we call ourselves: the machine's own name is nobody's business


class _Line(smtplib.SMTP):
    """SMTP over a line of ours."""

    def __init__(self, server: Server, way: Way) -> None:
        self._server, self._way = server, way
        super().__init__(server.host, server.port, local_hostname=OWN_NAME, timeout=way.timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = connect(self._server, self._way)
        if self._server.tls == "implicit":
            return tls_context(self._way).wrap_socket(line, server_hostname=self._server.host)
        return line


@contextmanager
def _session(server: Server, way: Way) -> Iterator[_Line]:
    """A line that is encrypted and signed in. Raises Failure."""
    with plain_failures(), _answers():
        line = _Line(server, way)
    try:
        with plain_failures(), _answers():
            line.ehlo()
            if server.tls == "starttls":
                if not line.has_extn("starttls"):
                    raise Failure(Trouble.NO_STARTTLS)
                line.starttls(context=tls_context(way))
                line.ehlo()
            if server.username:
                line.login(server.username, server.password)
        yield line
    finally:
        with suppress(OSError, smtplib.SMTPException):
            line.close()


@contextmanager
def _answers() -> Iterator[None]:
    """What smtplib raises before a letter is handed over, as Failure."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise Failure(_busy_or(Trouble.PASSWORD, error.smtp_code), error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise Failure(Trouble.PROTOCOL) from None
    except smtplib.SMTPConnectError as error:
        raise Failure(_busy_or(Trouble.REFUSED, error.smtp_code), error.smtp_code) from None
    except smtplib.SMTPServerDisconnected as error:
        is_timeout = isinstance(error.__context__, TimeoutError)
        raise Failure(Trouble.TIMEOUT if is_timeout else Trouble.CONNECTION) from None
    except smtplib.SMTPResponseException as error:
        raise Failure(_busy_or(Trouble.REFUSED, error.smtp_code), error.smtp_code) from None
    except smtplib.SMTPException:
        raise Failure(Trouble.PROTOCOL) from None


def _busy_or(trouble: Trouble, code: int) -> Trouble:
    return Trouble.BUSY if 400 <= code < 500 else trouble


def check_login(server: Server, way: Way) -> None:
    """Connect, encrypt and sign in, nothing more. Raises Failure."""
    with _session(server, way):
        pass


def send(server: Server, way: Way, *, letter: EmailMessage, sender: str, recipient: str) -> None:
    """Hand one letter over. Raises Failure: CUT_OFF: nobody can tell whether it arrived; all others: it did not."""
    content = letter.as_bytes()
    with _session(server, way) as line:
        with plain_failures(), _answers():
            if line.has_extn("size") and 0 < _limit(line) < len(content):
                raise Failure(Trouble.TOO_LARGE)
            _expect(line.mail(sender), Trouble.SENDER)
            _expect(line.rcpt(recipient), Trouble.RECIPIENT)
        if line.sock is not None:
            line.sock.settimeout(way.handover_seconds + len(content) / SLOWEST_BYTES_PER_SECOND)
        try:
            code, _words = line.data(content)
        except smtplib.SMTPDataError as error:  # said no before a word of the letter
            raise Failure(_busy_or(Trouble.REFUSED, error.smtp_code), error.smtp_code) from None
        except (smtplib.SMTPException, ssl.SSLError, OSError):
            raise Failure(Trouble.CUT_OFF) from None
        if code != 250:
            trouble = Trouble.TOO_LARGE if code == 552 else Trouble.REFUSED
            raise Failure(_busy_or(trouble, code), code)


def _expect(answer: tuple[int, bytes], trouble: Trouble) -> None:
    code = answer[0]
    if code not in (250, 251):
        raise Failure(_busy_or(trouble, code), code)


def _limit(line: _Line) -> int:
    try:
        return int(line.esmtp_features.get("size", "0") or 0)
    except ValueError:
        return 0
