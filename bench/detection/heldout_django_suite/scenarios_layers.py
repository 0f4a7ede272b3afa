# mypy: ignore-errors
"""Code with layers: services, properties, helpers in other modules, generators, functional style."""

import csv
import io
from itertools import groupby

from django.core.cache import cache
from django.core.management import call_command
from django.forms import Form, ModelChoiceField

from bench.detection.scenario import scenario

from . import reports, repository
from .models import Animal, Invoice, Owner, Vet, Visit, Ward
from .pricing import invoice_line


@scenario("n-plus-one", kind="relation", why="each visit's treatments; query, loop and access are in three modules")
def three_modules():
    return reports.revenue(2026)


@scenario("n-plus-one", kind="relation", why="the formatter loads the owner of each invoice of the list it is given")
def list_handed_to_a_formatter():
    return reports.join_lines(repository.open_invoices(), invoice_line)


@scenario("n-plus-one", kind="lookup", why="one lookup for each line of a file")
def repository_class_asked_per_line():
    file = io.StringIO("\n".join(f"D{n:03};1" for n in range(Animal.objects.count())))
    drugs = repository.DrugRepository()
    prices = []
    for code, amount in csv.reader(file, delimiter=";"):  # place: loop
        prices.append(drugs.find(code).price * int(amount))
    return prices


@scenario("n-plus-one", kind="aggregate", why="the property of each owner sums up in the database")
def balances_by_property():
    owners = Owner.objects.all()  # place: origin
    return [owner.open_balance for owner in owners]  # place: loop


@scenario("n-plus-one", kind="lookup", why="cached once an object, and there are many objects")
def cached_property_of_each_object():
    seen = []
    for animal in Animal.objects.order_by("pk"):  # place: loop origin
        if animal.latest_visit and animal.latest_visit.state == "open":
            seen.append(animal.latest_visit.day)
    return seen


@scenario("n-plus-one", kind="relation", why="__str__ loads the species of each animal")
def labels_by_str():
    animals = Animal.objects.all()  # place: origin
    return ", ".join(map(str, animals))  # place: loop


@scenario("n-plus-one", kind="relation", why="the option labels of the form call __str__, which loads the species")
def choices_of_a_form_field():
    class VisitForm(Form):
        animal = ModelChoiceField(Animal.objects.all())  # place: origin

    return VisitForm().as_p()  # place: loop


@scenario("n-plus-one", kind="aggregate", why="filter() calls a method that asks the database about each animal")
def predicate_method_in_a_filter():
    everybody = Animal.objects.all()  # place: origin
    return list(filter(Animal.is_due, everybody))  # place: loop


@scenario("n-plus-one", kind="aggregate", why="the sort key is a query")
def sort_key_is_a_query():
    vets = Vet.objects.all()  # place: origin
    return sorted(vets, key=lambda vet: vet.visits.count(), reverse=True)  # place: loop access


@scenario("n-plus-one", kind="aggregate", why="sum() over one count a vet")
def sum_of_counts():
    vets = Vet.objects.all()  # place: origin
    return sum(vet.patients.count() for vet in vets)  # place: loop access


def with_owners(animals):
    for animal in animals:  # place[generator_pipeline]: loop
        yield animal, animal.owner  # place[generator_pipeline]: access


def only_of(city, pairs):
    for animal, owner in pairs:
        if owner.city == city:
            yield animal


@scenario("n-plus-one", kind="relation", why="the first stage of the pipeline loads each owner")
def generator_pipeline():
    animals = Animal.objects.iterator(chunk_size=100)  # place: origin
    return [animal.name for animal in only_of("Town 1", with_owners(animals))]


class WaitingRoom:
    """What is up today."""

    def __init__(self, day=None):
        self.day = day
        self.visits = self.load()

    def load(self):
        return list(Visit.objects.order_by("day"))  # place[service_class]: origin

    def render(self):
        return [self.render_one(visit) for visit in self.visits]  # place[service_class]: loop

    def render_one(self, visit):
        return {"day": visit.day, "who": self.patient_name(visit)}

    def patient_name(self, visit):
        return visit.animal.name  # place[service_class]: access


