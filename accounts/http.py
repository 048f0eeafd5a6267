"""Types of requests."""

from django.http import HttpRequest

from accounts.models import User


class AuthedRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User
