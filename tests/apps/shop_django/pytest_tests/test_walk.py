from django.test import Client

from shop.walk import walk


def test_every_step_works_and_is_done_once(shop: Client) -> None:
    labels = []
    for step in walk():
        step.run()
        labels.append(step.label)
    assert len(labels) == len(set(labels)) > 40
