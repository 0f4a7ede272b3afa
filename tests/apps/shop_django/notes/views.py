from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from notes.models import StaffNote

NOTES_SHOWN = 100


@staff_member_required
def note_feed(request: HttpRequest) -> HttpResponse:
    notes = StaffNote.objects.select_related("author", "content_type")[:NOTES_SHOWN]
    return render(request, "notes/note_feed.html", {"notes": notes})


@staff_member_required
def my_notes(request: HttpRequest) -> HttpResponse:
    notes = StaffNote.objects.filter(author=request.user).prefetch_related("target")
    return render(request, "notes/my_notes.html", {"notes": notes})
