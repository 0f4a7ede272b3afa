# mypy: ignore-errors
"""Short scripts, as people type them into a shell or a notebook."""

from django.db import connection, connections
from django.db.models import Count, Sum

from bench.detection.scenario import scenario

from .models import Animal, Chip, Drug, Invoice, Note, Owner, Species, Treatment, Vet, Visit


@scenario("n-plus-one", kind="lookup", constant=True, why="one get() for each key of a list, id__in does it at once")
def three_keys():
    animals = []
    for pk in (1, 2, 3):  # place: loop
        animals.append(Animal.objects.get(pk=pk))  # place: access
    return animals


@scenario("n-plus-one", kind="relation", constant=True, why="three rows, and each loads its owner")
def first_three_rows():
    rows = Animal.objects.all()[:3]  # place: origin
    for a in rows:  # place: loop
        print(a.owner.name)  # place: access


@scenario("n-plus-one", kind="relation", why="each chip loads its animal")
def animal_of_each_chip():
    out = ""
    for chip in Chip.objects.all():  # place: loop origin
        out += f"{chip.code}: {chip.animal.name}\n"  # place: access
    return out


@scenario("n-plus-one", kind="relation", why="the reverse one-to-one is loaded for each animal")
def chip_of_each_animal():
    qs = Animal.objects.order_by("name")  # place: origin
    codes = []
    for animal in qs:  # place: loop
        codes.append(animal.chip.code)  # place: access
    return codes


@scenario("n-plus-one", kind="relation", why="the species is loaded for each animal, the same few again and again")
def species_of_each_animal():
    names = []
    for animal in Animal.objects.exclude(name=""):  # place: loop origin
        names.append(animal.species.name)  # place: access
    return names


@scenario("n-plus-one", kind="relation", why="each owner's animals are a query of their own")
def animals_of_each_owner():
    owners = Owner.objects.filter(city__startswith="Town")  # place: origin
    table = {}
    for owner in owners:  # place: loop
        table[owner.name] = [animal.name for animal in owner.animals.all()]  # place: access
    return table


@scenario("n-plus-one", kind="relation", why="many-to-many, one query a vet")
def skills_of_each_vet():
    vets = list(Vet.objects.all())  # place: origin
    return {v.name: sorted(s.name for s in v.skills.all()) for v in vets}  # place: loop access


@scenario("n-plus-one", kind="relation", why="each note fetches what it is about")
def subject_of_each_note():
    notes = Note.objects.all().order_by("-id")  # place: origin
    for note in notes:  # place: loop
        print(note.text, note.subject.name)  # place: access


@scenario("n-plus-one", kind="aggregate", why="a generic relation, counted for each animal")
def notes_counted_per_animal():
    busy = 0
    for animal in Animal.objects.all():  # place: loop origin
        if animal.notes.count() > 0:  # place: access
            busy += 1
    return busy


@scenario("n-plus-one", kind="deferred", why="only() left the history out and the loop reads it")
def history_left_out_by_only():
    animals = Animal.objects.only("name")  # place: origin
    length = 0
    for animal in animals:  # place: loop
        length += len(animal.history)  # place: access
    return length


@scenario("n-plus-one", kind="deferred", why="defer() left the weight out and sorted() reads it")
def sorted_by_a_deferred_column():
    herd = Animal.objects.defer("weight")  # place: origin
    return sorted(herd, key=lambda one: one.weight)  # place: loop access


@scenario("n-plus-one", kind="aggregate", why="one COUNT an animal")
def visits_counted_in_a_dict_comprehension():
    return {a.pk: Visit.objects.filter(animal=a).count() for a in Animal.objects.all()}  # place: loop origin access


@scenario("n-plus-one", kind="aggregate", why="one SUM an owner")
def total_of_each_owner():
    result = []
    for owner in Owner.objects.only("id"):  # place: loop origin
        sums = Invoice.objects.filter(owner_id=owner.id).aggregate(Sum("total"))  # place: access
        result.append(sums["total__sum"])
    return result


@scenario("n-plus-one", kind="aggregate", why="one EXISTS a drug")
def unused_drugs():
    drugs = Drug.objects.all()  # place: origin
    return [drug for drug in drugs if not drug.uses.exists()]  # place: loop access


@scenario("n-plus-one", kind="lookup", why="one first() an animal")
def first_visit_of_each_animal():
    animals = Animal.objects.all()  # place: origin
    firsts = []
    for animal in animals:  # place: loop
        visit = Visit.objects.filter(animal=animal).order_by("day").first()  # place: access
        if visit is not None:
            firsts.append(visit.day)
    return firsts


@scenario("n-plus-one", kind="lookup", why="one latest() an animal")
def latest_visit_of_each_animal():
    days = []
    for animal in Animal.objects.iterator():  # place: loop origin
        try:
            days.append(animal.visit_set.latest("day").day)  # place: access
        except Visit.DoesNotExist:
            days.append(None)
    return days


@scenario("n-plus-one", kind="lookup", why="the ids come from one query, and each row from its own")
def ids_then_get():
    ids = Owner.objects.values_list("pk", flat=True)  # place: origin
    return [Owner.objects.get(pk=pk) for pk in ids]  # place: loop access


