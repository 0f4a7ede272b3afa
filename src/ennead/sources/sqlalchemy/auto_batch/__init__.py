"""Automatic batching: a sibling's second lazy load of a relation loads it for all rows of the result at once.

Off by default. The rows that one query has made are siblings (``siblings``). When the second of them asks for a
relation that the ORM would load by a statement of its own, that statement is asked for all of them (``statement``,
``relation_key``). What the others will ask for waits (``waiting``) until they do, and is handed to the ORM as the
result of the statement that it would send: so everything else is done by the ORM as ever, at the time as ever.

Where it is not certain that the answer would be the same, nothing is done (``certainty``): the ORM loads as ever.
"""
