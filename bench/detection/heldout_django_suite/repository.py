# mypy: ignore-errors
"""Where the clinic's queries live."""

from .models import Drug, Invoice, Visit


def visits_of_the_year(year):
    return Visit.objects.filter(day__year=year)  # place[three_modules]: origin


def open_invoices():
    return list(Invoice.objects.filter(paid=False))  # place[list_handed_to_a_formatter]: origin


class DrugRepository:
    model = Drug

    def find(self, code):
        return self.model.objects.get(code=code)  # place[repository_class_asked_per_line]: access

    def find_many(self, codes):
        return {drug.code: drug for drug in self.model.objects.filter(code__in=codes)}
