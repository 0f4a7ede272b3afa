# mypy: ignore-errors
"""Less usual shapes: index loops, recursion over a list, library helpers, streaming, validation, memos."""

import functools
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed

from django.contrib.auth.models import User
from django.core import serializers
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.forms.models import model_to_dict
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.test import Client

from bench.detection.scenario import scenario

from .models import Animal, Drug, Invoice, Job, Owner, Preference, Skill, Species, Vet, Visit


@scenario("n-plus-one", kind="relation", why="an index loop; each row loads its owner")
def index_loop():
    animals = list(Animal.objects.all())  # place: origin
    cities = []
    for i in range(len(animals)):  # place: loop
        cities.append(animals[i].owner.city)  # place: access
    return cities


def fees_of(ids):
    if not ids:
        return 0
    return Visit.objects.get(pk=ids[0]).fee + fees_of(ids[1:])  # place[recursion_over_a_list]: loop access


@scenario("n-plus-one", kind="lookup", why="a list worked off by recursion, one get() a step")
def recursion_over_a_list():
    ids = list(Visit.objects.order_by("pk").values_list("pk", flat=True))  # place: origin
    return fees_of(ids)


@scenario("n-plus-one", kind="relation", why="Django's serializer reads the many-to-many of each vet")
def core_serializer_with_many_to_many():
    return serializers.serialize("json", Vet.objects.all())  # place: loop origin access


@scenario("n-plus-one", kind="relation", why="model_to_dict() reads the many-to-many of each vet")
def model_to_dict_per_row():
    vets = Vet.objects.all()  # place: origin
    return [model_to_dict(vet) for vet in vets]  # place: loop access


@scenario("n-plus-one", kind="relation", why="prefetching for one object at a time")
def prefetching_one_at_a_time():
    vets = Vet.objects.order_by("pk")  # place: origin
    for vet in vets:  # place: loop
        prefetch_related_objects([vet], "patients")  # place: access
    return [len(vet.patients.all()) for vet in vets]


@scenario("n-plus-one", kind="lookup", constant=True, why="one get_object_or_404() for each id of a form")
def shortcut_per_posted_id():
    posted = {"animals": ["4", "2", "5", "1"]}
    basket = []
    for pk in posted["animals"]:  # place: loop
        basket.append(get_object_or_404(Animal, pk=int(pk)))  # place: access
    return basket


@scenario("n-plus-one", kind="aggregate", why="each code of an import is checked on its own")
def codes_validated_one_by_one():
    codes = [f"D{n:03}" for n in range(Drug.objects.count() + 4)]
    errors = []
    for line, code in enumerate(codes, start=2):  # place: loop
        if not Drug.objects.filter(code=code).exists():  # place: access
            errors.append(f"line {line}: unknown drug {code}")
    return errors


@scenario("n-plus-one", kind="relation", why="grouping into a defaultdict by a relation")
def grouped_in_a_defaultdict():
    groups = defaultdict(list)
    for visit in Visit.objects.order_by("-day"):  # place: loop origin
        groups[visit.vet.name].append(visit.day)  # place: access
    return groups


@scenario("n-plus-one", kind="relation", why="a membership test on the many-to-many of each vet")
def membership_test_per_row():
    surgery = Skill.objects.first()
    vets = Vet.objects.all()  # place: origin
    return [vet for vet in vets if surgery in vet.skills.all()]  # place: loop access


@scenario("n-plus-one", kind="relation", why="the response streams; each line loads an owner")
def streamed_response():
    def lines():
        for invoice in Invoice.objects.all().iterator():  # place: loop origin
            yield f"{invoice.number};{invoice.owner.name}\n"  # place: access

    return b"".join(StreamingHttpResponse(lines()).streaming_content)


@scenario("n-plus-one", kind="relation", why="a loop in a loop, both in the template")
def nested_loops_in_a_template_string():
    template = engines["django"].from_string(
        "{% for owner in owners %}{{ owner.name }}: "
        "{% for animal in owner.animals.all %}{{ animal.name }} {% endfor %}"
        "{% endfor %}"
    )
    owners = Owner.objects.all()  # place: origin
    return template.render({"owners": owners})  # place: loop access


