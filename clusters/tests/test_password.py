"""Changing the own password: demanded at first, recorded, other machines logged out."""

import pytest
from django.urls import reverse

from accounts.models import User
from clusters.models import Role
from clusters.tests.factories import PASSWORD, make_person
from core.models import AuditEvent

pytestmark = pytest.mark.django_db
NEW = "Mot-mat-khau-moi-2026"


def test_it_is_recorded_and_frees_the_way_to_work(client):
    acting = make_person("canbo", Role.ADMINISTRATOR, None)
    user = User.objects.get(pk=acting.user_id)
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])
    client.force_login(user)
    assert client.get(reverse("core:inbox")).headers["Location"] == reverse(
        "accounts:change_password"
    )
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    client.post(reverse("accounts:change_password"), sent)
    assert client.get(reverse("core:inbox")).status_code == 200
    event = AuditEvent.objects.latest("seq")
    assert (event.action, event.actor_id, event.object_id) == (
        "accounts.password_changed", user.pk, str(user.pk),
    )  # fmt: skip
    assert NEW not in str(event.after)


def test_a_wrong_old_password_changes_and_records_nothing(client):
    acting = make_person("canbo", Role.ADMINISTRATOR, None)
    client.force_login(User.objects.get(pk=acting.user_id))
    sent = {"old_password": "sai", "new_password1": NEW, "new_password2": NEW}
    page = client.post(reverse("accounts:change_password"), sent)
    assert "Mật khẩu đang dùng không đúng" in page.content.decode()
    assert User.objects.get(pk=acting.user_id).check_password(PASSWORD)
    assert not AuditEvent.objects.filter(action="accounts.password_changed").exists()
