"""Mails are noted, and none leaves."""

from __future__ import annotations

import pytest

from ennead.replay.witness.mails import mail_text
from tests.replay.project import ReplayedProject


def test_of_smtplib(project: ReplayedProject) -> None:
    trace = project.run("""
        import smtplib
        from email.message import EmailMessage
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = "Grüße", "ä@x.example", "b@x.example"
        message["Message-ID"] = "<1@x>"
        message.set_content("The text")
        message.add_attachment(b"\\xff\\xfe", maintype="image", subtype="png")
        with smtplib.SMTP("mail.example.org", 587) as server:
            server.starttls()
            server.login("user", "secret")
            assert server.send_message(message) == {}
        server = smtplib.SMTP_SSL("mail.example.org")
        server.sendmail(from_addr="a@x.example", to_addrs="c@x.example", msg="Subject: Second\\n\\nhello")
        server.quit()
        smtplib.LMTP("/var/spool/lmtp").sendmail("a@x.example", ["d@x.example"], b"Subject: Third\\r\\n\\r\\n")
        """)
    first, second, third = trace.mails
    assert first.splitlines()[0] == "from ä@x.example to b@x.example"
    assert "\nsubject: Grüße\n" in first
    assert "The text" in first
    assert "2 bytes " in first
    assert "1@x" not in first
    assert second == "from a@x.example to c@x.example\nsubject: Second\nhello"
    assert third == "from a@x.example to d@x.example\nsubject: Third"
    assert trace.egress == ()


BACKENDS = """
import socket
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as Smtp

class Api(BaseEmailBackend):
    def send_messages(self, email_messages):
        try:
            socket.create_connection(("api.example.org", 443))
        except OSError as error:
            raise RuntimeError("the provider does not answer") from error

class Broken(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise ValueError("a mistake")

class Own(Smtp):
    pass
"""


def test_of_django_with_every_backend(project: ReplayedProject) -> None:
    project.write_django(settings='EMAIL_HOST = "mail.example.org"\nEMAIL_FILE_PATH = "mails"')
    project.write("backends.py", BACKENDS)
    trace = project.run("""
        import os
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
        import django
        django.setup()
        from django.core import mail
        from django.core.mail import EmailMultiAlternatives, get_connection, send_mail, send_mass_mail
        from django.test import override_settings
        own = "django.core.mail.backends."
        for name in (own + "smtp", own + "locmem", own + "console", own + "filebased", own + "dummy"):
            with override_settings(EMAIL_BACKEND=name + ".EmailBackend"):
                print("sent", send_mail(name.rpartition(".")[2], "Text", "a@x.example", ["b@x.example"]))
        with override_settings(EMAIL_BACKEND="backends.Own"):
            send_mail("own", "Text", "a@x.example", ["b@x.example"])
        with override_settings(EMAIL_BACKEND="backends.Api"):
            print("sent", send_mail("api", "Text", "a@x.example", ["b@x.example"]))
        with override_settings(EMAIL_BACKEND="backends.Broken"):
            try:
                send_mail("broken", "Text", "a@x.example", ["b@x.example"])
            except ValueError as error:
                print(error)
        with override_settings(EMAIL_BACKEND=own + "locmem.EmailBackend"):
            send_mass_mail([("mass", number, "a@x.example", ["b@x.example"]) for number in "12"])
            message = EmailMultiAlternatives("html", "Text", "a@x.example", ["b@x.example"], bcc=["d@x.example"])
            message.attach_alternative("<p>Text</p>", "text/html")
            get_connection().send_messages([message])
            print(len(mail.outbox))
        """)
    subjects = [mail.splitlines()[1].removeprefix("subject: ") for mail in trace.mails]
    expected = ["smtp", "locmem", "console", "filebased", "dummy", "own", "api", "broken", "mass", "mass", "html"]
    assert subjects == expected
    assert trace.mails[-1] == "from a@x.example to b@x.example, d@x.example\nsubject: html\nText\n<p>Text</p>"
    told = [line for line in trace.stdout.splitlines() if line.startswith(("sent", "a mistake", "4"))]
    assert told == ["sent 1", "sent 1", "sent 1", "sent 1", "sent 1", "sent 1", "a mistake", "4"]
    assert trace.egress == ("dns api.example.org",)


@pytest.mark.parametrize(
    "other",
    [
        ("Subject: Hello\n\nother", "a@x", ["b@x"]),
        ("Subject: Other\n\ntext", "a@x", ["b@x"]),
        ("Subject: Hello\n\ntext", "c@x", ["b@x"]),
        ("Subject: Hello\n\ntext", "a@x", ["b@x", "c@x"]),
        ("Subject: Hello\nReply-To: d@x\n\ntext", "a@x", ["b@x"]),
    ],
)
def test_different_mails_say_something_else(other: tuple[str, str, list[str]]) -> None:
    assert mail_text("Subject: Hello\n\ntext", "a@x", ["b@x"]) != mail_text(*other)


def test_what_changes_with_each_sending_is_left_out() -> None:
    one = b"Subject: Hello\r\nDate: now\r\nMessage-ID: <1>\r\nMIME-Version: 1.0\r\n\r\ntext\r\n"
    encoded = mail_text("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\ntext", "a@x", "b@x")
    assert encoded == mail_text("Subject: Grüße\n\ntext".encode(), "a@x", ["b@x"])
    other = "Subject: Hello\nMessage-Id: <2>\nDate: later\n\ntext"
    assert mail_text(one, "a@x", ("c@x", "b@x")) == mail_text(other, "a@x", ["b@x", "c@x"])
