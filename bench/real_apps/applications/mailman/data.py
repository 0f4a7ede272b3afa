"""Domains, lists, users and subscriptions, made through mailman's own interfaces."""

from typing import Any

LIST = "main.example.com"


def fill(rows: int) -> None:
    """Make ``rows`` of each; one list has ``rows`` members in each role, one user is on all lists."""
    from mailman.app.lifecycle import create_list
    from mailman.config import config
    from mailman.interfaces.bans import IBanManager
    from mailman.interfaces.domain import IDomainManager
    from mailman.interfaces.member import MemberRole
    from mailman.interfaces.usermanager import IUserManager
    from zope.component import getUtility

    users = getUtility(IUserManager)
    people = [_person(users, number) for number in range(rows)]
    domains = getUtility(IDomainManager)
    domains.add("example.com", owners=[f"person{number}@example.com" for number in range(rows)])
    for number in range(rows):
        domains.add(f"example{number}.com", owners=[f"person{number}@example.com"])
        mailing_list = create_list(f"list{number}@example.com")
        mailing_list.subscribe(people[0], MemberRole.member)
        mailing_list.subscribe(people[0], MemberRole.owner)
        mailing_list.send_welcome_message = False
    main = create_list("main@example.com")
    main.send_welcome_message = False
    for number, person in enumerate(people):
        for role in (MemberRole.member, MemberRole.owner, MemberRole.moderator):
            main.subscribe(person, role)
        main.subscribe(users.create_address(f"stranger{number}@example.com"), MemberRole.nonmember)
        main.subscribe(next(address for address in person.addresses if "digest" in address.email))
        IBanManager(main).ban(f"banned{number}@example.com")
        IBanManager(None).ban(f"banned{number}@example.org")
    for number in range(rows):
        _hold(main, number)
        _ask_to_join(main, number)
    config.db.commit()


def _person(users: Any, number: int) -> Any:
    from mailman.utilities.datetime import now

    person = users.create_user(f"person{number}@example.com", f"Person {number}")
    person.preferred_address = _verified(person.addresses, now())
    other = users.create_address(f"digest{number}@example.com")
    other.verified_on = now()
    person.link(other)
    return person


def _verified(addresses: Any, when: Any) -> Any:
    address = next(iter(addresses))
    address.verified_on = when
    return address


def _hold(mailing_list: Any, number: int) -> None:
    from mailman.app.moderator import hold_message
    from mailman.testing.helpers import specialized_message_from_string

    text = (
        f"From: person{number}@example.com\nTo: main@example.com\nSubject: held {number}\nMessage-ID: <{number}>\n\nx\n"
    )
    hold_message(mailing_list, specialized_message_from_string(text))


def _ask_to_join(mailing_list: Any, number: int) -> None:
    from mailman.interfaces.mailinglist import SubscriptionPolicy
    from mailman.interfaces.subscriptions import ISubscriptionManager
    from mailman.interfaces.usermanager import IUserManager
    from zope.component import getUtility

    mailing_list.subscription_policy = SubscriptionPolicy.moderate
    address = getUtility(IUserManager).create_address(f"joining{number}@example.com")
    ISubscriptionManager(mailing_list).register(address, pre_verified=True, pre_confirmed=True)
