# mypy: ignore-errors
"""Writes, row by row and at once."""

from bench.detection.scenario import scenario

from .models import Animal, Drug, Invoice, Job, Note, Species, Vet


@scenario("write-n-plus-one", kind="update", why="save() for each invoice")
def invoices_saved_one_by_one():
    for invoice in Invoice.objects.filter(paid=False):  # place: loop origin
        invoice.paid = True
        invoice.save()  # place: access


@scenario("write-n-plus-one", kind="insert", why="create() for each animal")
def jobs_created_one_by_one():
    for animal in Animal.objects.all():  # place: loop origin
        Job.objects.create(title=f"call {animal.name}")  # place: access


@scenario("write-n-plus-one", kind="delete", why="delete() for each note")
def notes_deleted_one_by_one():
    for note in Note.objects.all():  # place: loop origin
        note.delete()  # place: access


@scenario("write-n-plus-one", kind="upsert", why="an import with get_or_create() for each line")
def drugs_imported():
    codes = [f"D{n:03}" for n in range(0, Vet.objects.count() * 2, 2)]
    new = 0
    for code in codes:  # place: loop
        _, created = Drug.objects.get_or_create(code=code, defaults={"name": code, "price": 1})  # place: access
        new += created
    return new


@scenario("write-n-plus-one", kind="upsert", why="an import with update_or_create() for each row of another table")
def species_per_vet():
    for vet in Vet.objects.all():  # place: loop origin
        Species.objects.update_or_create(name=f"species of {vet.name}", defaults={})  # place: access


@scenario("look-alike", why="bulk_update once")
def weights_updated_at_once():
    animals = list(Animal.objects.all())
    for animal in animals:
        animal.weight += 1
    return Animal.objects.bulk_update(animals, ["weight"])