@scenario("n-plus-one", kind="lookup", why="a stack of ids is worked off with one get() each")
def while_loop_over_a_stack():
    todo = list(Visit.objects.values_list("id", flat=True))  # place: origin
    fees = 0
    while todo:  # place: loop
        pk = todo.pop()
        fees += Visit.objects.get(id=pk).fee  # place: access
    return fees


@scenario("n-plus-one", kind="lookup", why="dictionaries from values(), then one query a dictionary")
def dictionaries_then_lookups():
    rows = Treatment.objects.values("dose", "drug_id")  # place: origin
    cost = 0
    for row in rows:  # place: loop
        cost += row["dose"] * Drug.objects.values_list("price", flat=True).get(pk=row["drug_id"])  # place: access
    return cost


@scenario("n-plus-one", kind="raw-sql", why="raw SQL with a parameter, once an owner")
def cursor_per_owner():
    names = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM clinic_owner")  # place: origin
        for (owner_id,) in cursor.fetchall():  # place: loop
            cursor.execute("SELECT name FROM clinic_animal WHERE owner_id = %s", [owner_id])  # place: access
            names.extend(cursor.fetchall())
    return names


@scenario("n-plus-one", kind="raw-sql", why="raw SQL with the value in the text, once a drug")
def f_string_sql_per_drug():
    used = {}
    for drug in Drug.objects.all():  # place: loop origin
        with connection.cursor() as c:
            c.execute(f"select count(*) from clinic_treatment where drug_id = {drug.id} and dose > 0")  # place: access
            used[drug.code] = c.fetchone()[0]
    return used


@scenario("n-plus-one", kind="raw-sql", why="Manager.raw() once an animal")
def manager_raw_per_animal():
    animals = list(Animal.objects.all())  # place: origin
    for a in animals:  # place: loop
        a.visits_here = list(Visit.objects.raw("SELECT * FROM clinic_visit WHERE animal_id = %s", [a.pk]))  # place: access
    return animals


@scenario("n-plus-one", kind="relation", why="the other relation was joined, this one was not")
def select_related_forgot_one():
    visits = Visit.objects.select_related("vet").order_by("day")  # place: origin
    lines = []
    for visit in visits:  # place: loop
        lines.append((visit.vet.name, visit.animal.name))  # place: access
    return lines


@scenario("n-plus-one", kind="relation", why="filter() on a prefetched relation asks the database again")
def prefetched_then_filtered():
    animals = Animal.objects.prefetch_related("visit_set")  # place: origin
    missed = 0
    for animal in animals:  # place: loop
        missed += len(animal.visit_set.filter(state="missed"))  # place: access
    return missed


@scenario("n-plus-one", kind="relation", why="a loop in a loop in a loop, none of them loaded ahead")
def three_levels():
    for owner in Owner.objects.all():  # place: loop origin
        for animal in owner.animals.all():  # place: loop origin access
            for visit in animal.visit_set.all():  # place: access
                print(owner.name, animal.name, visit.day)


@scenario("n-plus-one", kind="lookup", why="every object is read again on its own")
def refreshed_one_by_one():
    invoices = list(Invoice.objects.all())  # place: origin
    Invoice.objects.update(paid=True)
    for invoice in invoices:  # place: loop
        invoice.refresh_from_db()  # place: access
    return invoices


@scenario("n-plus-one", kind="relation", why="the same on a database that is not the default one")
def lazy_loads_at_the_harbour():
    patients = Animal.objects.using("harbour").all()  # place: origin
    return [p.vet.name for p in patients]  # place: loop access


@scenario("n-plus-one", kind="raw-sql", why="a plain cursor on another database, once a row")
def cursor_at_hilltop():
    ids = Species.objects.values_list("animal__id", flat=True)  # place: origin
    found = 0
    cursor = connections["hilltop"].cursor()
    for pk in ids:  # place: loop
        cursor.execute("SELECT 1 FROM clinic_chip WHERE animal_id = %s", (pk,))  # place: access
        found += bool(cursor.fetchone())
    cursor.close()
    return found


@scenario("n-plus-one", kind="aggregate", why="two different questions a row, interleaved")
def two_questions_per_vet():
    report = []
    for vet in Vet.objects.all():  # place: loop origin
        patients = vet.patients.count()  # place: access
        fees = vet.visits.aggregate(total=Sum("fee"))["total"]  # place: access
        report.append((patients, fees))
    return report


@scenario("look-alike", why="one query with a join")
def joined_owners():
    return [a.owner.name for a in Animal.objects.select_related("owner", "vet")]


@scenario("look-alike", why="three queries, whatever the size")
def prefetched_two_levels():
    lines = []
    for owner in Owner.objects.prefetch_related("animals__visit_set"):
        for animal in owner.animals.all():
            lines.extend(visit.day for visit in animal.visit_set.all())
    return lines


@scenario("look-alike", why="the counts come with the rows")
def annotated_counts():
    return [(v.name, v.n) for v in Vet.objects.annotate(n=Count("patients"))]
