"""A mail server on the loopback interface, as tests and benchmarks need one."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Post:
    """What the server took, and how it is to answer."""

    url: str = ""
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # every recipient named at RCPT
    connections: int = 0
    refuse: dict[str, str] = field(default_factory=dict)  # by recipient: the answer to RCPT
    refuse_greeting: str | None = None
    refuse_mail: str | None = None
    refuse_everybody: str | None = None  # at RCPT
    refuse_data: str | None = None
    drop: Callable[["Post"], bool] = lambda post: False  # asked at RCPT: end the connection without a word

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_mail:
            return self.refuse_mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.drop(self):
            server.transport.abort()
            return "421 bye"
        self.asked.append(address)
        if answer := self.refuse_everybody or self.refuse.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse_data:
            return self.refuse_data
        self.envelopes.append(envelope)
        self.taken.append(message_from_bytes(envelope.original_content or b"", policy=default))
        return "250 taken"


class _Server(SMTP):
    """Says no instead of its greeting where it is told to."""

    async def push(self, status: Any) -> None:
        refusal = self.event_handler.refuse_greeting
        await super().push(refusal if refusal and str(status).startswith("220 ") else status)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        """Knock at the port the system chose."""
        with socket.create_connection(self.server.sockets[0].getsockname(), 5) as knock:
            knock.recv(100)


@contextmanager
def mail_server(login: str | None = None, password: str | None = None) -> Iterator[Post]:
    """Serve on a free port; with `login`, one can log in by it."""
    post = Post()

    def check(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        right = data == LoginPassword((login or "").encode(), (password or "").encode())
        return AuthResult(success=right, handled=False)

    more = {"authenticator": check, "auth_require_tls": False} if login else {}
    controller = _Controller(post, hostname="127.0.0.1", port=0, **more)
    controller.start()
    try:
        port = controller.server.sockets[0].getsockname()[1]
        user = f"{login}:{password}@" if login else ""
        post.url = f"smtp://{user}127.0.0.1:{port}"
        yield post
    finally:
        controller.stop()
