"""The register of models, collectives and persons: registering, mending, judging, withdrawing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clusters.models import Cluster
from clusters.tests.factories import World, make_world
from core.models import Notice
from core.tests.test_uploads import make_image
from pledges.models import Exemplar
from pledges.tests import progress as figures
from pledges.tests import year as walk
from pledges.tests.pages import client_of, fill, form_on, sent, stop_clock, words
from scoring.models import Evidence

pytestmark = pytest.mark.django_db
NAME = "Cổng trường an toàn"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    stop_clock(monkeypatch, walk.moment(5, 20))


@pytest.fixture
def world() -> World:
    return figures.running_world()


def page(world: World, name: str = "exemplars", *args: object) -> str:
    return reverse(f"pledges:{name}", args=[world.year.pk, *args])


def register(world: World, index: int = 2, **typed: str) -> Exemplar:
    facts = {"name": NAME, "description": "Phụ huynh và nhà trường cùng giữ trật tự.", **typed}
    client = client_of(world.officers[index])
    answer = fill(client, page(world, "exemplar_new"), "name", **facts)
    assert answer.status_code == 302, words(answer)
    return Exemplar.objects.latest("pk")


def test_a_unit_registers_and_everybody_in_the_cluster_reads(world):
    row = register(world, since="tháng 3/2016", spread_to="12 trường")
    for person in (world.officers[0], world.heads[1], world.organiser_acting):
        client = client_of(person)
        assert NAME in words(client.get(page(world)))
        text = words(client.get(page(world, "exemplar", row.pk)))
        assert "12 trường" in text
        assert "Đang theo dõi" in text
    assert client_of(world.organiser_acting).get(page(world, "exemplar_new")).status_code == 403


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "Chưa nhập"),
        ({"name": "x" * 400}, "tối đa 300 ký tự"),
        ({"kind": "FLAG"}, "FLAG"),
        ({"since": "y" * 50}, "tối đa 40 ký tự"),
        ({"description": "z" * 7000}, "tối đa 6.000 ký tự"),
        ({"minh-chung-evidence": "999999"}, "999999"),
        ({"minh-chung-paper_date": "31/02/2026"}, "31/02/2026"),
    ],
)
def test_bad_input_comes_back_and_stores_nothing(world, typed, says):
    answer = fill(
        client_of(world.officers[2]), page(world, "exemplar_new"), "name", **{"name": NAME, **typed}
    )
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not Exemplar.objects.exists()


def test_the_register_is_filtered_by_kind_unit_and_standing(world):
    register(world, 1, name="Tổ tự quản", kind="COLLECTIVE")
    register(world)
    client = client_of(world.heads[0])
    assert "Tổ tự quản" not in words(client.get(page(world), {"loai": "MODEL"}))
    unit = {"don-vi": str(world.units[1].pk)}
    assert NAME not in words(client.get(page(world), unit))
    assert "Không có điển hình nào khớp" in words(
        client.get(page(world), {"tinh-trang": "COMMENDED"})
    )
    assert (
        client.get(page(world), {"loai": "x", "don-vi": "'", "tinh-trang": "1"}).status_code == 200
    )


def test_new_files_go_into_the_store_and_onto_the_row(world):
    client = client_of(world.officers[2])
    served = form_on(client.get(page(world, "exemplar_new")), "name")
    upload = SimpleUploadedFile("anh.png", make_image("PNG"), content_type="image/png")
    data = served | {"name": NAME, "minh-chung-uploads": upload}
    answer = client.post(page(world, "exemplar_new"), data)
    assert answer.status_code == 302, words(answer)
    row = Exemplar.objects.get()
    assert [file.name for file in row.evidence.all()] == ["anh.png"]
    shown = words(client_of(world.officers[0]).get(page(world, "exemplar", row.pk)))
    assert "anh.png" in shown


def test_a_file_of_another_unit_is_not_attached(world):
    foreign = Evidence.objects.create(
        cluster_year=world.year, unit=world.units[1], sha256="0" * 64, size=1, name="la.pdf",
        mime="application/pdf", uploaded_at=walk.MIDYEAR, uploaded_by_id=world.officers[1].user_id,
    )  # fmt: skip
    answer = fill(
        client_of(world.officers[2]), page(world, "exemplar_new"), "name",
        **{"name": NAME, "minh-chung-evidence": str(foreign.pk)},
    )  # fmt: skip
    assert answer.status_code == 200
    assert not Exemplar.objects.exists()


def test_two_people_editing_see_both_texts(world):
    row = register(world)
    address = f"{page(world, 'exemplar', row.pk)}?sua=1"
    client = client_of(world.officers[2])
    served = form_on(client.get(address), "name")
    fill(client_of(world.heads[2]), address, "name", name="Trường học bình yên")
    answer = client.post(address, served | {"name": "Cổng trường xanh"})
    assert "Trường học bình yên" in words(answer)
    assert "Cổng trường xanh" in answer.content.decode()
    assert client.post(address, form_on(answer, "name")).status_code == 302
    row.refresh_from_db()
    assert row.name == "Cổng trường xanh"


def test_who_judges_sets_the_standing_with_a_reason_and_the_unit_hears(world):
    row = register(world)
    address = page(world, "exemplar_standing", row.pk)
    assert client_of(world.officers[1]).get(address).status_code == 403
    assert client_of(world.officers[2]).get(address).status_code == 403
    judge = client_of(world.officers[0])
    empty = fill(judge, address, "reason", standing="RECOMMENDED")
    assert "Chưa ghi lý do" in words(empty)
    wrong = fill(judge, address, "reason", standing="KING", reason="Hay")
    assert wrong.status_code == 200
    done = fill(judge, address, "reason", standing="RECOMMENDED", reason="Đã kiểm tra tại chỗ")
    assert done.status_code == 302, words(done)
    assert "Đề nghị nhân rộng" in words(judge.get(page(world)))
    told = Notice.objects.filter(text__contains="Đã kiểm tra tại chỗ")
    assert set(told.values_list("recipient_id", flat=True)) == {
        world.officers[2].user_id, world.heads[2].user_id
    }  # fmt: skip


def test_what_was_recognised_is_not_edited_any_more(world):
    row = register(world)
    organiser = client_of(world.organiser_acting)
    fill(
        organiser, page(world, "exemplar_standing", row.pk), "reason",
        standing="RECOGNISED", reason="Theo Quyết định 12",
    )  # fmt: skip
    client = client_of(world.officers[2])
    text = words(client.get(f"{page(world, 'exemplar', row.pk)}?sua=1"))
    assert "Điển hình đã được công nhận nên không sửa" in text
    answer = client.post(page(world, "exemplar", row.pk), sent(name="Khác", kind="MODEL", seen="2"))
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.name == NAME


def test_a_unit_withdraws_its_own_with_a_reason_and_others_do_not(world):
    row = register(world)
    address = page(world, "exemplar_withdraw", row.pk)
    assert client_of(world.officers[0]).get(address).status_code == 403
    answer = fill(client_of(world.heads[2]), address, "reason", reason="Đăng ký nhầm")
    assert answer.status_code == 302, words(answer)
    client = client_of(world.officers[0])
    assert NAME not in words(client.get(page(world)))
    assert "Đăng ký nhầm" in words(client.get(page(world, "exemplar", row.pk)))


def test_another_cluster_sees_nothing(world):
    row = register(world)
    other = make_world(3, prefix="khac")
    client = client_of(other.officers[0])
    assert client.get(page(world)).status_code == 404
    assert client.get(page(world, "exemplar", row.pk)).status_code == 404


def test_the_words_of_the_page_are_those_of_the_kind_of_cluster(world):
    Cluster.objects.update(kind="CUM")
    row = register(world)
    text = words(client_of(world.officers[1]).get(page(world, "exemplar", row.pk)))
    assert "Khối trưởng" not in text
