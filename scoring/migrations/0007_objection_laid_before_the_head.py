"""An officer lays an objection before the head of the unit, who sends it."""

from typing import ClassVar

from django.db import migrations, models

from core.guards import Lift


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scoring", "0006_votes_and_objections_never_change")]
    operations: ClassVar = [
        # A column of a guarded table: see core.guards.Lift.
        Lift([
            migrations.AddField(
                model_name="objection",
                name="ready_at",
                field=models.DateTimeField(blank=True, null=True, verbose_name="trình lãnh đạo lúc"),
            ),
        ]),
    ]
