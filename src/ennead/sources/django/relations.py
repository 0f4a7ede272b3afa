"""Which relation of which model a query followed, read from descriptors, managers and query sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Relation(NamedTuple):
    """One relation as its owner's code names it."""

    owner: str
    """Label of the class of the instance that was asked, ``shop.Order``."""
    name: str
    """The attribute: the field's name, or the accessor's on the other side."""
    target: str | None
    cardinality: Literal["one", "many"]
    position: int = -1
    """Of the manager's own last condition in the query's ``where``; what follows are conditions of the caller's."""

    @property
    def label(self) -> str:
        """``shop.Order.customer``."""
        return f"{self.owner}.{self.name}"


def label_of(model: Any) -> str:
    """``app_label.Model``."""
    return str(model._meta.label)


def of_descriptor(descriptor: Any, instance: Any) -> Relation | None:
    """The relation of a descriptor that loads one object: forward foreign key, one-to-one, generic foreign key."""
    owner = label_of(type(instance))
    related = getattr(descriptor, "related", None)
    if related is not None:
        return Relation(owner, str(related.get_accessor_name()), label_of(related.related_model), "one")
    field = getattr(descriptor, "field", descriptor)
    if hasattr(field, "ct_field"):
        return Relation(owner, str(field.name), None, "one")
    remote = getattr(field, "remote_field", None)
    return Relation(owner, str(field.name), label_of(remote.model), "one") if remote is not None else None


def of_manager(manager: Any) -> Relation | None:
    """The relation of a related manager."""
    instance = getattr(manager, "instance", None)
    if instance is None:
        return None
    return Relation(label_of(type(instance)), _accessor_of_manager(manager), label_of(manager.model), "many")


def _accessor_of_manager(manager: Any) -> str:
    field = getattr(manager, "field", None)
    if field is not None:  # of a reverse foreign key
        return str(field.remote_field.get_accessor_name())
    source = getattr(manager, "source_field", None)
    if source is None:  # of a generic relation
        return str(manager.prefetch_cache_name)
    found = _many_to_many_through(type(manager.instance), manager.through, source)
    return found[0] if found else str(manager.prefetch_cache_name)


def of_prefetch(instances: Any, name: str, target: Any) -> Relation | None:
    """The relation that one level of a prefetch loads."""
    if not instances:
        return None
    owner = type(instances[0])
    makes_manager = hasattr(getattr(owner, name, None), "related_manager_cls")
    return Relation(label_of(owner), name, label_of(target), "many" if makes_manager else "one")


def of_query_set(query_set: Any) -> Relation | None:
    """The relation of the manager that a query set came from, whatever was filtered since.

    A manager leaves its instance in the query set's hints; the field is known from the objects that a reverse foreign
    key fills in, or from the manager's condition in ``where``. A generic relation leaves its conditions only.
    """
    conditions = list(_conditions(query_set))
    instance = getattr(query_set, "_hints", {}).get("instance")
    if instance is not None:
        return _of_hinted(query_set, instance, conditions)
    return _of_generic_relation(query_set.model, conditions)


def _conditions(query_set: Any) -> Iterator[tuple[int, Any, Any]]:
    """(position, column's field, compared value) of the conditions that all have to hold."""
    where = getattr(getattr(query_set, "_query", None), "where", None)
    if where is None or where.connector != "AND" or where.negated:
        return
    for position, condition in enumerate(where.children):
        field = getattr(getattr(condition, "lhs", None), "target", None)
        if field is not None:
            yield position, field, getattr(condition, "rhs", None)


def _of_hinted(query_set: Any, instance: Any, conditions: list[tuple[int, Any, Any]]) -> Relation | None:
    owner = type(instance)
    for field in getattr(query_set, "_known_related_objects", ()):
        remote = getattr(field, "remote_field", None)
        if remote is not None and isinstance(instance, remote.model):
            position = next((place for place, column, _ in conditions if column is field), -1)
            name = str(remote.get_accessor_name())
            return Relation(label_of(owner), name, label_of(query_set.model), "many", position)
    for position, column, _ in conditions:
        found = _many_to_many_through(owner, column.model, column)
        if found is not None:
            return Relation(label_of(owner), found[0], label_of(found[1]), "many", position)
    return None


def _many_to_many_through(owner: Any, through: Any, source: Any) -> tuple[str, Any] | None:
    """Name and target of the many-to-many relation that leads from ``owner`` over ``source`` of the table between."""
    for field in owner._meta.many_to_many:
        if field.remote_field.through is through and field.m2m_field_name() == source.name:
            return str(field.name), field.remote_field.model
    for relation in owner._meta.related_objects:
        if relation.many_to_many and relation.through is through:
            field = relation.field
            if field.m2m_reverse_field_name() == source.name:
                return str(relation.get_accessor_name()), field.model
    return None


def _of_generic_relation(model: Any, conditions: list[tuple[int, Any, Any]]) -> Relation | None:
    fields = {field.name: (position, value) for position, field, value in reversed(conditions)}
    for foreign_key in model._meta.private_fields:
        names = (getattr(foreign_key, "ct_field", None), getattr(foreign_key, "fk_field", None))
        if names[0] not in fields or names[1] not in fields:
            continue
        owner = _model_of_content_type(fields[names[0]][1])
        position = max(fields[name][0] for name in names)
        for field in getattr(owner, "_meta", _NO_META).private_fields:
            if _is_generic_relation(field, model, names):
                return Relation(label_of(owner), str(field.name), label_of(model), "many", position)
    return None


class _NO_META:  # noqa: N801 -- a constant
    private_fields: tuple[Any, ...] = ()


def _is_generic_relation(field: Any, model: Any, names: tuple[Any, Any]) -> bool:
    own = (getattr(field, "content_type_field_name", None), getattr(field, "object_id_field_name", None))
    return own == names and field.remote_field.model is model


def _model_of_content_type(key: Any) -> Any:
    """The model of a content type that Django has in its cache: we must not query for it."""
    from django.contrib.contenttypes.models import ContentType

    key = getattr(key, "pk", key)
    for known in getattr(ContentType.objects, "_cache", {}).values():
        if key in known:
            return known[key].model_class()
    return None
