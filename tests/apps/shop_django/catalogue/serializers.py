from django.db.models import Avg
from rest_framework import serializers

from catalogue.models import Category, Product, ProductImage, Supplier, Tag


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["name", "slug"]


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["name"]


class ProductImageSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProductImage
        fields = ["path", "alt"]


class ProductSerializer(serializers.ModelSerializer):
    category = CategorySerializer(read_only=True)
    images = ProductImageSerializer(many=True, read_only=True)
    tags = TagSerializer(many=True, read_only=True)
    average_rating = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["sku", "name", "price", "category", "images", "tags", "average_rating"]

    def get_average_rating(self, product: Product) -> float | None:
        return product.reviews.filter(approved=True).aggregate(mean=Avg("rating"))["mean"]


class SupplierProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["sku", "name"]


class SupplierSerializer(serializers.ModelSerializer):
    products = SupplierProductSerializer(source="active_products", many=True, read_only=True)
    product_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Supplier
        fields = ["name", "country", "product_count", "products"]


class TaggingSerializer(serializers.Serializer):
    """One tag for many products at a time."""

    tag = serializers.SlugRelatedField(slug_field="name", queryset=Tag.objects.all())
    products = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all(), many=True)
