import csv
import tempfile
from io import StringIO
from pathlib import Path

from django.core import mail
from django.core.management import CommandError, call_command

from catalogue.models import Product
from customers.models import Customer
from inventory.models import StockLevel
from orders.models import OutboxMessage
from orders.reminders import abandoned_carts
from tests.shop_case import ROWS, ShopTestCase


def run(*command: str) -> str:
    output = StringIO()
    call_command(*command, stdout=output)
    return output.getvalue()


class CommandsTest(ShopTestCase):
    def test_reminders_go_to_owners_of_abandoned_carts(self):
        output = run("send_reminders")
        self.assertEqual(output, f"reminded {len(abandoned_carts())} customers\n")
        self.assertEqual([m.to for m in mail.outbox], [[f"c{n}@example.com"] for n in (1, 2, 3)])
        self.assertIn("* 1 x Product 00001", mail.outbox[0].body)

    def test_the_newsletter_reaches_every_subscriber_once(self):
        Customer.objects.update(newsletter=True)
        run("send_newsletter")
        receivers = [message.to[0] for message in mail.outbox]
        self.assertEqual(receivers, [f"c{n}@example.com" for n in range(ROWS)])

    def test_the_outbox_is_emptied(self):
        waiting = OutboxMessage.objects.count()
        self.assertEqual(run("deliver_outbox"), f"delivered {waiting} messages\n")
        self.assertFalse(OutboxMessage.objects.filter(sent_at=None).exists())
        self.assertEqual(run("deliver_outbox"), "delivered 0 messages\n")

    def test_ratings_are_averages_of_approved_reviews(self):
        product = Product.objects.get(slug="product-0")
        product.reviews.update(rating=2)
        product.reviews.filter(pk=product.reviews.first().pk).update(rating=5, approved=False)
        Product.objects.exclude(pk=product.pk).first().reviews.all().delete()
        run("refresh_ratings")
        product.refresh_from_db()
        self.assertEqual(product.rating, 2)
        self.assertEqual(Product.objects.filter(rating=None).count(), 1)

    def test_exported_orders_carry_their_net_amount(self):
        rows = list(csv.reader(run("export_orders").splitlines()))
        self.assertEqual(len(rows), ROWS)
        order = Customer.objects.get(name="Customer 00000").orders.get()
        self.assertEqual(rows[0][:2], [order.number, "Customer 00000"])
        self.assertAlmostEqual(float(rows[0][2]), float(order.total), places=2)

    def test_exported_products_are_complete(self):
        rows = list(csv.reader(run("export_products").splitlines()))
        self.assertEqual([row[0] for row in rows], [f"SKU-{n:05d}" for n in range(ROWS)])

    def test_a_stocktaking_corrects_and_adds(self):
        level = StockLevel.objects.first()
        StockLevel.objects.filter(pk=StockLevel.objects.last().pk).delete()
        content = f"warehouse,sku,quantity\n{level.warehouse.code},{level.product.sku},77\n"
        content += "AP2,SKU-00000,5\n"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "stock.csv"
            file.write_text(content)
            self.assertEqual(run("import_stock", str(file)), "read 2 stock levels\n")
        level.refresh_from_db()
        self.assertEqual(level.quantity, 77)
        added = StockLevel.objects.get(warehouse__code="AP2", product__sku="SKU-00000")
        self.assertEqual(added.quantity, 5)


class SeedTest(ShopTestCase):
    def test_refuses_a_database_that_is_in_use(self):
        with self.assertRaisesMessage(CommandError, "--flush empties it"):
            run("seed")

    def test_refuses_a_shop_that_is_too_small(self):
        with self.assertRaisesMessage(CommandError, "at least 3, got 2"):
            run("seed", "--rows", "2")

    def test_makes_as_many_rows_as_it_is_told(self):
        self.assertEqual(Product.objects.count(), ROWS)
        self.assertEqual(Customer.objects.count(), ROWS)
