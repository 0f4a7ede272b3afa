from django.contrib import admin

from notes.models import StaffNote

admin.site.register(StaffNote)
