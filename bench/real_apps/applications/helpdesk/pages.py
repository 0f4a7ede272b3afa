"""The pages that are opened: the help desk of the staff, the public one, feeds, the API, the admin."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import NoReverseMatch, reverse
from helpdesk.models import Checklist, ChecklistTemplate, FollowUp, Ticket
from helpdesk.query import query_to_base64

OWNER = {"username": "owner"}
LISTS = {
    "dashboard": "helpdesk:dashboard",
    "tickets": "helpdesk:list",
    "kanban": "helpdesk:kanban",
    "feeds": "helpdesk:rss_index",
    "reports": "helpdesk:report_index",
    "saved searches": "helpdesk:saved_searches_list",
    "ignored addresses": "helpdesk:email_ignore",
    "new ignored address": "helpdesk:email_ignore_add",
    "checklist templates": "helpdesk:checklist_templates",
    "user settings": "helpdesk:user_settings",
    "home": "helpdesk:home",
    "my tickets": "helpdesk:my-tickets",
    "new ticket": "helpdesk:submit",
    "new public ticket": "helpdesk:submit_iframe",
    "knowledge base": "helpdesk:kb_index",
    "feed of the unassigned": "helpdesk:rss_unassigned",
    "feed of activity": "helpdesk:rss_activity",
    "system settings": "helpdesk:system_settings",
    "API, tickets": "helpdesk:ticket-list",
    "API, user's tickets": "helpdesk:user_tickets-list",
    "API, follow-ups": "helpdesk:followups-list",
    "API, attachments": "helpdesk:followupattachments-list",
}
OF_THE_TICKET = {
    "ticket": "view",
    "ticket editor": "edit",
    "ticket deletion": "delete",
    "ticket copies": "ticket_cc",
    "new ticket copy": "ticket_cc_add",
    "new resolved ticket": "ticket_resolves_add",
    "new dependency": "ticket_dependency_add",
}
REPORTS = (
    "userpriority",
    "userqueue",
    "userstatus",
    "usermonth",
    "queuepriority",
    "queuestatus",
    "queuemonth",
    "daysuntilticketclosedbymonth",
)
ADMIN = (
    "queue",
    "ticket",
    "followup",
    "kbcategory",
    "kbitem",
    "savedsearch",
    "ticketdependency",
    "ticketcc",
    "checklist",
    "customfield",
    "ignoreemail",
    "presetreply",
    "escalationexclusion",
)


def addresses() -> Iterator[tuple[str, str]]:
    """Name and URL of each page."""
    ticket = Ticket.objects.order_by("pk").first()
    for name, route in LISTS.items():
        yield name, reverse(route)
    for name, route in OF_THE_TICKET.items():
        yield name, reverse(f"helpdesk:{route}", args=[ticket.pk])
    shown = urlencode({"ticket": ticket.ticket_for_url, "email": ticket.submitter_email, "key": ticket.secret_key})
    yield "public ticket", f"{reverse('helpdesk:public_view')}?{shown}"
    for report in REPORTS:
        yield f"report {report}", reverse("helpdesk:run_report", args=[report])
    query = query_to_base64({"filtering": {}, "filtering_null": {}, "sorting": "created", "search_string": ""})
    yield "rows of tickets", reverse("helpdesk:datatables_ticket_list", args=[query])
    yield "timeline of tickets", reverse("helpdesk:timeline_ticket_list", args=[query])
    yield "search", f"{reverse('helpdesk:list')}?q=work&search_type=header"
    follow_up = FollowUp.objects.filter(ticket=ticket).order_by("pk").first()
    yield "follow-up editor", reverse("helpdesk:followup_edit", args=[ticket.pk, follow_up.pk])
    checklist = Checklist.objects.filter(ticket=ticket).order_by("pk").first()
    yield "checklist", reverse("helpdesk:edit_ticket_checklist", args=[ticket.pk, checklist.pk])
    template = ChecklistTemplate.objects.order_by("pk").first()
    yield "checklist template", reverse("helpdesk:edit_checklist_template", args=[template.pk])
    yield "knowledge of a category", reverse("helpdesk:kb_category", args=["category-0"])
    yield "feed of a user", reverse("helpdesk:rss_user", args=["owner"])
    yield "feed of a queue", reverse("helpdesk:rss_queue", args=["queue-0"])
    chosen = "&".join(f"tickets={each.pk}" for each in Ticket.objects.all())
    yield "merging tickets", f"{reverse('helpdesk:merge_tickets')}?{chosen}"
    for model in ADMIN:
        if url := _admin(model):
            yield f"admin {model}", url
    user = User.objects.get(username="owner")
    yield "admin of a user", reverse("admin:auth_user_change", args=[user.pk])
    yield "admin of a ticket", reverse("admin:helpdesk_ticket_change", args=[ticket.pk])
    yield "admin of a follow-up", reverse("admin:helpdesk_followup_change", args=[follow_up.pk])


def _admin(model: str) -> str:
    try:
        return str(reverse(f"admin:helpdesk_{model}_changelist"))
    except NoReverseMatch:
        return ""
