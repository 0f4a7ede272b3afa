# mypy: ignore-errors
"""The identical question again."""

from bench.detection.scenario import scenario

from .models import Animal, Invoice, Owner, Preference, Vet


@scenario("duplicate", why="the same setting for each invoice")
def vat_for_each_invoice():
    total = 0
    for invoice in Invoice.objects.all():
        vat = int(Preference.objects.get(key="vat").value)
        total += invoice.total * (100 + vat) // 100
    return total


@scenario("duplicate", why="the head of the clinic is looked up for each animal")
def head_of_the_clinic_again():
    letters = []
    for animal in Animal.objects.all():
        head = Vet.objects.filter(boss=None).first()
        letters.append(f"{animal.name}, signed {head.name}")
    return letters


@scenario("duplicate", why="len(), list() and a loop over three copies of one query set")
def one_query_set_three_times():
    owners = Owner.objects.filter(city="Town 1")
    return len(owners.all()), list(owners.all()), [owner.name for owner in owners.all()]


@scenario("duplicate", why="one property of one object, read four times")
def property_of_one_owner():
    owner = Owner.objects.get(pk=2)
    if owner.open_balance > 10:
        print("owes", owner.open_balance)
    return owner.open_balance, max(owner.open_balance, 0)


class Till:
    @property
    def open_count(self):
        return Invoice.objects.filter(paid=False).count()


@scenario("duplicate", why="the loop's condition counts again, and nothing changes")
def condition_counts_again():
    till, step = Till(), 0
    while step < till.open_count and step < 5:
        step += 1
    return step
