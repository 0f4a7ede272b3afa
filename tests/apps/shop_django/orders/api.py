from rest_framework import viewsets
from rest_framework.permissions import IsAdminUser

from orders.models import Order
from orders.serializers import OrderSerializer


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.select_related("customer", "payment")
    serializer_class = OrderSerializer
    permission_classes = [IsAdminUser]
