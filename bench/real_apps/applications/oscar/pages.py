"""The pages that are opened, as (name, URL name, model of the object or ``None``, look-up of the object)."""

from collections.abc import Iterator
from typing import Any

Page = tuple[str, str, tuple[str, str] | None, dict[str, str]]

STORE: tuple[Page, ...] = (
    ("catalogue", "catalogue:index", None, {}),
    ("category", "catalogue:category", ("catalogue", "Category"), {"name": "Child of Root 0"}),
    ("product", "catalogue:detail", ("catalogue", "Product"), {"upc": "upc-0"}),
    ("parent product", "catalogue:detail", ("catalogue", "Product"), {"upc": "parent"}),
    ("reviews", "catalogue:reviews-list", ("catalogue", "Product"), {"upc": "upc-0"}),
    ("basket", "basket:summary", None, {}),
    ("offers", "offer:list", None, {}),
    ("offer", "offer:detail", ("offer", "ConditionalOffer"), {"name": "Offer 0"}),
    ("range", "catalogue:range", ("offer", "Range"), {"slug": "range-0"}),
    ("search", "search:search", None, {}),
)
CUSTOMER: tuple[Page, ...] = (
    ("orders", "customer:order-list", None, {}),
    ("order", "customer:order", ("order", "Order"), {"number": "own-0"}),
    ("addresses", "customer:address-list", None, {}),
    ("wish lists", "customer:wishlists-list", None, {}),
    ("wish list", "customer:wishlists-detail", ("wishlists", "WishList"), {}),
    ("alerts", "customer:alerts-list", None, {}),
    ("notifications", "customer:notifications-inbox", None, {}),
    ("emails", "customer:email-list", None, {}),
)
DASHBOARD: tuple[Page, ...] = tuple(
    (f"dashboard {name.replace('-', ' ')}", f"dashboard:{name}", None, {})
    for name in (
        "index",
        "catalogue-product-list",
        "catalogue-category-list",
        "catalogue-class-list",
        "catalogue-option-list",
        "catalogue-attribute-option-group-list",
        "stock-alert-list",
        "order-list",
        "order-stats",
        "users-index",
        "user-alert-list",
        "offer-list",
        "voucher-list",
        "range-list",
        "partner-list",
        "page-list",
        "reviews-list",
        "comms-list",
        "shipping-method-list",
        "reports-index",
    )
)
DASHBOARD_DETAILS: tuple[Page, ...] = (
    ("dashboard order", "dashboard:order-detail", ("order", "Order"), {"number": "own-0"}),
    ("dashboard product", "dashboard:catalogue-product", ("catalogue", "Product"), {"upc": "upc-0"}),
    ("dashboard parent", "dashboard:catalogue-product", ("catalogue", "Product"), {"upc": "parent"}),
    ("dashboard user", "dashboard:user-detail", ("auth", "User"), {"email": "owner@example.org"}),
    ("dashboard offer", "dashboard:offer-detail", ("offer", "ConditionalOffer"), {"name": "Offer 0"}),
    ("dashboard voucher", "dashboard:voucher-stats", ("voucher", "Voucher"), {"code": "CODE0"}),
    ("dashboard range products", "dashboard:range-products", ("offer", "Range"), {"slug": "range-0"}),
    ("dashboard partner", "dashboard:partner-manage", ("partner", "Partner"), {"name": "Partner 0"}),
    ("dashboard category", "dashboard:catalogue-category-detail-list", ("catalogue", "Category"), {"name": "Root 0"}),
)
ADMIN: tuple[Page, ...] = tuple(
    (f"admin {model}", f"admin:{model}_changelist", None, {})
    for model in (
        "catalogue_product",
        "order_order",
        "order_line",
        "basket_basket",
        "basket_line",
        "offer_conditionaloffer",
        "partner_stockrecord",
        "reviews_productreview",
        "wishlists_line",
        "customer_productalert",
    )
)
PAGES: tuple[Page, ...] = STORE + CUSTOMER + DASHBOARD + DASHBOARD_DETAILS + ADMIN

OWNER = {"email": "owner@example.org"}
_ARGUMENTS: dict[str, dict[str, str]] = {
    "catalogue:detail": {"product_slug": "slug", "pk": "pk"},
    "catalogue:reviews-list": {"product_slug": "slug", "product_pk": "pk"},
    "catalogue:range": {"slug": "slug"},
    "offer:detail": {"slug": "slug"},
    "customer:order": {"order_number": "number"},
    "customer:wishlists-detail": {"key": "key"},
    "dashboard:order-detail": {"number": "number"},
}


def addresses() -> Iterator[tuple[str, str]]:
    """Name and URL of each page; the shop has to be booted and filled."""
    from django.urls import reverse

    for name, route, model, wanted in PAGES:
        target = _target(model, wanted)
        if route == "catalogue:category":
            yield name, target.get_absolute_url()
        else:
            names = {} if target is None else _ARGUMENTS.get(route, {"pk": "pk"})
            yield name, reverse(route, kwargs={key: getattr(target, attribute) for key, attribute in names.items()})


def _target(model: tuple[str, str] | None, wanted: dict[str, str]) -> Any:
    from django.contrib.auth import get_user_model
    from oscar.core.loading import get_model

    if model is None:
        return None
    kind = get_user_model() if model[0] == "auth" else get_model(*model)
    return kind.objects.filter(**wanted).order_by("pk").first()
