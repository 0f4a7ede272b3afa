"""A freight forwarder's back office in Django 5.2: 120-odd pieces of everyday code, each labelled."""