@scenario("n-plus-one", kind="relation", why="a class with small methods; one of them loads the animal of each visit")
def service_class():
    return WaitingRoom().render()


@scenario("n-plus-one", kind="relation", why="a custom query set, and the vet of each of its rows")
def custom_query_set_then_vet():
    animals = Animal.objects.heavy()  # place: origin
    return {animal.name: animal.vet.name for animal in animals}  # place: loop access


def subtree(ward):
    rows = [ward.name]
    for child in ward.children.all():  # place[tree_by_recursion]: loop origin access
        rows += subtree(child)
    return rows


@scenario("n-plus-one", kind="relation", why="one query a node of the tree")
def tree_by_recursion():
    return subtree(Ward.objects.get(parent=None))


@scenario("n-plus-one", kind="relation", why="the path of each ward, one query a step")
def path_of_each_ward():
    paths = []
    for ward in Ward.objects.all():  # place: loop origin
        path, node = [], ward
        while node is not None:
            path.append(node.name)
            node = node.parent  # place: access
        paths.append("/".join(reversed(path)))
    return paths


@scenario("n-plus-one", kind="relation", why="grouping by the owner's city loads each owner")
def grouped_by_city():
    animals = list(Animal.objects.all())  # place: origin
    animals.sort(key=lambda animal: animal.owner.city)  # place: loop access
    return {city: len(list(group)) for city, group in groupby(animals, key=lambda animal: animal.owner.city)}


@scenario("n-plus-one", kind="aggregate", why="with a cold cache, each key is one query")
def cache_key_per_object():
    sizes = []
    for owner in Owner.objects.all():  # place: loop origin
        sizes.append(cache.get_or_set(f"herd-{owner.pk}", lambda: owner.animals.count(), 60))  # place: access
    return sizes


@scenario("n-plus-one", kind="relation", why="the command loads the owner of each animal")
def management_command():
    out = io.StringIO()
    call_command("send_reminders", stdout=out)
    return out.getvalue()


@scenario("n-plus-one", kind="relation", why="zip over two lists, and the payer of each invoice")
def zipped_lists():
    invoices = Invoice.objects.order_by("pk")  # place: origin
    numbers = range(100, 100 + len(invoices))
    letters = []
    for number, invoice in zip(numbers, invoices, strict=True):  # place: loop
        letters.append(f"{number} {invoice.owner.name}")  # place: access
    return letters


@scenario("look-alike", why="the repository is asked once, with all codes")
def repository_asked_once():
    codes = [f"D{n:03}" for n in range(Animal.objects.count())]
    found = repository.DrugRepository().find_many(codes)
    return [found[code].price for code in codes]


@scenario("look-alike", why="one query a level of the tree, not a node")
def tree_by_levels():
    names, level = [], list(Ward.objects.filter(parent=None))
    while level:
        names.extend(ward.name for ward in level)
        level = list(Ward.objects.filter(parent__in=level))
    return names


@scenario("look-alike", why="the path of a single ward")
def breadcrumb_of_one_ward():
    node = Ward.objects.order_by("-pk").first()
    crumbs = []
    while node is not None:
        crumbs.append(node.name)
        node = node.parent
    return crumbs


@scenario("look-alike", why="a memo answers all but the three different species")
def memo_of_species():
    known, names = {}, []
    from .models import Species

    for animal in Animal.objects.all():
        if animal.species_id not in known:
            known[animal.species_id] = Species.objects.get(pk=animal.species_id)
        names.append(known[animal.species_id].name)
    return names


@scenario("look-alike", why="the relations of one single visit, each once")
def one_visit_in_detail():
    visit = Visit.objects.get(pk=1)
    return visit.animal.name, visit.animal.owner.name, visit.vet.name, list(visit.treatments.all())


@scenario("look-alike", why="in_bulk once, then dictionary lookups")
def in_bulk_once():
    owners = Owner.objects.in_bulk(list(Animal.objects.values_list("owner_id", flat=True)))
    return [owners[a.owner_id].name for a in Animal.objects.all()]
