from rest_framework import serializers

from customers.models import Address, Customer, LoyaltyAccount


class LoyaltySerializer(serializers.ModelSerializer):
    class Meta:
        model = LoyaltyAccount
        fields = ["tier", "points"]


class CustomerSerializer(serializers.ModelSerializer):
    loyalty = LoyaltySerializer(read_only=True)
    city = serializers.SerializerMethodField()

    class Meta:
        model = Customer
        fields = ["name", "email", "loyalty", "city"]

    def get_city(self, customer: Customer) -> str | None:
        home: Address | None = customer.addresses.filter(is_default=True).first()
        return home.city if home else None
