"""Django: queries, ORM evidence, template lines, requests and commands.

Needs no settings change: classes of Django are hooked while Ennead is installed. Django 4.2 to 6.1.
"""
