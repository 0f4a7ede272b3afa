from django import forms

from inventory.models import StockLevel, Warehouse


class StockTransferForm(forms.Form):
    """Moves pieces of one product from one warehouse to another."""

    source = forms.ModelChoiceField(queryset=StockLevel.objects.filter(quantity__gt=0))
    destination = forms.ModelChoiceField(queryset=Warehouse.objects.all())
    quantity = forms.IntegerField(min_value=1)

    def clean(self) -> dict[str, object]:
        data = super().clean()
        source, quantity = data.get("source"), data.get("quantity")
        if source and quantity and quantity > source.quantity:
            self.add_error("quantity", f"only {source.quantity} left")
        return data
