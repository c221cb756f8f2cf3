"""设置 · 标签: the words the shop sorts customers by, curated."""

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shuke.customers.queries.traits import CuratedTag, curated_tags, tag_categories
from shuke.customers.services import tag_curation
from shuke.customers.views.gate import actor_of, needs
from shuke.customers.views.plans import settings_tabs
from shuke.ui.toasts import flash

MOST_LISTED = 500


@require_http_methods(["GET", "POST"])
@needs("customers.tags")
def tags(request: HttpRequest) -> HttpResponse:
    """Tags by category; posts name what to do."""
    if request.method == "POST":
        return _do(request)
    listed = curated_tags()[:MOST_LISTED]
    categories = tag_categories()
    known = {category.code for category in categories}
    by_code: dict[str, list[CuratedTag]] = {}
    for tag in listed:
        if not tag.merged_into:
            by_code.setdefault(tag.category if tag.category in known else "", []).append(tag)
    groups = [(category, by_code.get(category.code, [])) for category in categories]
    context = {
        "groups": sorted(groups, key=lambda pair: not pair[1]),  # those without a tag last
        "categories": categories,
        "merged": [tag for tag in listed if tag.merged_into],
        "names": [tag for tag in listed if not tag.merged_into],
        "tabs": settings_tabs(request, "tags"),
    }
    return render(request, "customers/tags.html", context)


def _do(request: HttpRequest) -> HttpResponse:
    act = request.POST.get("do", "")
    try:
        words, undo = _done(request, act)
    except ValidationError as error:
        flash(request, " ".join(error.messages), level="error")
    except ObjectDoesNotExist:
        flash(request, _("这个标签已经不在了，请刷新页面。"), level="error")
    else:
        flash(request, words, undo_url=undo)
    return redirect("customers:tags")


def _done(request: HttpRequest, act: str) -> tuple[str, str]:
    """What to say, and where it is taken back."""
    post, actor = request.POST, actor_of(request)
    if act == "add":
        tag_curation.add_tag(actor=actor, name=post.get("name", ""), category=post.get("category", ""))
        return _("加上了。"), ""
    if act == "change":
        tag_curation.change_tag(
            actor=actor,
            tag_id=_number(request, "tag"),
            name=post.get("name", ""),
            category=post.get("category", ""),
        )
        return _("改好了。"), ""
    if act in ("hide", "show"):
        tag_curation.hide_tag(actor=actor, tag_id=_number(request, "tag"), is_hidden=act == "hide")
        return (_("以后不再提供这个标签，客户身上的还在。") if act == "hide" else _("恢复了。")), ""
    if act == "merge":
        tag_id = _number(request, "tag")
        moved = tag_curation.merge_tags(actor=actor, tag_id=tag_id, into_id=_number(request, "into"))
        words = _("合并好了，%(n)s 位客户换了标签。") % {"n": moved}
        return words, reverse("customers:part_tags", args=[tag_id])
    if act == "category":
        tag_curation.save_category(actor=actor, name=post.get("name", ""), code=post.get("code", ""))
        return _("改好了。"), ""
    if act in ("hide_category", "show_category"):
        hidden = act == "hide_category"
        tag_curation.hide_category(actor=actor, code=post.get("code", ""), is_hidden=hidden)
        return (_("这一类不再提供，客户身上的还在。") if hidden else _("恢复了。")), ""
    raise Http404


@require_POST
@needs("customers.tags")
def part_tags(request: HttpRequest, pk: int) -> HttpResponse:
    """Part two merged tags again."""
    try:
        moved = tag_curation.unmerge_tag(actor=actor_of(request), tag_id=pk)
    except ObjectDoesNotExist:
        raise Http404 from None
    flash(request, _("拆开了，%(n)s 位客户换回原来的标签。") % {"n": moved})
    return redirect("customers:tags")


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise ValidationError(_("请选一个标签。"))
    return int(text)
