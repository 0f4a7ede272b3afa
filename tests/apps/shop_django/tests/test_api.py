from django.db.models import Avg

from catalogue.models import Product, Review, Tag
from orders.models import Order
from tests.shop_case import ROWS, ShopTestCase


class PublicApiTest(ShopTestCase):
    def test_products_are_nested(self):
        product = Product.objects.get(slug="product-0")
        answer = self.client.get("/api/products/").json()
        first = answer["results"][0]
        self.assertEqual(answer["count"], ROWS)
        self.assertEqual(first["category"]["name"], product.category.name)
        self.assertEqual(len(first["images"]), 2)
        self.assertEqual({tag["name"] for tag in first["tags"]}, set(map(str, product.tags.all())))
        mean = product.reviews.filter(approved=True).aggregate(mean=Avg("rating"))["mean"]
        self.assertAlmostEqual(first["average_rating"], mean)

    def test_suppliers_count_all_and_list_what_is_sold(self):
        Product.objects.filter(slug="product-0").update(is_active=False)
        supplier = self.client.get("/api/suppliers/").json()["results"][0]
        self.assertEqual(supplier["product_count"], 2)
        self.assertEqual(len(supplier["products"]), 1)

    def test_orders_and_customers_are_for_the_staff(self):
        for path in ("/api/orders/", "/api/customers/"):
            self.assertEqual(self.client.get(path).status_code, 403, path)

    def test_strangers_tag_nothing(self):
        self.assertEqual(self.client.post("/api/products/tagging/", {}).status_code, 403)


class StaffApiTest(ShopTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.staff)

    def test_orders_carry_lines_and_payment(self):
        order = Order.objects.first()
        first = self.client.get("/api/orders/").json()["results"][0]
        self.assertEqual(first["number"], order.number)
        self.assertEqual(len(first["lines"]), order.lines.count())
        self.assertEqual(first["lines"][0]["product"], order.lines.first().product.name)
        self.assertIs(first["paid"], True)

    def test_customers_carry_loyalty_and_city(self):
        first, second, *_ = self.client.get("/api/customers/").json()
        self.assertEqual(first["city"], "Bremen")
        self.assertEqual(second["loyalty"], {"tier": "bronze", "points": 10})

    def test_tagging_many_products(self):
        tag = Tag.objects.create(name="sale")
        data = {"tag": "sale", "products": list(Product.objects.values_list("pk", flat=True)[:4])}
        response = self.client.post("/api/products/tagging/", data, "application/json")
        self.assertEqual(response.json(), {"tag": "sale"})
        self.assertEqual(tag.products.count(), 4)

    def test_tagging_refuses_an_unknown_product(self):
        data = {"tag": "blue", "products": [0]}
        response = self.client.post("/api/products/tagging/", data, "application/json")
        self.assertEqual(response.status_code, 400)


class AdminTest(ShopTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.staff)

    def test_change_lists_open(self):
        for page in (
            "catalogue/product",
            "catalogue/review",
            "catalogue/category",
            "customers/customer",
            "inventory/stocklevel",
            "notes/staffnote",
            "orders/order",
            "orders/payment",
        ):
            response = self.client.get(f"/admin/{page}/")
            self.assertEqual(response.status_code, 200, page)

    def test_computed_columns(self):
        order = Order.objects.first()
        self.assertContains(self.client.get("/admin/orders/order/"), order.total)
        product = Product.objects.get(slug="product-0")
        page = self.client.get("/admin/catalogue/product/", {"q": product.sku})
        self.assertContains(page, f'<td class="field-review_count">{ROWS}</td>')

    def test_reviews_can_be_approved_together(self):
        Review.objects.update(approved=False)
        chosen = list(Review.objects.values_list("pk", flat=True)[:3])
        data = {"action": "approve", "_selected_action": chosen}
        self.client.post("/admin/catalogue/review/", data)
        self.assertEqual(Review.objects.filter(approved=True).count(), 3)
