"""The trail: one chain without gap or fork, and nothing in it can change unnoticed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import User
from core import audit
from core.audit import Change, System
from core.guards import suspended
from core.models import AuditEvent, ChainHead
from core.tests.races import all_at_once, overlap, without_locks

NOW = datetime(2026, 3, 4, 2, 0, 0, 123456, tzinfo=UTC)


def make_user(name: str = "canbo") -> User:
    return User.objects.create(username=name, full_name="Trần Thị Bình", rank="Thiếu tá")


def write(user: User, text: str = "một", now: datetime = NOW) -> AuditEvent:
    with transaction.atomic():
        return audit.record(
            "tests.changed",
            user,
            by=System(),
            now=now,
            cluster_year_id=7,
            change=Change({"mức": "80"}, {"mức": text, "danh sách": [1, None]}, "Lý do: “đ”"),
        )


@pytest.fixture
def chain(db) -> list[AuditEvent]:
    """Five events of one day."""
    user = make_user()
    return [write(user, str(i), NOW + timedelta(minutes=i)) for i in range(5)]


@pytest.mark.django_db
def test_an_untouched_chain_has_no_fault():
    assert audit.first_fault() is None
    user = make_user()
    for i in range(3):
        write(user, str(i))
    assert audit.first_fault() is None
    assert list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
    assert ChainHead.objects.get().seq == 3


@pytest.mark.django_db
def test_an_event_names_who_what_when_and_why():
    user = make_user()
    event = write(user)
    assert (event.object_type, event.object_id) == ("accounts.user", str(user.pk))
    assert (event.object_label, event.actor_name) == ("Thiếu tá Trần Thị Bình", "Hệ thống")
    assert (event.before, event.reason) == ({"mức": "80"}, "Lý do: “đ”")


@pytest.mark.django_db
def test_the_digest_does_not_depend_on_the_zone_the_moment_was_given_in():
    user = make_user()
    write(user, now=NOW.astimezone(timezone(timedelta(hours=7))))
    assert audit.first_fault() is None


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_mistake_of_the_program():
    user = make_user()
    with pytest.raises(RuntimeError):
        audit.record("tests.changed", user, by=System(), now=NOW)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", NOW + timedelta(microseconds=1)),
        ("action", "tests.other"),
        ("actor_id", 99),
        ("actor_name", "Người khác"),
        ("acting_role", "Lãnh đạo"),
        ("acting_unit", "Đơn vị khác"),
        ("object_type", "clusters.unit"),
        ("object_id", "99"),
        ("object_label", "Tên khác"),
        ("cluster_year_id", 8),
        ("cluster_year_id", None),
        ("before", {"mức": "81"}),
        ("after", {}),
        ("reason", ""),
        ("previous_digest", "1" * 64),
        ("digest", "1" * 64),
        ("seq", 99),
    ],
)
def test_a_changed_field_is_found(chain, field, value):
    with suspended(connection):
        AuditEvent.objects.filter(pk=chain[2].pk).update(**{field: value})
    fault = audit.first_fault()
    assert fault is not None
    assert "3" in fault


def test_every_field_of_an_event_is_covered_by_its_digest():
    stored = {f.attname for f in AuditEvent._meta.concrete_fields} - {"id", "digest"}
    event = AuditEvent(seq=1, at=NOW, object_id="1")
    plain = audit.digest_of(event)
    for name in stored:
        old = getattr(event, name)
        other = {"at": NOW + timedelta(1), "before": {"x": 1}, "after": {"x": 1}}.get(name, 12345)
        setattr(event, name, other)
        assert audit.digest_of(event) != plain, f"{name} could be changed unnoticed"
        setattr(event, name, old)


@pytest.mark.parametrize("last", [False, True], ids=["in the middle", "at the end"])
def test_a_changed_event_with_a_new_digest_is_found(chain, last):
    event = chain[-1] if last else chain[2]
    event.reason = "Sửa cho khớp"
    with suspended(connection):
        AuditEvent.objects.filter(pk=event.pk).update(
            reason=event.reason, digest=audit.digest_of(event)
        )
    assert audit.first_fault() is not None


@pytest.mark.parametrize("index", range(5))
def test_a_deleted_event_is_found(chain, index):
    with suspended(connection):
        AuditEvent.objects.filter(pk=chain[index].pk).delete()
    assert audit.first_fault() is not None


def test_a_cut_tail_is_found(chain):
    with suspended(connection):
        AuditEvent.objects.filter(seq__gt=2).delete()
    assert "Chuỗi bị cắt" in str(audit.first_fault())


def test_an_emptied_trail_is_found(chain):
    with suspended(connection):
        AuditEvent.objects.all().delete()
    assert "Chuỗi bị cắt" in str(audit.first_fault())


def test_a_lost_head_is_found(chain):
    ChainHead.objects.all().delete()
    assert "Chuỗi bị cắt" in str(audit.first_fault())


def test_an_event_smuggled_in_is_found(chain):
    last = chain[-1]
    forged = AuditEvent(
        seq=6, at=NOW, action="tests.forged", actor_name="Không ai", object_type="x.y",
        object_id="1", object_label="", previous_digest=last.digest,
    )  # fmt: skip
    forged.digest = audit.digest_of(forged)
    forged.save()
    assert audit.first_fault() is not None


def test_the_command_says_which_event_is_at_fault(chain, capsys):
    call_command("verify_audit")
    assert "5" in capsys.readouterr().out
    with suspended(connection):
        AuditEvent.objects.filter(seq=4).update(actor_name="Người khác")
    with pytest.raises(CommandError, match="4") as caught:
        call_command("verify_audit")
    assert caught.value.returncode == 1


@pytest.mark.django_db
def test_an_effect_that_fails_takes_the_event_back(settings, monkeypatch):
    def broken(event: AuditEvent) -> None:
        raise ValueError("no room")

    monkeypatch.setattr("core.tests.test_audit.effect", broken)
    settings.EFFECTS = {"tests.changed": ["core.tests.test_audit.effect"]}
    with pytest.raises(ValueError, match="no room"):
        write(make_user())
    assert not AuditEvent.objects.exists()
    assert audit.first_fault() is None


SEEN: list[str] = []


def effect(event: AuditEvent) -> None:
    """Take part in the transaction of the event; see the test above and below."""
    SEEN.append(event.action)


@pytest.mark.django_db
def test_an_effect_follows_only_the_action_it_is_wired_to(settings):
    SEEN.clear()
    settings.EFFECTS = {"tests.changed": ["core.tests.test_audit.effect"]}
    user = make_user()
    write(user)
    with transaction.atomic():
        audit.record("tests.other", user, by=System(), now=NOW)
    assert SEEN == ["tests.changed"]


# Many at once --------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain():
    user = make_user()

    def write_ten() -> None:
        for i in range(10):
            write(user, str(i))

    for outcome in all_at_once([write_ten] * 5):
        outcome.get()
    assert list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True)) == list(
        range(1, 51)
    )
    assert audit.first_fault() is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_writer_waits_for_the_one_before():
    user = make_user()
    write(user)
    first, second = overlap(
        lambda: write(user, "hai"), lambda: write(user, "ba"), at="core.audit.digest_of"
    )
    assert (first.get().seq, second.get().seq) == (2, 3)
    assert audit.first_fault() is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_writers_take_the_same_place():
    user = make_user()
    write(user)
    with without_locks(ChainHead):
        outcomes = overlap(
            lambda: write(user, "hai"), lambda: write(user, "ba"), at="core.audit.digest_of"
        )
    assert [o for o in outcomes if o.error]
