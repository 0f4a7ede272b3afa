from django.urls import path

from notes import views

urlpatterns = [
    path("", views.note_feed, name="note-feed"),
    path("mine/", views.my_notes, name="my-notes"),
]
