"""The one router under which every viewset of the API hangs."""

from rest_framework.routers import SimpleRouter

from catalogue.api import ProductViewSet, SupplierViewSet
from orders.api import OrderViewSet

router = SimpleRouter(use_regex_path=False)
router.register("products", ProductViewSet, basename="api-product")
router.register("suppliers", SupplierViewSet, basename="api-supplier")
router.register("orders", OrderViewSet, basename="api-order")
