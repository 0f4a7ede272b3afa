# mypy: ignore-errors
"""The clinic's web site: views, templates, REST framework, admin."""

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import Client

from bench.detection.scenario import scenario

from .models import Animal, Owner, Vet
from .serializers import AnimalCardSerializer, OwnerSerializer, PatientsSerializer, VetSkillsSerializer


@scenario("n-plus-one", kind="relation", why="the template loads the owner of each animal of the view")
def function_view_and_template():
    return Client().get("/animals/").content


@scenario("n-plus-one", kind="aggregate", why="the template of the list view counts each owner's invoices")
def list_view_with_a_count_in_its_template():
    return Client().get("/owners/").content


@scenario("n-plus-one", kind="relation", why="the included template loads the skills of each vet")
def included_template():
    return render_to_string("clinic/vets.html", {"vets": Vet.objects.order_by("name")})  # place: origin


@scenario("n-plus-one", kind="lookup", why="the tag queries for each owner")
def simple_tag_that_queries():
    owners = Owner.objects.all()  # place: origin
    return render_to_string("clinic/invoices.html", {"owners": owners})


@scenario("n-plus-one", kind="relation", why="the nested serializer loads the vet of each visit")
def drf_list_view_nested():
    return Client().get("/api/visits/").content


@scenario("n-plus-one", kind="relation", why="source='owner.name' loads each owner")
def drf_dotted_source():
    animals = Animal.objects.all()  # place: origin
    return AnimalCardSerializer(animals, many=True).data  # place: loop


@scenario("n-plus-one", kind="aggregate", why="the method field counts for each owner")
def drf_method_field():
    queryset = Owner.objects.order_by("name")  # place: origin
    serializer = OwnerSerializer(queryset, many=True)
    return serializer.data  # place: loop


@scenario("n-plus-one", kind="relation", why="the skills of each vet")
def drf_slug_related_many():
    return VetSkillsSerializer(Vet.objects.all(), many=True).data  # place: loop origin


@scenario("n-plus-one", kind="relation", why="the patients are prefetched, and __str__ of each loads its species")
def drf_string_related():
    vets = Vet.objects.prefetch_related("patients")  # place: origin
    return PatientsSerializer(vets, many=True).data  # place: loop


@scenario("n-plus-one", kind="relation", why="a column of the change list loads the animal of each visit")
def admin_change_list_column():
    client = Client()
    client.force_login(User.objects.get(username="root"))
    return client.get("/admin/clinic/visit/").content


@scenario("n-plus-one", kind="aggregate", why="a column of the change list counts for each animal")
def admin_column_that_counts():
    client = Client()
    client.force_login(User.objects.get(username="root"))
    return client.get("/admin/clinic/animal/").content


@scenario("n-plus-one", kind="relation", why="the rows of one page each load their owner")
def rows_of_one_page():
    page = Paginator(Animal.objects.order_by("pk"), 500).get_page(1)  # place: origin
    return [{"id": a.pk, "owner": a.owner.email} for a in page]  # place: loop access


@scenario("look-alike", why="the list view joins the vets")
def drf_list_view_eager():
    return Client().get("/api/visits-eager/").content


@scenario("look-alike", why="list_select_related joins the owners")
def admin_joined():
    client = Client()
    client.force_login(User.objects.get(username="root"))
    return client.get("/admin/clinic/invoice/").content


@scenario("look-alike", why="the template finds everything prefetched")
def template_with_prefetched_rows():
    return render_to_string("clinic/eager_vets.html", {"vets": Vet.objects.prefetch_related("skills")})


@scenario("look-alike", why="a test that calls the detail view four times, each a request of its own")
def test_client_calls_a_view_for_four_ids():
    client = Client()
    return [client.get(f"/animals/{pk}/").status_code for pk in (1, 2, 3, 4)]


@scenario("look-alike", why="permissions are asked per row and answered from the user's own cache")
def permission_per_row():
    nurse = User.objects.get(username="nurse")
    return [animal.name for animal in Animal.objects.all() if nurse.has_perm("clinic.view_animal", None)]


@scenario("duplicate", why="the same setting for each line of the letter")
def letter_with_a_setting_per_line():
    owner = Owner.objects.first()
    return render_to_string("clinic/letter.html", {"owner": owner, "lines": ["one", "two", "three", "four"]})


@scenario("look-alike", why="the same small page, asked for by three separate requests")
def board_in_three_requests():
    return [Client().get("/board/").content for _ in range(3)]
