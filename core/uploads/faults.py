"""Why a file is not taken, in the words the person reads."""

from typing import Final

#: What may be sent; stands at the end of most refusals and beside the input.
WHAT_TO_SEND: Final = "Hãy gửi tệp PDF, ảnh PNG, JPEG, tệp Word .docx hoặc Excel .xlsx."
STAMPED: Final = (
    "Tệp này có dấu mật nên không nhận. Hãy dùng số liệu đã được phép công khai trong nội bộ."
)
TOO_HEAVY: Final = (
    "Tệp này quá nặng khi mở nên không kiểm tra được. Hãy giảm số trang hoặc độ phân giải rồi gửi."
)
UNREADABLE: Final = (
    "Tệp này không mở được nên không nhận. Mở bản gốc trên máy, lưu lại thành tệp mới rồi gửi."
)


class Unfit(Exception):
    """A file is not taken; `str()` is the sentence for the person who sent it."""
