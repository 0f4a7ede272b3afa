from django.urls import path

from customers.api import CustomerList

urlpatterns = [path("", CustomerList.as_view(), name="api-customer-list")]
