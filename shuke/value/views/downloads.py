"""Handing out a page's table as a file."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from shuke.kernel import clock
from shuke.ui.toasts import flash
from shuke.value.services.downloads import FORMATS, FigureTable, write_table

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def wanted_format(request: HttpRequest) -> str:
    """csv or xlsx where the address asks for a file; empty: the page itself."""
    form = request.GET.get("download", "")
    return form if form in FORMATS else ""


def table_file(request: HttpRequest, table: FigureTable) -> HttpResponse:
    """The table as the file that the address asks for; back to the page, with the reason, where it is too long to take out."""
    form = wanted_format(request)
    try:
        content = write_table(actor=request.user, table=table, form=form)
    except PermissionDenied as error:
        if not table.names_customers or not str(error):
            raise
        flash(request, str(error), level="warn")
        return redirect(request.path)
    answer = HttpResponse(content, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="shuke-{table.name}-{clock.today():%Y%m%d}.{form}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
