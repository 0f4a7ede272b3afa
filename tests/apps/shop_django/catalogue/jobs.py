"""Work on the catalogue that runs in the background."""

from django.db.models import Avg

from catalogue.models import Product, Review


def refresh_ratings() -> int:
    """Store every product's average rating beside it, so that lists can sort by it."""
    changed = 0
    for product in Product.objects.filter(is_active=True):
        reviews = Review.objects.filter(product=product, approved=True)
        mean = reviews.aggregate(mean=Avg("rating"))["mean"]
        product.rating = mean if mean is None else round(mean, 2)
        product.save(update_fields=["rating"])
        changed += 1
    return changed
