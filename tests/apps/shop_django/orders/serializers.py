from rest_framework import serializers

from orders.models import Order, OrderLine


class OrderLineSerializer(serializers.ModelSerializer):
    product = serializers.CharField(source="product.name", read_only=True)

    class Meta:
        model = OrderLine
        fields = ["product", "quantity", "unit_price"]


class OrderSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.name", read_only=True)
    lines = OrderLineSerializer(many=True, read_only=True)
    paid = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = ["number", "placed_at", "status", "customer", "lines", "paid"]

    def get_paid(self, order: Order) -> bool:
        return order.payment.status == order.payment.Status.SETTLED
