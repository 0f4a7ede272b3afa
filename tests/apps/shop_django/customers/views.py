from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from customers.activity import last_order_at, review_counts
from customers.models import Customer


@staff_member_required
def customer_list(request: HttpRequest) -> HttpResponse:
    customers = list(Customer.objects.all())
    reviews = review_counts(customers)
    rows = [
        {
            "customer": customer,
            "reviews": reviews[customer.pk],
            "last_order_at": last_order_at(customer),
        }
        for customer in customers
    ]
    return render(request, "customers/customer_list.html", {"rows": rows})
