"""Fixtures of this folder."""

from core.tests.sharing import kept

__all__ = ["kept"]
