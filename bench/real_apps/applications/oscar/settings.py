"""A shop with django-oscar's own defaults, SQLite and a memory cache."""

import os
from pathlib import Path

from oscar.defaults import *  # noqa: F403 - the way oscar is set up

SECRET_KEY = "only for the benchmark"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "bench.real_apps.applications.oscar.urls"
SITE_ID = 1
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["BENCH_OSCAR_DATABASE"],
        "ATOMIC_REQUESTS": True,
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
STATIC_URL = "/static/"
MEDIA_ROOT = str(Path(os.environ["BENCH_OSCAR_DATABASE"]).parent)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTHENTICATION_BACKENDS = (
    "oscar.apps.customer.auth_backends.EmailBackend",
    "django.contrib.auth.backends.ModelBackend",
)
_OSCAR_APPS = (
    "config.Shop",
    "apps.analytics.apps.AnalyticsConfig",
    "apps.checkout.apps.CheckoutConfig",
    "apps.address.apps.AddressConfig",
    "apps.shipping.apps.ShippingConfig",
    "apps.catalogue.apps.CatalogueConfig",
    "apps.catalogue.reviews.apps.CatalogueReviewsConfig",
    "apps.communication.apps.CommunicationConfig",
    "apps.partner.apps.PartnerConfig",
    "apps.basket.apps.BasketConfig",
    "apps.payment.apps.PaymentConfig",
    "apps.offer.apps.OfferConfig",
    "apps.order.apps.OrderConfig",
    "apps.customer.apps.CustomerConfig",
    "apps.search.apps.SearchConfig",
    "apps.voucher.apps.VoucherConfig",
    "apps.wishlists.apps.WishlistsConfig",
    "apps.dashboard.apps.DashboardConfig",
    "apps.dashboard.reports.apps.ReportsDashboardConfig",
    "apps.dashboard.users.apps.UsersDashboardConfig",
    "apps.dashboard.orders.apps.OrdersDashboardConfig",
    "apps.dashboard.catalogue.apps.CatalogueDashboardConfig",
    "apps.dashboard.offers.apps.OffersDashboardConfig",
    "apps.dashboard.partners.apps.PartnersDashboardConfig",
    "apps.dashboard.pages.apps.PagesDashboardConfig",
    "apps.dashboard.ranges.apps.RangesDashboardConfig",
    "apps.dashboard.reviews.apps.ReviewsDashboardConfig",
    "apps.dashboard.vouchers.apps.VouchersDashboardConfig",
    "apps.dashboard.communications.apps.CommunicationsDashboardConfig",
    "apps.dashboard.shipping.apps.ShippingDashboardConfig",
)
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.flatpages",
    *(f"oscar.{name}" for name in _OSCAR_APPS),
    "widget_tweaks",
    "haystack",
    "treebeard",
    "django_tables2",
]
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.search.context_processors.search_form",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.apps.communication.notifications.context_processors.notifications",
                "oscar.core.context_processors.metadata",
            ]
        },
    }
]
