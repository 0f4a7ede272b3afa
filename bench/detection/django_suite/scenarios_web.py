"""Pages: templates, views through the test client, Django REST framework, the admin, forms, a command."""

import io

from django.contrib.auth.models import User
from django.core.management import call_command
from django.forms import modelformset_factory
from django.template.loader import render_to_string
from django.test import Client

from bench.detection.django_suite import forms, serializers
from bench.detection.django_suite.models import Customer, Invoice, Ship, Shipment
from bench.detection.scenario import scenario


@scenario("n-plus-one", kind="relation", why="{{ a.b.c }} in a template loop")
def template_loop_over_a_foreign_key():
    shipments = Shipment.objects.order_by("pk")  # place: origin
    return render_to_string("freight/loop.html", {"shipments": shipments})


@scenario("n-plus-one", kind="relation", why="a template loop inside a template loop")
def template_nested_loops():
    return render_to_string("freight/nested.html", {"shipments": Shipment.objects.all()})  # place: origin


@scenario("n-plus-one", kind="relation", why="the included row template loads the customer")
def template_include():
    shipments = list(Shipment.objects.all())  # place: origin
    return render_to_string("freight/include_list.html", {"shipments": shipments})


@scenario("n-plus-one", kind="relation", why="the loop stands in the parent template, the access in the child's block")
def template_inheritance():
    shipments = list(Shipment.objects.filter(weight__gte=0))  # place: origin
    return render_to_string("freight/child.html", {"shipments": shipments})


@scenario("n-plus-one", kind="aggregate", why="{% with %} and {% if %} stand between the loop and its two accesses")
def template_across_lines():
    shipments = Shipment.objects.select_related("hub")  # place: origin
    return render_to_string("freight/several_lines.html", {"shipments": shipments})


@scenario("n-plus-one", kind="lookup", why="{% if %} asks EXISTS a row")
def template_condition():
    shipments = Shipment.objects.select_related("customer").order_by("pk")  # place: origin
    return render_to_string("freight/condition.html", {"shipments": shipments})


@scenario("n-plus-one", kind="relation", why="a custom tag queries each time it is called")
def template_tag_that_queries():
    return render_to_string("freight/tag.html", {"customers": Customer.objects.all()})  # place: origin


@scenario("n-plus-one", kind="lookup", why="a custom filter queries each time it is applied")
def template_filter_that_queries():
    return render_to_string("freight/filter.html", {"shipments": Shipment.objects.all()})  # place: origin


@scenario("n-plus-one", kind="relation", why="an inclusion tag renders the crew of every ship")
def inclusion_tag_with_a_query():
    ships = Ship.objects.order_by("name")  # place: origin
    return render_to_string("freight/crews.html", {"ships": ships})


@scenario("n-plus-one", kind="relation", why="|length of a relation loads all its rows, once a customer")
def template_length_of_a_relation():
    customers = list(Customer.objects.all())  # place: origin
    return render_to_string("freight/length.html", {"customers": customers})


@scenario("n-plus-one", kind="relation", why="a function view builds JSON row by row")
def json_view_through_the_client():
    return Client().get("/arrivals/").json()


@scenario("n-plus-one", kind="relation", why="a ListView's template follows a foreign key")
def list_view_and_its_template():
    return Client().get("/board/").content


@scenario("n-plus-one", kind="relation", why="the rows are streamed after the view has returned")
def streamed_csv_export():
    response = Client().get("/export.csv")
    return b"".join(response.streaming_content)


@scenario("n-plus-one", kind="relation", why="get_absolute_url() loads the customer of every shipment")
def sitemap_of_shipments():
    return Client().get("/sitemap.xml").content  # place: loop origin


@scenario("n-plus-one", kind="relation", why="a nested serializer, many=True, without prefetch")
def nested_serializer():
    shipments = Shipment.objects.order_by("pk")  # place: origin
    return serializers.NestedShipmentSerializer(shipments, many=True).data  # place: loop origin access


@scenario("n-plus-one", kind="relation", why="StringRelatedField calls str() of a lazily loaded object")
def string_related_field():
    invoices = Invoice.objects.filter(total__gt=0)  # place: origin
    serializer = serializers.CustomerLabelSerializer(invoices, many=True)
    return serializer.data  # place: loop origin access


@scenario("n-plus-one", kind="relation", why="source= with dots is a lazy load per hop")
def dotted_source():
    shipments = list(Shipment.objects.all())  # place: origin
    serializer = serializers.ShipmentRowSerializer(shipments, many=True)
    return serializer.data  # place: loop access


