"""What Postorius, the web front end, asks."""

from collections.abc import Iterator

from bench.real_apps.applications.mailman.data import LIST

ROSTERS = ("member", "owner", "moderator", "nonmember")


def pages() -> Iterator[tuple[str, str]]:
    """Name and path of each page."""
    yield "domains", "/3.1/domains"
    yield "owners of a domain", "/3.1/domains/example.com/owners"
    yield "lists of a domain", "/3.1/domains/example.com/lists"
    yield "lists", "/3.1/lists"
    yield "a list", f"/3.1/lists/{LIST}"
    yield "lists of a subscriber", "/3.1/lists/find?subscriber=person0@example.com"
    for role in ROSTERS:
        yield f"{role}s of a list", f"/3.1/lists/{LIST}/roster/{role}"
    yield "members", "/3.1/members"
    yield "page of members", "/3.1/members?count=50&page=1"
    yield "memberships of a person", "/3.1/members/find?subscriber=person0@example.com"
    yield "users", "/3.1/users"
    yield "page of users", "/3.1/users?count=50&page=1"
    yield "a user", "/3.1/users/person0@example.com"
    yield "addresses of a user", "/3.1/users/person0@example.com/addresses"
    yield "addresses", "/3.1/addresses"
    yield "memberships of an address", "/3.1/addresses/person0@example.com/memberships"
    yield "bans", "/3.1/bans"
    yield "bans of a list", f"/3.1/lists/{LIST}/bans"
    yield "held messages", f"/3.1/lists/{LIST}/held"
    yield "requests", f"/3.1/lists/{LIST}/requests"
    yield "settings of a list", f"/3.1/lists/{LIST}/config"


def changes(rows: int) -> Iterator[tuple[str, str, str, dict[str, object]]]:
    """Name, method, path and body of what is asked of many rows at once; it can be asked again."""
    strangers = [f"joining{number}@example.com" for number in range(rows)]
    yield "remove who is no member", "DELETE", "/3.1/lists/list0.example.com/roster/member", {"emails": strangers}
