"""Model fields that derive themselves from another field of the row."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models

from core.text import search_key, sort_key

if TYPE_CHECKING:
    _TextField = models.CharField[str, str]
else:
    _TextField = models.CharField


class _KeyField(_TextField):
    """A key computed in Python from `source`, so that both databases sort and search alike."""

    compute: Callable[[str], str]

    def __init__(self, source: str = "name", **kwargs: Any) -> None:
        """Derive the key from the field `source` whenever the row is written."""
        self.source = source
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_index", True)
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Describe the field for migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002, FBT001
        """Compute the key from the current value of the source."""
        value = type(self).compute(getattr(model_instance, self.source) or "")[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value


class SearchKeyField(_KeyField):
    """Without diacritics and case: "dong hoi" finds "Đồng Hới"."""

    compute = staticmethod(search_key)

    def __init__(self, source: str = "name", **kwargs: Any) -> None:
        """Make room for a folded name."""
        kwargs.setdefault("max_length", 400)
        super().__init__(source, **kwargs)


class SortKeyField(_KeyField):
    """Vietnamese alphabetical order: a ă â b … đ e ê, tones last."""

    compute = staticmethod(sort_key)

    def __init__(self, source: str = "name", **kwargs: Any) -> None:
        """Make room for the longer sort key."""
        kwargs.setdefault("max_length", 1200)
        super().__init__(source, **kwargs)
