"""A real SMTP and a real IMAP server on loopback, with a certificate of their own, for tests; and mailboxes that use them."""

import asyncio
import datetime
import ipaddress
import os
import ssl
import threading
import warnings
from argparse import Namespace
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage

from shuke.connectors.mail.services import AccountForm, add_account
from shuke.connectors.models import MailAccount
from shuke.team.queries import SYSTEM, Actor

USER, PASSWORD = "hello@example.com", "tea-and-mountain-spring"
UNIX = datetime.UTC
NOON = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=UNIX)  # twelve o'clock in Shanghai, a Friday


def make_certificate(folder: Path, *, name: str = "localhost") -> tuple[Path, Path]:
    """(certificate, key) that a machine signed for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(UNIX)
    alternatives: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        alternatives.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@dataclass
class Received:
    """What the SMTP server was given, and how it is to behave."""

    letters: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer: str = "250 OK"
    answer_to_recipient: str = "250 OK"
    drops_after_data: bool = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            content = envelope.content
            self.letters.append(content if isinstance(content, bytes) else str(content).encode())
            self.recipients.extend(envelope.rcpt_tos)
        if self.drops_after_data:
            server.transport.abort()
        return self.answer


class MailServers:
    """Both servers in a thread with its own loop; three ports each: plain, STARTTLS, implicit TLS."""

    def __init__(self, folder: Path) -> None:
        self.certificate, key = make_certificate(folder)
        self.received = Received()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self._key = key
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.ports: dict[str, int] = {}
        self._backend: DictBackend
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> "MailServers":
        os.environ.setdefault(
            "FQDN", "mail.example.com"
        )  # else pymap asks the network for this machine's name
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(self, *trouble: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _start(self) -> None:
        await self._start_smtp()
        await self._start_imap()

    async def _start_smtp(self) -> None:
        def sign_in(
            server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
        ) -> AuthResult:
            is_right = isinstance(given, LoginPassword) and (given.login, given.password) == (
                USER.encode(),
                PASSWORD.encode(),
            )
            return AuthResult(success=is_right, handled=False)

        def made(**more: Any) -> Callable[[], SMTP]:
            def server() -> SMTP:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # unencrypted on purpose
                    return SMTP(
                        self.received,
                        hostname="mail.example.com",
                        authenticator=sign_in,
                        auth_required=True,
                        loop=self._loop,
                        **more,
                    )

            return server

        plain = {"auth_require_tls": False}
        starttls = {"tls_context": self._context, "require_starttls": True}
        self.ports["smtp_none"] = await self._listen(made(**plain))
        self.ports["smtp_starttls"] = await self._listen(made(**starttls))
        self.ports["smtp_implicit"] = await self._listen(made(**plain), context=self._context)

    async def _listen(self, factory: Callable[[], Any], context: ssl.SSLContext | None = None) -> int:
        server = await self._loop.create_server(factory, "127.0.0.1", 0, ssl=context)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _start_imap(self) -> None:
        args = Namespace(
            host="127.0.0.1",
            port=0,
            debug=False,
            cert=str(self.certificate),
            key=str(self._key),
            tls=True,
            passlib_cfg=None,
            proxy_protocol=None,
            demo_data=False,
            demo_user=USER,
            demo_password=PASSWORD,
        )
        self._backend, config = await DictBackend.init(args, reject_dnsbl=False, invalid_user_sleep=0.0)
        args.tls = False
        plain = Config.from_args(args, reject_dnsbl=False, invalid_user_sleep=0.0)
        for name, of, context in (
            ("imap_none", plain, None),
            ("imap_starttls", config, None),
            ("imap_implicit", plain, self._context),
        ):
            server = IMAPServer(self._backend.login, of)
            reader = ProxyProtocolReader(of.proxy_protocol)
            of.apply_context()
            listening = await asyncio.start_server(reader.get_callback(server), "127.0.0.1", 0, ssl=context)
            self._servers.append(listening)
            self.ports[name] = listening.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
            task.cancel()

    def deliver(
        self, letter: EmailMessage | bytes, *, folder: str = "INBOX", at: datetime.datetime | None = None
    ) -> None:
        """Put a letter into a folder of the mailbox, as a mail server does."""
        raw = letter if isinstance(letter, bytes) else letter.as_bytes()
        moment = at or NOON
        self._run(self._append(raw, folder, moment))

    async def _append(self, raw: bytes, folder: str, moment: datetime.datetime) -> None:
        mailboxes = await self._mailboxes()
        if folder != "INBOX" and folder not in {
            entry.name for entry in (await mailboxes.list_mailboxes()).list()
        }:
            await mailboxes.add_mailbox(folder)
        box = await mailboxes.get_mailbox(folder)
        await box.append(AppendMessage(raw, moment, frozenset()))

    async def _mailboxes(self) -> Any:
        async with self._backend.login.demo_user_identity.new_session() as session:
            return session.mailbox_set

    def renumber(self) -> None:
        """The server numbers its letters anew: another UIDVALIDITY, and UIDs from the beginning."""

        async def change() -> None:
            box = await (await self._mailboxes()).get_mailbox("INBOX")
            box._uid_validity += 1

        self._run(change())

    def form(self, *, tls: str = "implicit", **changes: Any) -> AccountForm:
        """How a shop fills its mailbox in."""
        given: dict[str, Any] = {
            "preset": "own",
            "address": USER,
            "password": PASSWORD,
            "sender_name": "栖谷茶礼",
            "smtp_host": "localhost",
            "smtp_port": self.ports[f"smtp_{tls}"],
            "smtp_tls": tls,
            "imap_host": "localhost",
            "imap_port": self.ports[f"imap_{tls}"],
            "imap_tls": tls,
        }
        return AccountForm(**(given | changes))

    def account(self, *, actor: Actor = SYSTEM, is_shop: bool = True, **changes: Any) -> MailAccount:
        """A mailbox of the shop (or of the actor) on these servers."""
        return add_account(actor=actor, form=self.form(**changes), is_shop=is_shop)


def letter(
    text: str = "茶收到了，谢谢。",
    *,
    sender: str = "chen@example.com",
    subject: str = "收到了",
    message_id: str = "",
    answers: str = "",
    name: str = "陈茶香",
) -> EmailMessage:
    """A letter as a customer's program writes it."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = f"{name} <{sender}>"
    message["To"] = USER
    message["Date"] = NOON
    message["Message-ID"] = message_id or f"<{abs(hash((text, subject, sender)))}@customer.example.com>"
    if answers:
        message["In-Reply-To"] = answers
        message["References"] = answers
    message.set_content(text)
    return message
