from io import StringIO

from django.core.management import CommandError, call_command

from inventory.models import StockLevel
from orders.carts import refill
from orders.checkout import EmptyCartError, place_order, unused_number
from orders.models import Order, OutboxMessage, Payment
from tests.shop_case import ShopTestCase


class CheckoutTest(ShopTestCase):
    def setUp(self) -> None:
        self.cart = self.customer.cart
        self.address = self.customer.addresses.get(is_default=True)

    def test_an_order_takes_over_the_carts_lines(self):
        wanted = {line.product_id: line.quantity for line in self.cart.lines.all()}
        order = place_order(self.cart, self.address)
        self.assertEqual({line.product_id: line.quantity for line in order.lines.all()}, wanted)
        self.assertFalse(self.cart.lines.exists())
        self.assertEqual(order.payment.status, Payment.Status.PENDING)
        self.assertEqual(OutboxMessage.objects.latest("pk").payload, {"order": order.number})

    def test_stock_is_taken_where_most_of_it_is(self):
        product = self.cart.lines.first().product
        fuller, emptier = StockLevel.objects.filter(product=product)
        StockLevel.objects.filter(pk=fuller.pk).update(quantity=9)
        StockLevel.objects.filter(pk=emptier.pk).update(quantity=2)
        place_order(self.cart, self.address)
        left = StockLevel.objects.filter(product=product).values_list("quantity", flat=True)
        self.assertEqual(sorted(left), [2, 8])

    def test_an_empty_cart_is_refused(self):
        self.cart.lines.all().delete()
        with self.assertRaises(EmptyCartError):
            place_order(self.cart, self.address)

    def test_numbers_skip_those_of_imported_orders(self):
        self.assertEqual(unused_number(), "S-00010")
        Order.objects.filter(number="S-00008").update(number="imported")
        self.assertEqual(unused_number(), "S-00008")

    def test_ordering_again_fills_the_cart_once(self):
        order = Order.objects.get(customer=self.customer)
        self.cart.lines.all().delete()
        refill(self.cart, order)
        refill(self.cart, order)
        self.assertEqual(self.cart.lines.count(), order.lines.count())

    def test_the_whole_way_in_the_browser(self):
        self.client.force_login(self.user)
        order = Order.objects.get(customer=self.customer)
        self.assertRedirects(self.client.post(f"/orders/{order.pk}/again/"), "/cart/")
        self.assertRedirects(self.client.post("/cart/checkout/"), "/")
        self.assertEqual(Order.objects.filter(customer=self.customer).count(), 2)
        self.assertRedirects(self.client.post("/cart/checkout/"), "/cart/")

    def test_nobody_repeats_the_order_of_another(self):
        self.client.force_login(self.user)
        other = Order.objects.exclude(customer=self.customer).first()
        self.assertEqual(self.client.post(f"/orders/{other.pk}/again/").status_code, 404)


class PaymentTest(ShopTestCase):
    def setUp(self) -> None:
        self.payment = Payment.objects.filter(status=Payment.Status.PENDING).first()

    def test_waits_until_the_provider_has_settled(self):
        call_command("settle_payment", self.payment.reference, "--pause", "0", stdout=StringIO())
        self.payment.refresh_from_db()
        self.assertEqual(self.payment.status, Payment.Status.SETTLED)

    def test_gives_up_after_so_many_tries(self):
        with self.assertRaisesMessage(CommandError, "still pending after 2 tries"):
            call_command("settle_payment", self.payment.reference, "--pause=0", "--tries=2")