@scenario("n-plus-one", kind="lookup", why="futures, one for each id")
def futures_per_id():
    def weight(pk):
        try:
            return Animal.objects.values_list("weight", flat=True).get(pk=pk)  # place: access
        finally:
            connection.close()

    ids = list(Animal.objects.values_list("pk", flat=True))  # place: origin
    with ThreadPoolExecutor(max_workers=3) as pool:
        futures = [pool.submit(weight, pk) for pk in ids]  # place: loop
        return sorted(future.result() for future in as_completed(futures))


class Report:
    """A base class that loops; the subclasses know the columns."""

    def rows(self):
        for each in self.get_queryset():  # place[loop_in_a_base_class]: loop
            yield tuple(self.columns(each))


class HerdReport(Report):
    def get_queryset(self):
        return Owner.objects.order_by("city", "pk")  # place[loop_in_a_base_class]: origin

    def columns(self, owner):
        yield owner.name
        yield owner.animals.filter(weight__gt=4).count()  # place[loop_in_a_base_class]: access


@scenario("n-plus-one", kind="aggregate", why="the loop is in a base class, the query in a subclass")
def loop_in_a_base_class():
    return list(HerdReport().rows())


@scenario("n-plus-one", kind="aggregate", why="any() asks the database for each animal")
def any_over_queries():
    herd = Animal.objects.order_by("pk")  # place: origin
    return any(animal.visit_set.filter(fee__lt=0).exists() for animal in herd)  # place: loop access


@functools.cache
def species_name(pk):
    return Species.objects.get(pk=pk).name


@scenario("look-alike", why="a memoised function asks once for each of three species")
def lru_cache_over_few_keys():
    species_name.cache_clear()
    return [species_name(animal.species_id) for animal in Animal.objects.all()]


@scenario("look-alike", why="one key of the cache, filled once")
def cached_under_one_key():
    def greeting():
        return Preference.objects.get(key="greeting").value

    return [f"{cache.get_or_set('greeting', greeting)} {owner.name}" for owner in Owner.objects.all()]


@scenario("look-alike", why="children fetched once and stitched to their parents by hand")
def stitched_by_hand():
    visits = defaultdict(list)
    for visit in Visit.objects.all():
        visits[visit.animal_id].append(visit)
    return {animal.name: len(visits[animal.pk]) for animal in Animal.objects.all()}


@scenario("look-alike", why="a query in a loop that ends with its first pass")
def loop_left_at_once():
    for animal in Animal.objects.order_by("-weight"):
        if animal.weight:
            return animal.owner.name
    return None


@scenario("look-alike", why="parents and children of one batch, two queries a batch")
def two_queries_a_batch():
    ids, lines = list(Owner.objects.values_list("pk", flat=True)), []
    for start in range(0, len(ids), 4):
        owners = Owner.objects.in_bulk(ids[start : start + 4])
        for animal in Animal.objects.filter(owner__in=owners):
            lines.append((owners[animal.owner_id].name, animal.name))
    return lines


@scenario("look-alike", why="raw SQL takes one job at a time")
def raw_job_worker():
    finished = []
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT id, title FROM clinic_job WHERE state = 'waiting' ORDER BY id LIMIT 1")
            row = cursor.fetchone()
            if row is None:
                return finished
            cursor.execute("UPDATE clinic_job SET state = 'done' WHERE id = %s", [row[0]])
            finished.append(row[1])


@scenario("look-alike", why="a transfer locks its two sides from two lines")
def transfer_between_two_rows():
    with transaction.atomic():
        giver = Job.objects.select_for_update().get(pk=1)
        taker = Job.objects.select_for_update().get(pk=2)
        giver.done, taker.done = taker.done, giver.done
        Job.objects.bulk_update([giver, taker], ["done"])
    return taker.done


@scenario("look-alike", why="a session and a user for each of three requests of one visitor")
def three_requests_of_one_visitor():
    client = Client()
    client.force_login(User.objects.get(username="root"))
    return [client.get(url).status_code for url in ("/board/", "/admin/", "/board/")]


def vets_named(*names):
    return list(Vet.objects.filter(name__in=names))


@scenario("look-alike", why="one helper, called from two lines with different questions")
def helper_called_from_two_lines():
    day_shift = vets_named("Vet 1", "Vet 2")
    night_shift = vets_named("Vet 3", "Vet 4")
    return day_shift, night_shift


@scenario("look-alike", why="executemany: one call for all rows")
def executemany_once():
    rows = [(f"E{n:03}", f"extra {n}", n) for n in range(Animal.objects.count())]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO clinic_drug (code, name, price) VALUES (%s, %s, %s)", rows)
    return Drug.objects.count()