@scenario("n-plus-one", kind="relation", why="a list of primary keys of a many-to-many, per row")
def many_related_keys():
    shipments = list(Shipment.objects.all())  # place: origin
    return serializers.TaggedShipmentSerializer(shipments, many=True).data  # place: loop access


@scenario("n-plus-one", kind="relation", why="SerializerMethodField reads a relation")
def serializer_method_field():
    ships = Ship.objects.order_by("pk")  # place: origin
    return serializers.ShipSerializer(ships, many=True).data  # place: loop origin


@scenario("n-plus-one", kind="aggregate", why="SerializerMethodField counts in the database")
def serializer_method_that_counts():
    customers = Customer.objects.all()  # place: origin
    serializer = serializers.BalanceSerializer(customers, many=True)
    return serializer.data  # place: loop origin


@scenario("n-plus-one", kind="relation", why="a viewset's list action, through the router and the client")
def viewset_through_the_client():
    return Client().get("/api/shipments/").json()  # place: loop origin access


@scenario("n-plus-one", kind="aggregate", why="a column of the changelist counts per row")
def changelist_column_that_counts():
    client = Client()
    client.force_login(User.objects.get(username="controller"))
    return client.get("/admin/freight/shipment/").content  # place: loop origin


@scenario("n-plus-one", kind="relation", why="the changelist joins the first hop and not the second")
def changelist_column_two_hops_away():
    client = Client()
    client.force_login(User.objects.get(username="controller"))
    return client.get("/admin/freight/ship/").content  # place: loop origin


@scenario("n-plus-one", kind="relation", why="the label of every choice loads the port's country")
def choice_labels_of_one_select():
    return forms.DepartureForm().as_p()  # place: loop origin


@scenario("n-plus-one", kind="relation", why="one form a customer, each with choices of its own")
def one_form_per_row():
    pages = []
    for customer in Customer.objects.order_by("pk"):  # place: loop origin
        form = forms.SettlementForm(customer, prefix=customer.slug)
        pages.append(form.as_p())  # place: access
    return pages


@scenario("n-plus-one", kind="relation", why="a management command walks over invoices")
def management_command():
    out = io.StringIO()
    call_command("remind", stdout=out)
    return out.getvalue()


@scenario("duplicate", kind="same-parameters", why="every form of the formset asks for the same ports")
def formset_with_the_same_choices():
    formset = modelformset_factory(Shipment, form=forms.RoutingForm, extra=0)
    return render_to_string("freight/formset.html", {"formset": formset(queryset=Shipment.objects.order_by("pk"))})


@scenario("duplicate", kind="same-parameters", why="the template counts the same queryset three times")
def template_counts_three_times():
    return render_to_string("freight/twice.html", {"shipments": Shipment.objects.filter(status="booked")})


@scenario("duplicate", kind="same-parameters", why="header, sidebar and footer each count the same rows")
def header_and_footer_count_alike():
    return Client().get("/header/").content


@scenario("look-alike", why="a template loop over rows that were joined and prefetched")
def template_loop_loaded_eagerly():
    shipments = Shipment.objects.select_related("customer", "origin__country").prefetch_related("containers")
    return render_to_string("freight/eager.html", {"shipments": shipments})


@scenario("look-alike", why="a ListView whose queryset joins what its template shows")
def list_view_loaded_eagerly():
    return Client().get("/joined-board/").content


@scenario("look-alike", why="a detail page: one object, one query for each of its relations")
def detail_page_of_one_object():
    customer = Customer.objects.order_by("pk").first()
    return Client().get(f"/customers/{customer.pk}/").content


@scenario("look-alike", why="a viewset whose queryset loads everything that its serializer reads")
def viewset_loaded_eagerly():
    return Client().get("/api/joined-shipments/").json()


@scenario("look-alike", why="a changelist with list_select_related")
def changelist_loaded_eagerly():
    client = Client()
    client.force_login(User.objects.get(username="controller"))
    return client.get("/admin/freight/invoice/").content


@scenario("look-alike", why="three requests of one session: each authenticates once, as it must")
def session_over_three_requests():
    client = Client()
    client.force_login(User.objects.get(username="controller"))
    return [client.get("/account/").json() for _ in range(3)]


@scenario("look-alike", why="validation asks once for each unique column: three questions, three columns")
def unique_checks_of_one_form():
    form = forms.CustomerForm({"number": "C9000", "slug": "new-desk", "email": "new@example.org", "name": "New"})
    return form.is_valid()


@scenario("look-alike", why="the validators of three unique serializer fields")
def unique_validators_of_one_serializer():
    data = {"number": "C9001", "slug": "newer-desk", "email": "newer@example.org", "name": "Newer"}
    return serializers.NewCustomerSerializer(data=data).is_valid()
