"""Declarative serialisers in the manner of marshmallow: a class names fields, `dump` reads them."""


class Field:
    def __init__(self, attribute=None):
        self.attribute = attribute

    def read(self, instance, name):
        value = instance
        for part in (self.attribute or name).split("."):
            value = getattr(value, part)  # place[declared_fields_serializer]: access
        return value


class Nested(Field):
    def __init__(self, serializer, many=False):
        super().__init__()
        self.serializer = serializer
        self.many = many

    def read(self, instance, name):
        return self.serializer().dump(super().read(instance, name), many=self.many)


class Serializer:
    fields = {}

    def dump(self, instance, many=False):
        if many:
            return [self.dump(each) for each in instance]  # place[declared_fields_serializer]: loop
        return {name: field.read(instance, name) for name, field in self.fields.items()}


class ParcelSerializer(Serializer):
    fields = {"weight": Field(), "sku": Field("product.sku")}


class ShipmentSerializer(Serializer):
    fields = {"reference": Field(), "customer": Field("customer.name"), "parcels": Nested(ParcelSerializer, many=True)}
