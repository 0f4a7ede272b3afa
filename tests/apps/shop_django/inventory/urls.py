from django.urls import path

from inventory import views

urlpatterns = [
    path("low/", views.low_stock, name="low-stock"),
    path("transfer/", views.transfer, name="stock-transfer"),
]
