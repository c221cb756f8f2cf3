"""Pages for when something is wrong. They say what happened and what to do."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Fault:
    """The words of one error page."""

    status: int
    title: str | Promise
    advice: str | Promise


BAD_REQUEST = Fault(
    400, _("这个请求看不懂"), _("请返回上一页刷新后再试；如果是从收藏打开的，请从首页重新进入。")
)
FORBIDDEN = Fault(
    403, _("这里不归您管"), _("您的角色没有打开这一页的权限。需要的话，请店主在「设置 · 员工」里调整。")
)
NOT_FOUND = Fault(404, _("没找到这一页"), _("它可能已被删除或合并。可以按 / 搜客户，或回到今天。"))
TOO_MANY = Fault(429, _("太快了，歇一下"), _("短时间内请求太多。请过一会儿再试。"))
SERVER_ERROR = Fault(
    500, _("出错了，不是您的问题"), _("刚才的操作可能没有保存。请刷新后再试；还不行，请把时间告诉管理员。")
)


def _page(request: HttpRequest, fault: Fault, detail: str = "") -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(
            detail or str(fault.title), status=fault.status, content_type="text/plain; charset=utf-8"
        )
    return render(request, "ui/fault.html", {"fault": fault, "detail": detail}, status=fault.status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(request, BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403; a service's own reason is shown."""
    return _page(request, FORBIDDEN, str(exception or ""))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _page(request, NOT_FOUND)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429."""
    return _page(request, TOO_MANY)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 when a page stayed open too long."""
    fault = Fault(403, _("这一页放得太久了"), _("为了安全，请刷新页面后再提交一次；填写的内容可先复制。"))
    return _page(request, fault)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, drawn without the database."""
    return render(None, "ui/server_error.html", {"fault": SERVER_ERROR}, status=500)
