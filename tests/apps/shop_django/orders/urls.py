from django.urls import path

from orders import views

urlpatterns = [
    path("orders/", views.order_list, name="order-list"),
    path("orders/export.csv", views.order_export, name="order-export"),
    path("orders/ticker/", views.order_ticker, name="order-ticker"),
    path("orders/<int:pk>/", views.order_detail, name="order-detail"),
    path("orders/<int:pk>/again/", views.order_again, name="order-again"),
    path("desk/", views.desk, name="desk"),
    path("cart/", views.cart_detail, name="cart"),
    path("cart/checkout/", views.checkout, name="checkout"),
]
