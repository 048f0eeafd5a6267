"""Who acts: a person under one appointment, as plain data."""

from dataclasses import dataclass
from typing import Literal

RoleName = Literal["OFFICER", "HEAD", "ORGANISER", "ADMINISTRATOR", ""]


@dataclass(frozen=True, slots=True)
class Acting:
    """A person and the appointment chosen to act under (product.md §2).

    Everything a rule asks of a person is here, so that a rule never reads the user row. With no
    current appointment the role is empty and nothing is visible.
    """

    user_id: int
    name: str
    role: RoleName = ""
    role_label: str = ""
    unit_id: int | None = None
    unit_name: str = ""
    unit_short_name: str = ""
    position: str = ""
    appointment_id: int | None = None
    rank: str = ""
    full_name: str = ""

    @property
    def is_officer(self) -> bool:
        """Whether this is the officer of a unit."""
        return self.role == "OFFICER"

    @property
    def is_head(self) -> bool:
        """Whether this is the head of a unit."""
        return self.role == "HEAD"

    @property
    def is_organiser(self) -> bool:
        """Whether this acts for the body that organises clusters."""
        return self.role == "ORGANISER"

    @property
    def is_administrator(self) -> bool:
        """Whether this runs the installation."""
        return self.role == "ADMINISTRATOR"

    @property
    def unit_key(self) -> int:
        """Key of the unit acted for, where a policy has made sure that there is one."""
        if self.unit_id is None:
            message = f"{self.name} acts for no unit."
            raise RuntimeError(message)
        return self.unit_id

    @property
    def label(self) -> str:
        """Return role and unit as the mast shows them."""
        return " · ".join(part for part in (self.role_label, self.unit_short_name) if part)

    # What `core.audit` asks of an actor.
    @property
    def actor_id(self) -> int:
        """Key of the user."""
        return self.user_id

    @property
    def actor_name(self) -> str:
        """Rank and name as printed."""
        return self.name

    @property
    def acting_role(self) -> str:
        """What the person acts as."""
        return self.role_label

    @property
    def acting_unit(self) -> str:
        """For which unit."""
        return self.unit_name
