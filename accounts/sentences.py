"""What the history says of changes to the people who log in."""

SENTENCES = {
    "accounts.person_added": "đã thêm người dùng {object}",
    "accounts.person_saved": "đã sửa thông tin của {object}",
    "accounts.person_deactivated": "đã ngừng tài khoản của {object}",
    "accounts.person_activated": "đã mở lại tài khoản của {object}",
    "accounts.password_reset": "đã cấp lại mật khẩu cho {object}",
    "accounts.password_changed": "đã tự đổi mật khẩu",
}
