from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from bench.detection.django_suite import views

router = SimpleRouter()
router.register("shipments", views.ShipmentViewSet, basename="shipment")
router.register("joined-shipments", views.JoinedShipmentViewSet, basename="joined-shipment")

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include(router.urls)),
    path("sitemap.xml", sitemap, {"sitemaps": {"shipments": views.ShipmentSitemap}}),
    path("tracking/<slug:customer>/<str:reference>/", views.tracking, name="tracking"),
    path("arrivals/", views.arrivals),
    path("board/", views.BoardView.as_view()),
    path("joined-board/", views.JoinedBoardView.as_view()),
    path("customers/<int:pk>/", views.CustomerView.as_view()),
    path("export.csv", views.export),
    path("async-balances/", views.async_balances),
    path("header/", views.page_with_header),
    path("account/", views.account),
]
