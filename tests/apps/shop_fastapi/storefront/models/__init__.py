from storefront.models.base import Base, utc_now
from storefront.models.catalogue import (
    Category,
    Product,
    ProductImage,
    Review,
    Supplier,
    Tag,
    product_suppliers,
    product_tags,
)
from storefront.models.customers import Address, Customer, LoyaltyAccount
from storefront.models.inventory import Region, StockLevel, Warehouse
from storefront.models.notes import StaffNote
from storefront.models.orders import (
    Cart,
    CartLine,
    Coupon,
    Order,
    OrderLine,
    OrderStatus,
    OutboxMessage,
    Payment,
    PaymentStatus,
    TaxRate,
)

__all__ = [
    "Address",
    "Base",
    "Cart",
    "CartLine",
    "Category",
    "Coupon",
    "Customer",
    "LoyaltyAccount",
    "Order",
    "OrderLine",
    "OrderStatus",
    "OutboxMessage",
    "Payment",
    "PaymentStatus",
    "Product",
    "ProductImage",
    "Region",
    "Review",
    "StaffNote",
    "StockLevel",
    "Supplier",
    "Tag",
    "TaxRate",
    "Warehouse",
    "product_suppliers",
    "product_tags",
    "utc_now",
]
