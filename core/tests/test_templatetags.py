"""Icons, status tags, locked buttons, forms: what a page built from the visual language says."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.apps import apps
from django.template import Context, Template
from django.template.loader import render_to_string

from core.policy import ALLOWED, deny
from core.templatetags import gu


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Lý do", help_text="Viết một câu.", widget=forms.Textarea)
    reason.reason = True  # type: ignore[attr-defined]
    note = forms.CharField(label="Ghi chú", required=False)
    way = forms.ChoiceField(
        label="Cách ký", choices=[("a", "Ký giấy"), ("b", "Chứng thư số")], widget=forms.RadioSelect
    )
    scan = forms.FileField(label="Bản quét", required=False)
    password = forms.CharField(label="Mật khẩu", widget=forms.PasswordInput)

    def clean(self) -> None:
        raise forms.ValidationError("Bản này vừa có thay đổi.")


# Icons and tags ------------------------------------------------------------------------------
def test_icon_is_inline_and_silent() -> None:
    svg = render('{% icon "lock" 13 %}')
    assert svg.startswith("<svg")
    assert 'aria-hidden="true"' in svg
    assert 'width="13"' in svg
    assert "<path" in svg
    assert "xmlns" not in svg


def test_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(FileNotFoundError):
        render('{% icon "no-such-icon" %}')


def test_tag_escapes_its_label() -> None:
    assert "&lt;b&gt;" in render('{% tag "ok" label %}', label="<b>")


def test_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        render('{% tag "green" "Xong" %}')


@pytest.mark.parametrize(
    ("workflow", "value", "label", "kind"),
    [
        ("pledge", "CIRCULATED", "Đang góp ý", "do"),
        ("Pledge", "SIGNED", "Đã ký", "seal"),
        ("ClusterYear", "PUBLISHED", "Đã công bố", "seal"),
        ("signature", "WAITING_TURN", "Chưa đến lượt", "wait"),
        ("job", "FAILED", "Lỗi", "err"),
        ("score_sheet", "APPROVED", "Đã duyệt", "seal"),
    ],
)
def test_status_has_its_one_label(workflow: str, value: str, label: str, kind: str) -> None:
    tag = render("{% status workflow value %}", workflow=workflow, value=value)
    assert label in tag
    assert f"gu-tag-{kind}" in tag
    assert "<svg" in tag


def test_invited_reads_as_ones_own_turn_for_oneself() -> None:
    assert "Đến lượt bạn" in render('{% status "signature" "INVITED" mine=True %}')
    assert "Đến lượt ký" in render('{% status "signature" "INVITED" %}')
    assert "Đã ký" in render('{% status "signature" "SIGNED" mine=True %}')


def test_only_provisional_is_dashed() -> None:
    dashed = {
        (workflow, value)
        for workflow, states in gu.STATUS_TAGS.items()
        for value, status in states.items()
        if status.dashed
    }
    assert dashed == {("cluster_year", "PROVISIONAL"), ("publication", "PROVISIONAL")}
    assert "gu-tag-dashed" in render('{% status "publication" "PROVISIONAL" %}')


def test_every_status_can_be_drawn() -> None:
    for workflow, states in gu.STATUS_TAGS.items():
        for value, status in states.items():
            assert status.kind in gu.KINDS
            assert status.label in render("{% status w v %}", w=workflow, v=value)


@pytest.mark.parametrize(
    ("model", "field", "workflow"),
    [
        ("clusters.ClusterYear", "status", "cluster_year"),
        ("pledges.Pledge", "status", "pledge"),
        ("pledges.Proposal", "state", "remark"),
        ("pledges.Consent", "word", "consent"),
        ("pledges.Signatory", "status", "signature"),
        ("reports.Job", "status", "job"),
        ("scoring.CriteriaTable", "status", "criteria_table"),
    ],
)
def test_tags_say_what_the_models_say(model: str, field: str, workflow: str) -> None:
    choices = apps.get_model(model)._meta.get_field(field).flatchoices
    assert choices
    for value, label in choices:
        assert gu.STATUS_TAGS[workflow][value].label == label


def test_a_state_without_a_label_does_not_pass_silently() -> None:
    with pytest.raises(KeyError):
        render('{% status "pledge" "SOMETHING" %}')


# Buttons -------------------------------------------------------------------------------------
def test_allowed_button_submits_and_carries_its_name() -> None:
    button = render(
        '{% verdict_button v "Chốt để ký" name="act" value="freeze" form="f" %}', v=ALLOWED
    )
    assert '<button type="submit" class="btn btn-primary"' in button
    assert 'name="act" value="freeze" form="f"' in button


def test_locked_button_says_why_and_cannot_be_sent() -> None:
    html = render('{% verdict_button v "Chốt để ký" name="act" %}', v=deny("Còn thiếu <2> mục."))
    assert "Còn thiếu &lt;2&gt; mục." in html
    assert 'aria-disabled="true"' in html
    assert 'type="button"' in html
    assert " disabled" not in html.replace("aria-disabled", "")
    assert 'aria-describedby="ly-do-1"' in html
    assert 'id="ly-do-1"' in html
    assert "submit" not in html
    assert 'name="act"' not in html


def test_two_locked_buttons_have_two_reasons() -> None:
    html = render("{% verdict_button v 'Một' %}{% verdict_button v 'Một' %}", v=deny("Vì vậy."))
    assert html.count('id="ly-do-1"') == 1
    assert html.count('id="ly-do-2"') == 1


def test_locked_link_leads_nowhere() -> None:
    html = render('{% verdict_button v "Ký" href="/ky/" %}', v=deny("Chưa đến lượt."))
    assert "/ky/" not in html
    assert 'href="/ky/"' in render('{% verdict_button v "Ký" href="/ky/" %}', v=ALLOWED)


def test_action_button_is_a_form_of_its_own() -> None:
    html = render(
        '{% verdict_button v "Gửi" action="/gui/" kind="secondary" %}', v=ALLOWED, csrf_token="abc"
    )
    assert '<form method="post" action="/gui/"' in html
    assert 'name="csrfmiddlewaretoken" value="abc"' in html
    assert "btn-secondary" in html


# Parts of a page -----------------------------------------------------------------------------
def test_crumbs_end_with_this_page() -> None:
    html = render('{% crumbs "Cụm 1" "/c/1/" "Ký" %}')
    assert '<a href="/c/1/">Cụm 1</a>' in html
    assert '<li aria-current="page">Ký</li>' in html
    with pytest.raises(ValueError, match="last part"):
        render('{% crumbs "Cụm 1" "/c/1/" %}')


def test_turn_line_shows_caption_fact_and_detail() -> None:
    html = render("{% turn_line cells %}", cells=[gu.Cell("Hạn", "30/06/2024", "còn 6 ngày")])
    assert "<dt>Hạn</dt>" in html
    assert "30/06/2024 <span>còn 6 ngày</span>" in html


def test_units_waited_for_take_the_room_of_the_line() -> None:
    cells = [gu.Cell("Giai đoạn", "Ký"), {"caption": "Đang chờ", "fact": "Hải Phòng"}]
    html = render("{% turn_line cells %}", cells=cells)
    assert html.index("Giai đoạn") < html.index("gu-turn-wide") < html.index("Hải Phòng")
    assert "gu-turn-wide" in render("{% turn_line cells %}", cells=cells[:1])


def test_job_bar_counts() -> None:
    html = render('{% job_bar 1258 2353 "trang" %}')
    assert 'value="1258" max="2353"' in html
    assert "1.258/2.353</b> trang" in html
    assert 'max="1"' in render("{% job_bar 0 0 %}")


# Forms ---------------------------------------------------------------------------------------
def test_error_summary_links_each_field_with_the_words_beside_it() -> None:
    form = ReasonForm({})
    summary = render("{% error_summary form %}", form=form)
    assert "Có 4 lỗi cần sửa" in summary
    assert "data-error-summary" in summary
    assert "<li>Bản này vừa có thay đổi.</li>" in summary
    sentence = str(form.errors["reason"][0])
    assert f'<a href="#id_reason">{sentence}</a>' in summary
    assert '<a href="#div_id_way">' in summary
    assert sentence in render("{% field form.reason %}", form=form)


def test_error_summary_is_silent_without_errors() -> None:
    assert render("{% error_summary form %}", form=ReasonForm()).strip() == ""


def test_field_has_label_then_hint_then_error_then_input() -> None:
    html = render("{% field form.reason %}", form=ReasonForm({}))
    places = [
        html.index(part) for part in ("<label", "Viết một câu.", "gu-field-error", "<textarea")
    ]
    assert places == sorted(places)
    assert 'aria-invalid="true"' in html
    assert "is-invalid" in html


def test_every_described_by_points_to_something() -> None:
    html = render("{% load crispy_forms_filters %}{{ form|crispy }}", form=ReasonForm({}))
    for name in ("reason", "note", "way", "scan", "password"):
        for target in (f"id_{name}_helptext", f"id_{name}_error"):
            if f"{target}" in html:
                assert html.count(f'id="{target}"') == 1, target


def test_optional_fields_are_marked_and_required_reasons_too() -> None:
    html = render("{% load crispy_forms_filters %}{{ form|crispy }}", form=ReasonForm())
    assert html.count("(không bắt buộc)") == 2
    assert html.count("(bắt buộc)") == 1
    assert "*" not in html


def test_crispy_shows_the_same_error_summary() -> None:
    html = render("{% load crispy_forms_filters %}{{ form|crispy }}", form=ReasonForm({}))
    assert "Có 4 lỗi cần sửa" in html
    assert html.index("gu-errors") < html.index("<label")


def test_files_and_long_texts_warn_of_classified_material() -> None:
    form = ReasonForm()
    assert "Không đính kèm tài liệu mật." in render("{% field form.scan %}", form=form)
    assert "Không nhập thông tin mật." in render("{% field form.reason %}", form=form)
    assert "mật." not in render("{% field form.note %}", form=form)


def test_password_can_be_shown_and_is_not_sent_back() -> None:
    html = render("{% field form.password %}", form=ReasonForm({"password": "bi-mat-123"}))
    assert "bi-mat-123" not in html
    assert 'aria-controls="id_password"' in html


def test_page_title_tells_of_errors() -> None:
    page = render_to_string("csrf.html", {"form": ReasonForm({})})
    assert "<title>Lỗi: " in page
    assert "<title>Phiên" in render_to_string("csrf.html", {"form": ReasonForm()})


# Filters -------------------------------------------------------------------------------------
def test_numbers_and_dates_are_vietnamese() -> None:
    moment = datetime(2024, 6, 24, 7, 5, tzinfo=UTC)
    values = {
        "number": Decimal("1234.50"),
        "day": date(2020, 3, 4),
        "moment": moment,
        "nothing": None,
        "size": 4_120_000,
        "digest": "9f3c71ab" * 8,
    }
    shown = render(
        "{{ number|vn_number }}|{{ number|vn_number:2 }}|{{ day|vn_date }}|{{ day|vn_day_month }}"
        "|{{ moment|vn_datetime }}|{{ nothing|vn_number }}{{ nothing|vn_date }}"
        "{{ nothing|vn_datetime }}{{ nothing|vn_date_long }}{{ nothing|vn_day_month }}"
        "|{{ size|file_size }}|{{ digest|short_hash }}|{{ digest|grouped_hash }}",
        **values,
    ).replace("\u00a0", " ")
    parts = shown.split("|")
    assert parts[:3] == ["1.234,5", "1.234,50", "04/03/2020"]
    assert parts[3:8] == ["04/03", "14:05 ngày 24/06/2024", "", "4,1 MB", "9f3c\u2060…\u206071ab"]
    assert parts[8].startswith("9f3c 71ab 9f3c")


def test_zero_is_not_nothing() -> None:
    assert render("{{ v|vn_number }}", v=0) == "0"
    assert render("{{ v|vn_number }}", v=Decimal("-3.5")) == "\u22123,5"


def test_official_date_and_small_files() -> None:
    day = render("{{ v|vn_date_long }}", v=date(2020, 3, 4)).replace("\u00a0", " ")
    assert day == "ngày 04 tháng 3 năm 2020"
    assert render("{{ v|file_size }}", v=312) == "1\u00a0kB"
    assert render("{{ v|file_size }}", v=None) == ""


# The frame -----------------------------------------------------------------------------------
def nav_items(count: int) -> str:
    item = SimpleNamespace(
        label="Việc của tôi", icon="check2-square", url="/viec-cua-toi/", active=True, count=count
    )
    return render_to_string("_nav_items.html", {"frame": SimpleNamespace(nav=[item])})


def test_counter_is_read_out_and_disappears_at_zero() -> None:
    assert "5 việc chưa xử lý" in nav_items(5)
    assert "chưa xử lý" not in nav_items(0)
    assert 'aria-current="page"' in nav_items(0)
