"""`dataclass` for frozen records, made when a module is imported without compiling source for each of them.

The one of the standard library writes source for every class and has Python compile it, which with the modules that it
imports took a sixth of the start of a command. What it offers is offered here too, as far as frozen classes use it, and
`dataclasses.replace`, `fields` and `asdict` take such records. The tests hold them against the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple


class _Factory(NamedTuple):
    """What makes the value of a field that is not given."""

    make: Callable[[], object]


if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:

    def field(*, default_factory: Callable[[], object]) -> _Factory:
        """A field whose value is made where it is not given."""
        return _Factory(default_factory)

    def dataclass(*, frozen: bool, slots: bool = False, kw_only: bool = False) -> Callable[[type], type]:
        """Makes a frozen record of the annotated names of a class, as the standard library does."""
        if not frozen:
            raise TypeError("what is not frozen is for dataclasses")
        return lambda cls: _made(cls, slots=slots, kw_only=kw_only)

    def replace(record: Any, /, **changes: object) -> Any:
        """The record with other values for some of its fields."""
        names = record.__record__
        return type(record)(**({name: getattr(record, name) for name in names if name not in changes} | changes))


__all__ = ["dataclass", "field", "replace"]
_put = object.__setattr__


def _made(cls: type, *, slots: bool, kw_only: bool) -> type:
    names = tuple(cls.__annotations__)
    given = {name: vars(cls)[name] for name in names if name in vars(cls)}
    body = {name: value for name, value in vars(cls).items() if name not in (*given, "__dict__", "__weakref__")}
    if slots:
        body["__slots__"] = names
    body |= _methods(names, given, kw_only=kw_only) | {"__qualname__": cls.__qualname__}
    made: type = type(cls)(cls.__name__, cls.__bases__, body)
    return made


def _methods(names: tuple[str, ...], given: Mapping[str, Any], *, kw_only: bool) -> dict[str, object]:
    """What every record can do; what the class defines itself stays in the body before."""
    whole, values = frozenset(names), attrgetter(*names)

    def init(self: object, /, *listed: object, **named: object) -> None:
        if listed:
            if kw_only or len(listed) > len(names) or not named.keys().isdisjoint(names[: len(listed)]):
                raise TypeError(
                    f"{type(self).__name__} takes the values of {', '.join(names)} by their names, each once"
                )
            named.update(zip(names, listed, strict=False))
        if len(named) < len(names):
            for name, value in given.items():
                if name not in named:
                    named[name] = value.make() if isinstance(value, _Factory) else value
        if named.keys() != whole:
            wrong = ", ".join(sorted(named.keys() ^ whole))
            raise TypeError(f"{type(self).__name__} has other fields, or lacks: {wrong}")
        for name, value in named.items():
            _put(self, name, value)

    def equal(self: object, other: object) -> object:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return {
        "__init__": init,
        "__eq__": equal,
        "__hash__": lambda self: hash(values(self)),
        "__repr__": lambda self: f"{type(self).__qualname__}({', '.join(f'{n}={getattr(self, n)!r}' for n in names)})",
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__reduce__": lambda self: (_again, (type(self), {name: getattr(self, name) for name in names})),
        "__match_args__": () if kw_only else names,
        "__record__": names,
        "__dataclass_fields__": _Fields(given, kw_only=kw_only),
    }


def _refuse(self: object, name: str, *_: object) -> None:
    from dataclasses import FrozenInstanceError  # only where somebody tries

    raise FrozenInstanceError(f"cannot change field {name!r} of {type(self).__name__}")


def _again(cls: type, values: Mapping[str, object]) -> object:
    """The record that was pickled."""
    return cls(**values)


class _Fields:
    """The fields as the standard library describes them, made when it asks for them."""

    def __init__(self, given: Mapping[str, Any], *, kw_only: bool) -> None:
        self._given, self._kw_only = given, kw_only

    def __get__(self, record: object, owner: type) -> Any:
        import dataclasses

        body: dict[str, Any] = {
            name: dataclasses.field(default_factory=value.make) if isinstance(value, _Factory) else value
            for name, value in self._given.items()
        }
        alike = type(
            owner.__name__, (), {**body, "__annotations__": owner.__annotations__, "__module__": owner.__module__}
        )
        made: Any = dataclasses.dataclass(kw_only=self._kw_only)(alike)
        return made.__dataclass_fields__
