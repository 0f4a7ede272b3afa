import csv

from catalogue.models import Category, Product
from customers.models import Address
from inventory.models import StockLevel, Warehouse
from notes.models import StaffNote
from orders.models import Order
from tests.shop_case import ROWS, ShopTestCase


class PublicPagesTest(ShopTestCase):
    def test_home_shows_the_newest_products_with_their_tags(self):
        product = Product.objects.latest("pk")
        response = self.client.get("/")
        self.assertContains(response, product.name)
        self.assertContains(response, product.tags.first().name)

    def test_home_hides_what_is_not_sold_any_more(self):
        Product.objects.filter(pk=Product.objects.first().pk).update(is_active=False)
        self.assertNotContains(self.client.get("/"), "Product 00000")

    def test_product_list_shows_path_reviews_and_stock(self):
        product = Product.objects.get(slug="product-0")
        StockLevel.objects.filter(product=product).update(quantity=4)
        StockLevel.objects.exclude(product=product).update(quantity=0)
        response = self.client.get("/products/")
        self.assertContains(response, product.category.path)
        self.assertContains(response, f"({ROWS} reviews)", count=1)
        self.assertContains(response, "8 in stock", count=1)
        self.assertContains(response, "sold out", count=ROWS - 1)

    def test_gallery_shows_one_image_a_product(self):
        response = self.client.get("/products/gallery/")
        self.assertContains(response, "<img", count=ROWS)
        self.assertContains(response, "product-0-0.jpg")

    def test_product_page_names_the_reviewers(self):
        response = self.client.get("/products/product-0/")
        self.assertContains(response, self.customer.name)

    def test_unknown_product_is_not_found(self):
        self.assertEqual(self.client.get("/products/nothing/").status_code, 404)

    def test_category_tree_holds_every_category(self):
        response = self.client.get("/categories/")
        for category in Category.objects.all():
            self.assertContains(response, category.get_absolute_url())

    def test_category_shows_the_products_of_its_descendants(self):
        response = self.client.get("/categories/garden/")
        expected = Product.objects.filter(category__parent__parent__slug="garden")
        self.assertEqual(set(response.context["products"]), set(expected))
        self.assertTrue(expected)

    def test_suppliers_come_with_their_products(self):
        with self.assertNumQueries(3):
            response = self.client.get("/suppliers/")
        self.assertContains(response, "Product 00000 in Corner 0")

    def test_price_feed_has_one_line_a_product(self):
        response = self.client.get("/feeds/prices.csv")
        header, *rows = csv.reader(response.content.decode().splitlines())
        self.assertEqual(header, ["sku", "name", "price", "summary"])
        self.assertEqual(len(rows), ROWS)
        self.assertEqual(rows[0][3], "Product 0 is solid")

    def test_catalogue_feed_lists_the_tags(self):
        products = self.client.get("/feeds/catalogue.json").json()["products"]
        self.assertEqual(len(products), ROWS)
        self.assertTrue(all(len(product["tags"]) == 2 for product in products))


class DeskPagesTest(ShopTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.staff)

    def test_strangers_have_to_log_in(self):
        self.client.logout()
        for path in ("/desk/", "/orders/", "/customers/", "/notes/", "/inventory/low/"):
            self.assertEqual(self.client.get(path).status_code, 302, path)

    def test_desk_counts_by_status(self):
        context = self.client.get("/desk/").context
        self.assertEqual([context[name] for name in ("paid", "shipped", "pending")], [2, 2, 2])

    def test_order_list_shows_totals(self):
        order = Order.objects.first()
        response = self.client.get("/orders/")
        self.assertContains(response, order.number)
        self.assertContains(response, order.total)
        self.assertContains(response, order.shipping_address.city)

    def test_order_list_leaves_out_cancelled_orders(self):
        order = Order.objects.first()
        Order.objects.filter(pk=order.pk).update(status=Order.Status.CANCELLED)
        self.assertNotContains(self.client.get("/orders/"), order.number)

    def test_order_page_shows_lines_and_notes(self):
        order = Order.objects.get(customer__name="Customer 00001")
        response = self.client.get(order.get_absolute_url())
        self.assertContains(response, order.lines.first().product.name)
        self.assertContains(response, "Called back, case 1.")

    def test_order_export_names_customers_and_coupons(self):
        response = self.client.get("/orders/export.csv")
        header, *rows = csv.reader(response.content.decode().splitlines())
        self.assertEqual(header[-1], "coupon")
        self.assertEqual(len(rows), ROWS)
        self.assertEqual([bool(row[-1]) for row in rows].count(True), ROWS // 2)

    def test_ticker_is_for_the_staff(self):
        orders = self.client.get("/orders/ticker/").json()["orders"]
        self.assertEqual(orders[0]["customer"], "Customer 00000")
        self.client.logout()
        self.assertEqual(self.client.get("/orders/ticker/").status_code, 403)

    def test_customers_with_their_last_order(self):
        response = self.client.get("/customers/")
        rows = response.context["rows"]
        self.assertEqual(rows[0]["last_order_at"], Order.objects.latest("placed_at").placed_at)
        self.assertEqual(rows[0]["reviews"], self.customer.reviews.count())

    def test_notes_name_their_targets(self):
        response = self.client.get("/notes/")
        self.assertContains(response, "on Customer 00000")
        self.assertContains(response, f"on {Order.objects.get(customer__name='Customer 00001')}")

    def test_my_notes_are_mine(self):
        notes = self.client.get("/notes/mine/").context["notes"]
        self.assertEqual(set(notes), set(StaffNote.objects.filter(author=self.staff)))
        self.assertLess(len(notes), ROWS)


class StockPagesTest(ShopTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.staff)
        self.level = StockLevel.objects.first()
        StockLevel.objects.update(quantity=10)

    def test_low_stock_is_grouped_by_region(self):
        StockLevel.objects.filter(pk=self.level.pk).update(quantity=1)
        regions = self.client.get("/inventory/low/").context["regions"]
        self.assertEqual(len(regions), 3)
        self.assertEqual([len(region["levels"]) for region in regions], [1, 0, 0])

    def test_transfer_offers_what_is_there(self):
        self.assertContains(self.client.get("/inventory/transfer/"), "(10 left)", count=ROWS * 2)

    def test_transfer_moves_pieces(self):
        destination = Warehouse.objects.exclude(stock__product=self.level.product).first()
        data = {"source": self.level.pk, "destination": destination.pk, "quantity": 3}
        self.assertRedirects(self.client.post("/inventory/transfer/", data), "/inventory/transfer/")
        self.level.refresh_from_db()
        self.assertEqual(self.level.quantity, 7)
        moved = StockLevel.objects.get(warehouse=destination, product=self.level.product)
        self.assertEqual(moved.quantity, 3)

    def test_transfer_refuses_more_than_there_is(self):
        data = {"source": self.level.pk, "destination": self.level.warehouse_id, "quantity": 11}
        self.assertContains(self.client.post("/inventory/transfer/", data), "only 10 left")


class CartPageTest(ShopTestCase):
    def setUp(self) -> None:
        self.client.force_login(self.user)

    def test_prices_include_the_tax_of_the_customers_country(self):
        Address.objects.filter(customer=self.customer).update(country="FR")
        line = self.customer.cart.lines.first()
        gross = self.client.get("/cart/").context["lines"][0].gross
        self.assertEqual(gross, round(line.product.price * line.quantity * 120 / 100, 2))
