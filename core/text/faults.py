"""Why something typed is refused, in the words the person reads."""


class InputFault(ValueError):
    """Something typed cannot be taken; ``message`` tells the person what to type instead."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TextFault(InputFault):
    """A text holds characters that can be neither stored nor printed."""


class NumberFault(InputFault):
    """A figure is not written in the one way that has one meaning."""


class DateFault(InputFault):
    """A date is impossible, out of range or not written day first."""
