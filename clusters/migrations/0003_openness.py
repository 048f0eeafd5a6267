"""How far members read each other's points is a rule of each cluster year."""

from typing import ClassVar

from django.db import migrations, models

from core.guards import Lift


class Migration(migrations.Migration):
    dependencies: ClassVar = [("clusters", "0002_reporting_periods")]
    operations: ClassVar = [
        Lift(
            [
                migrations.AddField(
                    model_name="clusteryear",
                    name="openness",
                    field=models.CharField(
                        choices=[
                            ("OWN", "Chỉ điểm của đơn vị mình"),
                            ("FINAL", "Điểm của mọi đơn vị, sau khi công bố chính thức"),
                            ("ALL", "Điểm của mọi đơn vị, kể cả khi tạm tính"),
                        ],
                        default="FINAL",
                        max_length=5,
                        verbose_name="công khai điểm từng tiêu chí",
                    ),
                )
            ]
        )
    ]
