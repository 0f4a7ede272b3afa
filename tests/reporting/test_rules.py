from ennead.domains.nplusone.domain import DOMAIN
from ennead.reporting.rules import rule_of


def test_every_code_of_the_domain_is_told() -> None:
    rules = [rule_of(code) for code in DOMAIN.codes]
    assert all(rule.meaning and rule.remedy and rule.summary.endswith(".") for rule in rules)
    assert len({rule.name for rule in rules}) == len(DOMAIN.codes)


def test_an_unknown_code_is_a_rule_all_the_same() -> None:
    assert (rule_of("hot_lock").name, rule_of("hot_lock").remedy) == ("HotLock", "")
