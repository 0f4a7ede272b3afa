# mypy: ignore-errors
"""What a visit costs."""


def price_of(visit):
    doses = visit.treatments.all()
    return visit.fee + sum(treatment.dose for treatment in doses)  # place[three_modules]: access


def invoice_line(invoice):
    return f"{invoice.number} {invoice.owner.email} {invoice.total}"  # place[list_handed_to_a_formatter]: access
