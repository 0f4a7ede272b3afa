"""Forms with choices from the database."""

from django import forms

from bench.detection.django_suite.models import Customer, Invoice, Port, Shipment


class RoutingForm(forms.ModelForm):
    """Every form of a formset renders the same list of ports."""

    class Meta:
        model = Shipment
        fields = ["status", "hub"]


class SettlementForm(forms.Form):
    """The choices depend on the row that the form is for."""

    invoice = forms.ModelChoiceField(queryset=Invoice.objects.none())

    def __init__(self, customer, **options):
        super().__init__(**options)
        self.fields["invoice"].queryset = customer.invoices.filter(paid=False)


class PortField(forms.ModelChoiceField):
    """Labels a port by its country."""

    def label_from_instance(self, port):
        return f"{port.name}, {port.country.name}"  # place[choice_labels_of_one_select]: access


class DepartureForm(forms.Form):
    port = PortField(queryset=Port.objects.order_by("name"))  # place[choice_labels_of_one_select]: origin


class CustomerForm(forms.ModelForm):
    class Meta:
        model = Customer
        fields = ["number", "slug", "email", "name"]
