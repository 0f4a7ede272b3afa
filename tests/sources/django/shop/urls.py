"""One page for each way a response comes about."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from tests.sources.django.shop import views

router = SimpleRouter()
router.register("orders", views.OrderViewSet)

urlpatterns = [
    path("orders/", views.order_list),
    path("orders/<int:pk>/", views.order_detail),
    path("async-orders/", views.async_order_list),
    path("board/", views.Board.as_view()),
    path("export/", views.export),
    path("async-export/", views.async_export),
    path("file/", views.file),
    path("broken/", views.broken),
    path("sitemap.xml", sitemap, {"sitemaps": {"orders": views.OrderSitemap}}),
    path("feed/", views.OrderFeed()),
    path("api/", include(router.urls)),
    path("admin/", admin.site.urls),
]
