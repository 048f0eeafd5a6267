"""Who is told what happens to a pledge; progress and reviews in modules of their own."""

from pledges.effects.pledge import (
    answered,
    circulated,
    consented,
    declined,
    frozen,
    refused,
    revised,
    sealed,
    signed,
    signing_opened,
)

__all__ = (
    "answered",
    "circulated",
    "consented",
    "declined",
    "frozen",
    "refused",
    "revised",
    "sealed",
    "signed",
    "signing_opened",
)
