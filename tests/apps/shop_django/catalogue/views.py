import csv
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from catalogue.models import Category, Product, Supplier
from catalogue.tree import with_descendants

PRODUCTS_PER_PAGE = 48
FEED_CHUNK = 8


def home(request: HttpRequest) -> HttpResponse:
    newest = (
        Product.objects.filter(is_active=True)
        .select_related("category")
        .prefetch_related("tags", "images")
        .order_by("-created_at", "-pk")[:PRODUCTS_PER_PAGE]
    )
    return render(request, "catalogue/home.html", {"products": newest})


def product_list(request: HttpRequest) -> HttpResponse:
    products = Product.objects.filter(is_active=True).select_related("category")
    page = Paginator(products, PRODUCTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalogue/product_list.html", {"page": page})


def gallery(request: HttpRequest) -> HttpResponse:
    products = Product.objects.filter(is_active=True).prefetch_related("images")
    tiles = []
    for product in products[:PRODUCTS_PER_PAGE]:
        image = product.main_image
        if image is not None:
            tiles.append({"product": product, "image": image})
    return render(request, "catalogue/gallery.html", {"tiles": tiles})


def product_detail(request: HttpRequest, slug: str) -> HttpResponse:
    product = get_object_or_404(Product, slug=slug, is_active=True)
    reviews = product.reviews.filter(approved=True)
    return render(
        request, "catalogue/product_detail.html", {"product": product, "reviews": reviews}
    )


def category_tree(request: HttpRequest) -> HttpResponse:
    roots = Category.objects.filter(parent=None)
    return render(request, "catalogue/category_tree.html", {"roots": roots})


def category_detail(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    products = Product.objects.filter(category__in=with_descendants(category), is_active=True)
    return render(
        request, "catalogue/category_detail.html", {"category": category, "products": products}
    )


def supplier_list(request: HttpRequest) -> HttpResponse:
    suppliers = Supplier.objects.prefetch_related("products__category")
    return render(request, "catalogue/supplier_list.html", {"suppliers": suppliers})


def price_feed(request: HttpRequest) -> HttpResponse:
    """The file that price-comparison sites fetch every night."""
    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    writer.writerow(["sku", "name", "price", "summary"])
    for product in Product.objects.filter(is_active=True).only("sku", "name", "price"):
        summary = product.description.split(".")[0]
        writer.writerow([product.sku, product.name, product.price, summary])
    return response


def catalogue_feed(request: HttpRequest) -> JsonResponse:
    products = Product.objects.filter(is_active=True).prefetch_related("tags")
    return JsonResponse({"products": list(_feed_items(products.iterator(chunk_size=FEED_CHUNK)))})


def _feed_items(products: Iterator[Product]) -> Iterator[dict[str, object]]:
    for product in products:
        yield {
            "sku": product.sku,
            "price": str(product.price),
            "tags": [tag.name for tag in product.tags.all()],
        }
