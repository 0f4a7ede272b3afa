# mypy: ignore-errors
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import ListView
from rest_framework.generics import ListAPIView

from .models import Animal, Job, Owner, Visit
from .serializers import VisitSerializer


def animal_list(request):
    animals = Animal.objects.order_by("name")  # place[function_view_and_template]: origin
    return render(request, "clinic/animals.html", {"animals": animals})


def animal_detail(request, pk):
    animal = get_object_or_404(Animal, pk=pk)
    return JsonResponse({"name": animal.name, "owner": animal.owner.name, "species": animal.species.name})


class OwnerList(ListView):
    queryset = Owner.objects.order_by("pk")  # place[list_view_with_a_count_in_its_template]: origin
    template_name = "clinic/owners.html"


class VisitList(ListAPIView):
    queryset = Visit.objects.order_by("day")  # place[drf_list_view_nested]: loop origin
    serializer_class = VisitSerializer


class EagerVisitList(ListAPIView):
    queryset = Visit.objects.select_related("vet").order_by("day")
    serializer_class = VisitSerializer


def board(request):
    return HttpResponse(f"{Job.objects.filter(state='waiting').count()} waiting")
