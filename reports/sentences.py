"""What the history says of documents, printing and files."""

SENTENCES = {
    "reports.book_ordered": "đã yêu cầu in {object}",
    "reports.set_ordered": "đã yêu cầu đóng {object}",
    "reports.job_retried": "đã cho làm lại việc in {object}",
    "reports.reminded": "đã nhắc {members}: {what}, hạn {due_on}",
    "reports.job_cancelled": "đã hủy việc in {object}",
}
