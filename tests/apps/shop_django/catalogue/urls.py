from django.urls import path

from catalogue import views

urlpatterns = [
    path("", views.home, name="home"),
    path("products/", views.product_list, name="product-list"),
    path("products/gallery/", views.gallery, name="gallery"),
    path("products/<slug:slug>/", views.product_detail, name="product-detail"),
    path("categories/", views.category_tree, name="category-tree"),
    path("categories/<slug:slug>/", views.category_detail, name="category-detail"),
    path("suppliers/", views.supplier_list, name="supplier-list"),
    path("feeds/prices.csv", views.price_feed, name="price-feed"),
    path("feeds/catalogue.json", views.catalogue_feed, name="catalogue-feed"),
]
