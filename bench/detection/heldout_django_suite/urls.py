# mypy: ignore-errors
from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("animals/", views.animal_list),
    path("animals/<int:pk>/", views.animal_detail),
    path("owners/", views.OwnerList.as_view()),
    path("api/visits/", views.VisitList.as_view()),
    path("api/visits-eager/", views.EagerVisitList.as_view()),
    path("board/", views.board),
]
