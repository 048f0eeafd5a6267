"""What the tests of pages share: a clock that stands still, people who are logged in, files."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from clusters.acting import Acting
from clusters.tests.factories import SIGNING_DAY
from reports import storage
from reports.models import Document, Job

#: Half past nine on the day of signing.
MORNING = SIGNING_DAY + timedelta(minutes=30)


def stop_clock(monkeypatch: pytest.MonkeyPatch, at: datetime = MORNING) -> None:
    """Let every request of a test happen at one moment."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


def client_of(acting: Acting | None) -> Client:
    """Return a browser in which this person is logged in."""
    client = Client()
    if acting is not None:
        client.force_login(User.objects.get(pk=acting.user_id))
    return client


def make_files(at: datetime = MORNING) -> None:
    """Give every document a file, as the workers would, without rendering anything."""
    for document in Document.objects.filter(file=None):
        data = f"%PDF-1.7 {document.pk} {document.content_hash}".encode()
        stored = storage.put(data, mime="application/pdf", pages=6, now=at)
        Document.objects.filter(pk=document.pk).update(file=stored, rendered_at=at)
        done = {"status": Job.Status.DONE, "result": stored, "finished_at": at}
        Job.objects.filter(document=document).update(**done)


def text_of(response) -> str:
    """Return the words of a page, tags and runs of space left out."""
    html = re.sub(r"<(script|style|svg).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def same_page(one, other) -> bool:
    """Whether two answers cannot be told apart but for what changes with every request."""

    def bare(response) -> str:
        return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", response.content.decode())

    return one.status_code == other.status_code and bare(one) == bare(other)
