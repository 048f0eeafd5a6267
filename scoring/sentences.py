"""What the history says of criteria tables."""

SENTENCES = {
    "scoring.table_chosen": "đã chọn bảng tiêu chí {object}",
}
