# mypy: ignore-errors
"""Rows: `size` of each main entity, a few of what a clinic has few of."""

from datetime import date, timedelta

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from .models import (
    Animal,
    Chip,
    Drug,
    Invoice,
    Job,
    Note,
    Owner,
    Preference,
    Skill,
    Species,
    Treatment,
    Vet,
    Visit,
    Ward,
)

STATES = ("open", "closed", "missed")


def populate(size):
    """Fill the empty default database."""
    User.objects.create_superuser("root", "root@clinic.test", "root")
    User.objects.create_user("nurse", "nurse@clinic.test", "nurse")
    species = Species.objects.bulk_create([Species(name=name) for name in ("cat", "dog", "horse")])
    owners = Owner.objects.bulk_create(
        [Owner(name=f"Owner {n}", email=f"o{n}@clinic.test", city=f"Town {n % 3}") for n in range(size)]
    )
    vets = _vets(size)
    animals = Animal.objects.bulk_create(
        [
            Animal(
                name=f"Animal {n}",
                weight=3 + n,
                history="long " * 50,
                species=species[n % 3],
                owner=owners[n],
                vet=vets[n],
            )
            for n in range(size)
        ]
    )
    for n in range(1, size):
        animals[n].mother = animals[(n - 1) // 2]
    Animal.objects.bulk_update(animals, ["mother"])
    Chip.objects.bulk_create([Chip(animal=animal, code=f"CH{animal.pk:04}") for animal in animals])
    _visits(size, animals, vets)
    _office(size, owners, animals)


def _vets(size):
    skills = Skill.objects.bulk_create([Skill(name=f"skill {n}") for n in range(4)])
    vets = Vet.objects.bulk_create([Vet(name=f"Vet {n}") for n in range(size)])
    for n, vet in enumerate(vets):
        vet.boss = vets[(n - 1) // 2] if n else None
        vet.skills.set([skills[n % 4], skills[(n + 1) % 4]])
    Vet.objects.bulk_update(vets, ["boss"])
    return vets


def _visits(size, animals, vets):
    start = date(2026, 1, 5)
    visits = Visit.objects.bulk_create(
        [
            Visit(
                animal=animals[n % size],
                vet=vets[(n + 1) % size],
                day=start + timedelta(days=n * 5),
                fee=20 + n,
                state=STATES[n % 3],
            )
            for n in range(2 * size)
        ]
    )
    drugs = Drug.objects.bulk_create([Drug(code=f"D{n:03}", name=f"Drug {n}", price=5 + n) for n in range(size)])
    Treatment.objects.bulk_create(
        [Treatment(visit=visits[n], drug=drugs[n % size], dose=1 + n % 4) for n in range(2 * size)]
    )


def _office(size, owners, animals):
    Invoice.objects.bulk_create(
        [Invoice(owner=owners[n], number=f"2026-{n:04}", total=50 + n, paid=n % 2 == 0) for n in range(size)]
    )
    kind = ContentType.objects.get_for_model(Animal)
    Note.objects.bulk_create(
        [Note(content_type=kind, object_id=animal.pk, text=f"note on {animal.name}") for animal in animals]
    )
    wards = []
    for n in range(size):
        wards.append(Ward.objects.create(name=f"Ward {n}", parent=wards[(n - 1) // 2] if n else None))
    Job.objects.bulk_create([Job(title=f"Job {n}") for n in range(size)])
    Preference.objects.bulk_create(
        [Preference(key=key, value=value) for key, value in (("currency", "EUR"), ("vat", "19"), ("greeting", "Hello"))]
    )
