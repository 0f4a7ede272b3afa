from django.contrib import admin
from django.urls import include, path

from shop.api import router

urlpatterns = [
    path("", include("catalogue.urls")),
    path("", include("orders.urls")),
    path("customers/", include("customers.urls")),
    path("inventory/", include("inventory.urls")),
    path("notes/", include("notes.urls")),
    path("api/customers/", include("customers.api_urls")),
    path("api/", include(router.urls)),
    path("admin/", admin.site.urls),
]
