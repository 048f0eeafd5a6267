"""What the history says of criteria tables."""

SENTENCES = {
    "scoring.table_chosen": "đã chọn bảng để chấm điểm: {object}",
}
