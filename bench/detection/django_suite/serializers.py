"""Django REST framework serializers: nested, by source, by method, by string."""

from rest_framework import serializers

from bench.detection.django_suite.models import Container, Customer, Invoice, Ship, Shipment


class ContainerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Container
        fields = ["number", "weight"]


class NestedShipmentSerializer(serializers.ModelSerializer):
    containers = ContainerSerializer(many=True, read_only=True)  # place[nested_serializer]: access

    class Meta:
        model = Shipment
        fields = ["reference", "containers"]


class CustomerLabelSerializer(serializers.ModelSerializer):
    customer = serializers.StringRelatedField()  # place[string_related_field]: access

    class Meta:
        model = Invoice
        fields = ["total", "customer"]


class ShipmentRowSerializer(serializers.ModelSerializer):
    phone = serializers.CharField(source="customer.profile.phone")  # place[viewset_through_the_client, dotted_source]: access

    class Meta:
        model = Shipment
        fields = ["reference", "phone"]


class TaggedShipmentSerializer(serializers.ModelSerializer):
    """`tags` becomes a list of keys: one many-to-many query a row."""

    class Meta:
        model = Shipment
        fields = ["reference", "tags"]  # place[many_related_keys]: access


class ShipSerializer(serializers.ModelSerializer):
    load = serializers.SerializerMethodField()

    class Meta:
        model = Ship
        fields = ["name", "load"]

    def get_load(self, ship):
        return sum(shipment.weight for shipment in ship.shipments.all())  # place[serializer_method_field]: access


class BalanceSerializer(serializers.Serializer):
    name = serializers.CharField()
    unpaid = serializers.SerializerMethodField()

    def get_unpaid(self, customer):
        unpaid = Invoice.objects.filter(customer=customer, paid=False)
        return unpaid.count()  # place[serializer_method_that_counts]: access


class JoinedShipmentSerializer(serializers.ModelSerializer):
    """The queryset of its view has loaded all of this."""

    phone = serializers.CharField(source="customer.profile.phone")
    ship = serializers.CharField(source="ship.name")
    containers = ContainerSerializer(many=True, read_only=True)

    class Meta:
        model = Shipment
        fields = ["reference", "phone", "ship", "containers", "tags"]


class NewCustomerSerializer(serializers.ModelSerializer):
    """Three unique columns: validation asks for each of them once."""

    class Meta:
        model = Customer
        fields = ["number", "slug", "email", "name"]
