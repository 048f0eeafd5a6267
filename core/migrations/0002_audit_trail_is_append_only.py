"""The trail is written, never changed; its chain starts with one row."""

from typing import ClassVar

from django.db import migrations

from core.guards import Refuse


class Migration(migrations.Migration):
    dependencies: ClassVar = [("core", "0001_initial")]
    operations: ClassVar = [
        Refuse("core_auditevent", "nhật ký chỉ được ghi thêm, không sửa, không xóa"),
    ]
