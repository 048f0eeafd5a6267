"""Evidence of the demonstration: one page drawn like a scan, marked as demonstration.

The file is stored by the same operation as any other, after the same examination.
"""

import io
import textwrap
from datetime import date, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from config.demo.year import Following
from core.text import format_date
from core.uploads import examine
from scoring.operations import evidence

#: The typeface of the printed papers has every Vietnamese letter.
FONT = Path(__file__).resolve().parents[2] / "reports" / "fonts" / "LiberationSerif-Regular.ttf"
#: A4 at 100 dots per inch.
PAGE = (827, 1169)
MARGIN = 90
#: Letters of a line that surely fit between the margins.
LINE = 64
WHITE, BLACK = 255, 0


def put_forward(event: Following, row: dict[str, Any], now: datetime) -> int:
    """Store the file that a row of the data describes for its unit; return its key."""
    unit = event.event.registry.units[row["unit"]]
    dated = date.fromisoformat(row["date"])
    lines = [
        unit.name,
        f"Số: {row['number']}, ngày {format_date(dated)}",
        "",
        row["title"].upper(),
        "",
        "TÀI LIỆU MINH HỌA",
        "Trang này được tạo cùng dữ liệu minh họa để thử việc đính kèm, xem và rút minh chứng.",
        "Không phải văn bản thật; không có số liệu, tên người thật.",
    ]
    stored = evidence.add(
        cluster_year_id=event.year.pk,
        upload=examine(_scan(lines), row["name"]),
        paper_number=row["number"],
        paper_date=dated,
        by=event.officer(row["unit"]),
        now=now,
    )
    return stored.pk


def _scan(lines: list[str]) -> bytes:
    """Draw lines on a page and return it as a PDF of one picture."""
    page = Image.new("L", PAGE, WHITE)
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(FONT), 20)
    # An empty line stays one; a long one goes on below.
    printed = [part for line in lines for part in textwrap.wrap(line, LINE) or [""]]
    for place, line in enumerate(printed):
        draw.text((MARGIN, MARGIN + 34 * place), line, font=font, fill=BLACK)
    data = io.BytesIO()
    page.save(data, "PDF", resolution=100.0)
    return data.getvalue()
