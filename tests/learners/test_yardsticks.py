"""The sequence models that have to be beaten: repetition, and the prior of the route."""

from ennead.learners.repetition import RepetitionRule
from ennead.learners.route_prior import RoutePrior
from ennead.learners.sequence import LabelledStream, most_likely, read_all

QUIET = LabelledStream(((1, 0), (1, 1)), (0, 0), (1.0, 1.0))
LOUD = LabelledStream(((1, 0), (1, 1), (0, 1), (0, 1)), (0, 1, 1, 1), (1.0,) * 4)


def test_repetition_is_surer_with_each_time_and_expects_the_same_again() -> None:
    told = list(read_all(RepetitionRule(symbols=3, repeat=0, times=1), [(2, 0), (0, 1), (0, 2)]))
    alarms = [prediction.alarm for prediction in told]
    assert alarms == sorted(set(alarms))
    assert [most_likely(prediction.next_symbol) for prediction in told] == [0, 0, 0]
    assert sum(told[0].next_symbol) == 1.0


def test_a_route_is_expected_to_do_what_it_did() -> None:
    prior = RoutePrior(symbols=2, position=1)
    for _ in range(5):
        prior.learn("loud", LOUD)
        prior.learn("quiet", QUIET)
    assert [each.alarm > 0.5 for each in read_all(prior, QUIET.steps, "loud")] == [False, True]
    assert [each.alarm > 0.5 for each in read_all(prior, QUIET.steps, "quiet")] == [False, False]


def test_an_unknown_route_has_the_share_of_all() -> None:
    prior = RoutePrior(symbols=2, position=1)
    prior.learn("loud", LOUD)
    (told,) = read_all(prior, [(1, 7)], "another")
    assert told.alarm == 3 / 5
    (nothing,) = read_all(RoutePrior(symbols=2, position=1), [(1, 7)])
    assert nothing.alarm == 0.0
    assert nothing.next_symbol == (0.5, 0.5)


def test_routes_are_forgotten_in_order() -> None:
    prior = RoutePrior(symbols=2, position=1, max_routes=2)
    for route in ("first", "second", "first", "third"):
        for _ in range(20):
            prior.learn(route, LOUD)
    prior.learn("first", QUIET)
    (known,) = read_all(prior, [(1, 1)], "third")
    (forgotten,) = read_all(prior, [(1, 1)], "second")
    assert known.alarm > 0.95 > forgotten.alarm


def test_what_nobody_knows_counts_for_neither_side() -> None:
    prior = RoutePrior(symbols=2, position=1)
    prior.learn("x", LOUD._replace(alarms=(-1, -1, -1, -1)))
    (told,) = read_all(prior, [(1, 1)], "x")
    assert told.alarm == 0.0
