"""Rows for what the pages of a help desk walk over: the same number of each."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone
from helpdesk.models import (
    Checklist,
    ChecklistTemplate,
    CustomField,
    EmailTemplate,
    EscalationExclusion,
    FollowUp,
    FollowUpAttachment,
    IgnoreEmail,
    KBCategory,
    KBItem,
    PreSetReply,
    Queue,
    SavedSearch,
    Ticket,
    TicketCC,
    TicketCustomFieldValue,
    TicketDependency,
)


def fill(rows: int) -> None:
    """Make ``rows`` of everything; the first ticket has ``rows`` of whatever belongs to a ticket."""
    owner = User.objects.create_superuser("owner", "owner@example.org", "desk")
    people = [
        User.objects.create_user(f"person{i}", f"person{i}@example.org", "desk", is_staff=True) for i in range(rows)
    ]
    queues = [
        Queue.objects.create(
            title=f"Queue {i}",
            slug=f"queue-{i}",
            default_owner=people[i],
            allow_public_submission=True,
            escalate_days=3,
        )
        for i in range(rows)
    ]
    items = _knowledge(rows, queues, people)
    fields = [
        CustomField.objects.create(name=f"field{i}", label=f"Field {i}", data_type="varchar") for i in range(rows)
    ]
    tickets = [_ticket(i, owner, queues, items) for i in range(rows)]
    closed = [_ticket(i, owner, queues, items) for i in range(rows)]
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in closed]).update(status=Ticket.CLOSED_STATUS)
    Ticket.objects.filter(pk__in=[_ticket(i, None, queues, items).pk for i in range(rows)]).update(status=1)
    for number, ticket in enumerate(tickets):
        for field in fields:
            TicketCustomFieldValue.objects.create(ticket=ticket, field=field, value="known")
        _follow_ups(ticket, people if number == 0 else people[:1])
    _around(tickets, people)
    _settings(owner, queues, people)


def _ticket(number: int, assigned: User | None, queues: list[Any], items: list[Any]) -> Any:
    return Ticket.objects.create(
        title=f"Ticket {number}",
        queue=queues[number],
        submitter_email="owner@example.org",
        assigned_to=assigned,
        status=Ticket.OPEN_STATUS,
        description="It does not work",
        priority=3,
        kbitem=items[number],
        created=timezone.now() - timedelta(days=number),
        due_date=timezone.now() - timedelta(days=1),
    )


def _follow_ups(ticket: Any, people: list[User]) -> None:
    for person in people:
        follow_up = FollowUp.objects.create(
            ticket=ticket, title="Looked at", comment="Hm", public=True, user=person, time_spent=timedelta(hours=1)
        )
        for number in range(len(people)):
            follow_up.ticketchange_set.create(field=f"Title {number}", old_value="Old", new_value="New")
            attachment = FollowUpAttachment(
                followup=follow_up, filename=f"log{number}.txt", mime_type="text/plain", size=4
            )
            attachment.file.save(f"log{number}.txt", ContentFile(b"text"), save=True)


def _around(tickets: list[Any], people: list[User]) -> None:
    first, *others = tickets
    for number, (ticket, person) in enumerate(zip(tickets, people, strict=True)):
        TicketCC.objects.create(ticket=first, user=person, can_view=True)
        checklist = Checklist.objects.create(ticket=first, name=f"Checklist {number}")
        checklist.create_tasks_from_template(ChecklistTemplate(task_list=[f"Task {i}" for i in range(len(people))]))
        Checklist.objects.create(ticket=ticket, name="Own").tasks.create(description="Task", position=0)
    for ticket in others:
        TicketDependency.objects.create(ticket=first, depends_on=ticket)
        TicketDependency.objects.create(ticket=ticket, depends_on=first)


def _knowledge(rows: int, queues: list[Any], people: list[User]) -> list[Any]:
    categories = [
        KBCategory.objects.create(
            name=f"Category {i}",
            title=f"Category {i}",
            slug=f"category-{i}",
            description="Text",
            public=True,
            queue=queues[i],
        )
        for i in range(rows)
    ]
    items = []
    for number in range(rows):
        items.append(_item(number, categories[number], people))
        _item(number, categories[0], people)
    return items


def _item(number: int, category: Any, people: list[User]) -> Any:
    item = KBItem.objects.create(category=category, title=f"Item {number}", question="Why?", answer="So", enabled=True)
    item.voted_by.add(*people)
    return item


def _settings(owner: User, queues: list[Any], people: list[User]) -> None:
    today = timezone.now().date()
    for number, queue in enumerate(queues):
        SavedSearch.objects.create(user=people[number], title=f"Search {number}", shared=True, query="")
        SavedSearch.objects.create(user=owner, title=f"Own search {number}", shared=False, query="")
        PreSetReply.objects.create(name=f"Reply {number}", body="Thank you").queues.add(*queues)
        ignored = IgnoreEmail.objects.create(
            name=f"Ignored {number}", date=today, email_address=f"a{number}@example.org"
        )
        ignored.queues.add(*queues)
        day = EscalationExclusion.objects.create(name=f"Holiday {number}", date=today + timedelta(days=number + 1))
        day.queues.add(queue)
        ChecklistTemplate.objects.create(name=f"Template {number}", task_list=["One", "Two"])
        EmailTemplate.objects.create(
            template_name=f"template{number}", subject="Hello", heading="Hello", plain_text="Hello", html="Hello"
        )
