"""Criteria tables as Excel files: downloaded, filled in by hand, previewed and stored."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import Audience, access
from clusters.http import ActingRequest
from core import acts
from core.policy import first_denial
from core.sending import file_name
from scoring import operations, tablebook
from scoring.forms.table_excel import PreviewedTableForm, WorkbookForm
from scoring.policies.table import TableStanding, may_write_table
from scoring.queries.table import as_interchange, table_standing
from scoring.queries.table_preview import Preview, present_table, preview_again, preview_of
from scoring.views.runs import attachment, year_of

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: `?ban=nhap` asks for the draft beside a table in use.
DRAFT: Final = "nhap"


@access(Audience.CLUSTER)
def download(request: ActingRequest, pk: int) -> HttpResponse:
    """Send the table that stands, or the draft beside it, as a workbook."""
    year = year_of(request, pk)
    standing = table_standing(request.acting, year)
    found = standing.draft if request.GET.get("ban") == DRAFT else standing.table
    if found is None:
        return redirect("scoring:table", pk)
    name = file_name("Bảng tiêu chí", str(year), f"(phiên bản {found.version})", ending=".xlsx")
    return attachment(tablebook.write(as_interchange(found)), name, XLSX)


@access(Audience.CLUSTER)
def blank(request: ActingRequest, pk: int) -> HttpResponse:
    """Send a workbook to fill in, with a guide and an example of every kind."""
    year_of(request, pk)
    return attachment(tablebook.blank(), "Mẫu bảng tiêu chí.xlsx", XLSX)


@access(Audience.CLUSTER, "GET", "POST")
def bring(request: ActingRequest, pk: int) -> HttpResponse:
    """Take an Excel file and show every row with its faults; nothing is stored."""
    year = year_of(request, pk)
    standing = table_standing(request.acting, year)
    verdict, present = may_write_table(standing), present_table(standing)
    bound = (acts.sent(request), acts.sent_files(request)) if verdict else ()
    form = WorkbookForm(*bound, present=present)
    if form.is_bound and form.is_valid() and form.reading:
        preview = preview_of(form.reading, standing, present)
        return _show(request, standing, preview, form.carried(standing.draft))
    context = {"year": year, "standing": standing, "verdict": verdict, "form": form}
    return render(request, "scoring/table_import.html", context)


@access(Audience.CLUSTER, "POST")
def keep(request: ActingRequest, pk: int) -> HttpResponse:
    """Write a previewed table into the draft; what changed meanwhile is shown first."""
    year = year_of(request, pk)
    form = PreviewedTableForm(acts.sent(request))

    def act() -> str:
        name = form.cleaned_data["file_name"]
        operations.replace_tree(
            cluster_year_id=pk,
            table=form.cleaned_data["read"],
            source=f"Nhập từ tệp {name}" if name else "Nhập từ tệp Excel",
            seen=form.seen_draft,
            by=request.acting,
            now=request.now,
        )
        return reverse("scoring:table_edit", args=[pk])

    if done := acts.submit(request, form, act, success="Đã ghi bảng từ tệp Excel vào bản nháp."):
        return done
    if form.read is None:
        messages.error(request, " ".join(map(str, form.non_field_errors())))
        return redirect("scoring:table_import", pk)
    standing = table_standing(request.acting, year)
    form.renew_draft(standing.draft)
    return _show(
        request, standing, preview_again(form.read, standing, present_table(standing)), form
    )


def _show(
    request: ActingRequest,
    standing: TableStanding,
    preview: Preview,
    form: PreviewedTableForm | None,
) -> HttpResponse:
    context = {
        "year": standing.year,
        "standing": standing,
        "preview": preview,
        "form": form,
        "verdict": first_denial(may_write_table(standing), preview.verdict),
    }
    return render(request, "scoring/table_import_preview.html", context)
