"""Mails are noted, and none leaves."""

from __future__ import annotations

import sys
from email import message_from_bytes
from email.message import Message
from email.policy import default as default_policy
from functools import wraps
from hashlib import blake2b
from socket import gaierror
from typing import TYPE_CHECKING, Any

from ennead.agent.patching import PatchSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ennead.agent.import_hook import ImportWatcher
    from ennead.agent.patching import Patch
    from ennead.replay.witness.notes import Notes

_patches = PatchSet()
_VOLATILE = ("message-id", "date", "mime-version", "content-transfer-encoding")


def catch_mails(watcher: ImportWatcher, notes: Notes) -> None:
    """Note what is sent through ``smtplib`` or Django's mail, and hand nothing to a server."""
    watcher.when_imported("smtplib", lambda: _hook_smtplib(notes))
    watcher.when_imported("django.core.mail", lambda: _hook_django(notes))


def _hook_smtplib(notes: Notes) -> None:
    module = sys.modules["smtplib"]

    def connect(_original: Any, _patch: Patch) -> Callable[..., Any]:
        return lambda *_arguments, **_options: (220, b"ready")

    def accept(_original: Any, _patch: Patch) -> Callable[..., Any]:
        return lambda *_arguments, **_options: (250, b"ok")

    def answer(_original: Any, _patch: Patch) -> Callable[..., Any]:
        return lambda *_arguments, **_options: True

    def sendmail(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
        @wraps(original)
        def note(_self: Any, from_addr: Any, to_addrs: Any, msg: Any, *_rest: Any, **_options: Any) -> dict[str, Any]:
            notes.add("mail", text=mail_text(msg, from_addr, to_addrs))
            return {}

        return note

    for each in (module.SMTP, module.LMTP):
        _patches.add(each, "connect", connect)
    for name in ("ehlo", "helo", "ehlo_or_helo_if_needed", "starttls", "login", "quit", "noop", "rset", "verify"):
        _patches.add(module.SMTP, name, accept)
    _patches.add(module.SMTP, "has_extn", answer)
    _patches.add(module.SMTP, "sendmail", sendmail)


def _hook_django(notes: Notes) -> None:
    def get_connection(original: Callable[..., Any], _patch: Patch) -> Callable[..., Any]:
        @wraps(original)
        def noting(*arguments: Any, **options: Any) -> Any:
            backend = original(*arguments, **options)
            smtp = sys.modules.get("django.core.mail.backends.smtp")
            if smtp is None or not isinstance(backend, smtp.EmailBackend):  # smtplib tells of those
                backend.send_messages = _noting_messages(backend.send_messages, notes)
            return backend

        return noting

    _patches.add(sys.modules["django.core.mail"], "get_connection", get_connection)


def _noting_messages(send: Callable[..., Any], notes: Notes) -> Callable[..., Any]:
    """Note what a backend is given; one that cannot reach its provider for the replay has sent it all the same."""

    @wraps(send)
    def send_messages(email_messages: Any) -> Any:
        messages = list(email_messages)
        for message in messages:
            notes.add("mail", text=mail_text(message.message().as_bytes(), message.from_email, message.recipients()))
        try:
            return send(messages)
        except Exception as error:
            if _is_refused(error):
                return len(messages)
            raise

    return send_messages


def _is_refused(error: BaseException | None) -> bool:
    """Whether an error comes of a connection that was refused, however often it was wrapped."""
    while error is not None:
        if isinstance(error, ConnectionRefusedError | gaierror):
            return True
        error = error.__cause__ or error.__context__
    return False


def mail_text(text: str | bytes, sender: str, recipients: Any) -> str:
    r"""A mail in canonical form: who, to whom, subject, body; no dates, ids and boundaries.

    Examples
    --------
    >>> mail_text("Subject: Hello\nDate: now\n\nThe text\n", "a@x.example", ["b@x.example"])
    'from a@x.example to b@x.example\nsubject: Hello\nThe text'
    """
    message = message_from_bytes(text if isinstance(text, bytes) else text.encode(), policy=default_policy)
    everybody = [recipients] if isinstance(recipients, str) else sorted(map(str, recipients))
    headers = [
        f"{name.lower()}: {value}"
        for name, value in message.items()
        if name.lower() not in (*_VOLATILE, "from", "to", "content-type")
    ]
    parts = [_payload(part) for part in message.walk() if not part.is_multipart()]
    return "\n".join([f"from {sender} to {', '.join(everybody)}", *sorted(headers), *parts]).strip()


def _payload(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(payload).strip()
    try:
        return payload.decode("utf-8").strip()
    except UnicodeDecodeError:
        return f"{len(payload)} bytes {blake2b(payload, digest_size=16).hexdigest()}"
