"""The Jinja environment of the paper forms."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader

environment = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)


def render(template, **context):
    return environment.get_template(template).render(**context)
