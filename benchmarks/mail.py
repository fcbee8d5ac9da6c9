"""Compare our sending with plain smtplib, a connection a mail, in one run; only the ratio means anything.

Ours claims each mail in the database, sends it on a shared connection, and records its fate with an audit entry.
Run: python benchmarks/mail.py from the checkout (needs the development packages).
"""

import smtplib
import sys
import tempfile
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
from tests.kit.smtp_server import mail_server
from tracker.adapters.mail.sending import sender_for
from tracker.services.reminders.dispatch import run_pass
from tracker.store.core.engine import Database, open_database
from tracker.store.core.schema import upgrade
from tracker.store.models import Jurisdiction, Message, Unit

MAILS = 100
ROUNDS = 4
AT = datetime(2026, 3, 23, 2, 0, tzinfo=UTC)
FROM = "jfb@mou.example"
SUBJECT = "〔逾期2个工作日〕四.2 线索转办"
TEXT = "请立即转办。原文：对投诉线索，自正式受理之日起3个工作日内转办。\n" * 12
HTML = f"<html><body>{'<p>请立即转办。</p>' * 60}</body></html>"


def plain(url: str) -> float:
    """Return the seconds it takes to write and send as many mails, each on a connection of its own."""
    place = urlsplit(url)
    start = perf_counter()
    for number in range(MAILS):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = FROM, "unit@mou.example", SUBJECT
        mail["Message-ID"], mail["Date"] = f"<p{number}@mou.example>", AT
        mail.set_content(TEXT)
        mail.add_alternative(HTML, subtype="html")
        with smtplib.SMTP(place.hostname or "", place.port or 25) as server:
            server.send_message(mail)
    return perf_counter() - start


def ours(database: Database, settings: config.Settings) -> float:
    """Return the seconds one pass takes for as many mails that wait."""
    sender = sender_for(settings.mail_url, settings.mail_from, settings.maildir)
    start = perf_counter()
    report = run_pass(database, AT, settings, sender, "benchmark")
    elapsed = perf_counter() - start
    if report.sent != MAILS:
        raise SystemExit(f"only {report.sent} of {MAILS} mails were sent")
    return elapsed


def found_unit(database: Database) -> int:
    """Make the unit the mails go to."""
    with database.write.begin() as session:
        place = Jurisdiction(code="1", name="某市", level="city")
        session.add(place)
        session.flush()
        unit = Unit(jurisdiction_id=place.id, name="市减负办", email="unit@mou.example")
        session.add(unit)
        session.flush()
        return unit.id


def waiting(database: Database, unit_id: int, number: int) -> None:
    """Put the mails of one round into the database."""
    with database.write.begin() as session:
        session.add_all(
            Message(
                message_id=f"<{number}.{n}@mou.example>",
                unit_id=unit_id,
                to_address="unit@mou.example",
                subject=SUBJECT,
                text=TEXT,
                html=HTML,
                next_try_at=AT,
                created_at=AT,
            )
            for n in range(MAILS)
        )


def main() -> None:
    """Send the same mails both ways to one loopback server, and print both rates and their ratio."""
    with tempfile.TemporaryDirectory() as folder, mail_server() as post:
        settings = config.load(
            {"TRACKER_ENV": "test", "SECRET_KEY": "x", "TRACKER_DATA": folder, "MAIL_URL": post.url, "MAIL_FROM": FROM}
        )
        database = open_database(settings.database_url)
        upgrade(database.engine)
        unit_id = found_unit(database)
        raw = own = float("inf")
        for number in range(ROUNDS):  # by turns, and the best of each: the machine is not ours alone
            waiting(database, unit_id, number)
            raw, own = min(raw, plain(post.url)), min(own, ours(database, settings))
        database.engine.dispose()
    if len(post.taken) != 2 * MAILS * ROUNDS:
        raise SystemExit(f"the server took {len(post.taken)} of {2 * MAILS * ROUNDS} mails")
    print(f"smtplib {MAILS / raw:8,.0f} mails/s   ours {MAILS / own:8,.0f} mails/s   ratio {raw / own:6.2f}x")


if __name__ == "__main__":
    main()
