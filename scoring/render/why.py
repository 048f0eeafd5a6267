"""A number of points that opens to the sentence that explains it: one piece of HTML for all pages.

Pure: ready strings in, markup out. It works by mouse, keyboard and screen reader without any script
(a `details` element); with one it stands beside the number, Esc closes it.
"""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Why:
    """Points and everything that explains them."""

    points: str
    #: The sentence of the engine, with the numbers.
    sentence: str
    #: What kind of rule gave them: `So với đơn vị dẫn đầu cụm`.
    rule: str
    #: From which table and run: `Bảng tiêu chí bản 2, phiên chấm 7`.
    source: str
    #: Of what and of whom: `I.3, Công an huyện Lệ Thủy`.
    of: str

    @property
    def small_print(self) -> str:
        """Return rule, table and run in one line."""
        return ". ".join(part for part in (self.rule, self.source) if part) + "."

    @property
    def html(self) -> SafeString:
        """Return the points as something that opens; without a sentence the points alone."""
        if not self.sentence:
            return format_html("{}", self.points)
        return format_html(
            '<details class="gu-why" name="why"><summary>{}'
            '<span class="visually-hidden"> điểm, vì sao, {}</span></summary>'
            '<div class="gu-why-card"><p class="gu-why-of">{}</p><p>{}</p>'
            '<p class="gu-small gu-quiet">{}</p></div></details>',
            self.points, self.of, self.of, self.sentence, self.small_print,
        )  # fmt: skip


def source_in_words(table_version: int, run_number: int | None = None) -> str:
    """Say from which table and run points come; without a run they are tried on what stands now."""
    if run_number is None:
        return f"Tính thử trên số liệu hiện tại, bảng tiêu chí bản {table_version}"
    return f"Phiên chấm {run_number}, bảng tiêu chí bản {table_version}"
