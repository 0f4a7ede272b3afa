from django.db.models import Count, Prefetch
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.models import Product, Supplier
from catalogue.serializers import ProductSerializer, SupplierSerializer, TaggingSerializer


class ProductViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Product.objects.filter(is_active=True).prefetch_related("images")
    serializer_class = ProductSerializer

    @action(detail=False, methods=["post"])
    def tagging(self, request: Request) -> Response:
        serializer = TaggingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        tag = serializer.validated_data["tag"]
        tag.products.add(*serializer.validated_data["products"])
        return Response({"tag": tag.name}, status=status.HTTP_200_OK)


class SupplierViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = (
        Supplier.objects.annotate(product_count=Count("products"))
        .prefetch_related(
            Prefetch(
                "products",
                queryset=Product.objects.filter(is_active=True),
                to_attr="active_products",
            )
        )
        .order_by("name")
    )
    serializer_class = SupplierSerializer
