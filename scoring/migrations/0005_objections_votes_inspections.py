"""Objections, votes, inspections and versions of criteria tables.

New tables are made with their keys and constraints at once: on SQLite every one added later would
build the table anew.
"""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.guards import Lift


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("clusters", "0003_openness"),
        ("scoring", "0004_what_was_decided_never_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name='AwardQuota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='danh hiệu, hình thức khen thưởng')),
                ('order', models.PositiveSmallIntegerField(default=1, verbose_name='thứ tự')),
                ('max_count', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='số lượng tối đa')),
                ('max_percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='tỷ lệ tối đa (%)')),
                ('percent_of', models.CharField(choices=[('MEMBERS', 'số đơn vị thành viên'), ('LEADERS', 'số đơn vị dẫn đầu các cụm, khối')], default='MEMBERS', max_length=8, verbose_name='tỷ lệ tính trên')),
                ('leaders_only', models.BooleanField(default=False, verbose_name='chỉ đơn vị dẫn đầu')),
                ('revision', models.PositiveIntegerField(default=1, verbose_name='lần lưu')),
                ('cluster', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='quotas', to='clusters.cluster', verbose_name='cụm, khối')),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotas', to='clusters.cycle', verbose_name='kỳ')),
            ],
            options={
                'verbose_name': 'chỉ tiêu danh hiệu',
                'constraints': [models.UniqueConstraint(condition=models.Q(('cluster__isnull', False)), fields=('cycle', 'cluster', 'title'), name='quota_once_per_cluster_and_title'), models.UniqueConstraint(condition=models.Q(('cluster__isnull', True)), fields=('cycle', 'title'), name='quota_once_per_cycle_and_title'), models.CheckConstraint(condition=models.Q(models.Q(('max_count__isnull', True), ('max_percent__isnull', False)), models.Q(('max_count__isnull', False), ('max_percent__isnull', True)), _connector='OR'), name='quota_is_a_number_or_a_percent'), models.CheckConstraint(condition=models.Q(('max_percent__isnull', True), models.Q(('max_percent__gt', 0), ('max_percent__lte', 100)), _connector='OR'), name='quota_percent_is_a_percent'), models.CheckConstraint(condition=models.Q(('max_count__isnull', True), ('max_count__gt', 0), _connector='OR'), name='quota_count_is_positive')],
            },
        ),
        migrations.CreateModel(
            name='Ballot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='số')),
                ('subject', models.CharField(choices=[('TITLE', 'Suy tôn danh hiệu, hình thức khen thưởng'), ('LEAD', 'Bầu đơn vị trưởng năm sau'), ('DEPUTY', 'Bầu đơn vị phó năm sau'), ('TIE', 'Phân định các đơn vị đồng hạng')], max_length=8, verbose_name='bỏ phiếu để')),
                ('title', models.CharField(max_length=200, verbose_name='nội dung bỏ phiếu')),
                ('rank', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hạng')),
                ('status', models.CharField(choices=[('PREPARING', 'Đang chuẩn bị'), ('OPEN', 'Đang bỏ phiếu'), ('COUNTED', 'Đã kiểm phiếu'), ('CANCELLED', 'Đã hủy')], default='PREPARING', max_length=10, verbose_name='trạng thái')),
                ('revision', models.PositiveIntegerField(default=1, verbose_name='lần lưu')),
                ('is_secret', models.BooleanField(default=True, verbose_name='bỏ phiếu kín')),
                ('on_paper', models.BooleanField(default=False, verbose_name='bỏ phiếu giấy')),
                ('seats', models.PositiveSmallIntegerField(default=1, verbose_name='số lượng được chọn')),
                ('quorum_parts', models.PositiveSmallIntegerField(default=2, verbose_name='đủ số: tử số')),
                ('quorum_whole', models.PositiveSmallIntegerField(default=3, verbose_name='đủ số: mẫu số')),
                ('threshold_parts', models.PositiveSmallIntegerField(default=1, verbose_name='trúng: tử số')),
                ('threshold_whole', models.PositiveSmallIntegerField(default=2, verbose_name='trúng: mẫu số')),
                ('threshold_is_strict', models.BooleanField(default=True, verbose_name='phải quá tỷ lệ')),
                ('threshold_of', models.CharField(choices=[('PRESENT', 'số đơn vị có mặt'), ('ALL', 'tổng số đơn vị thành viên')], default='PRESENT', max_length=8, verbose_name='tỷ lệ tính trên')),
                ('excludes_unconsidered', models.BooleanField(default=True, verbose_name='không bầu đơn vị không được xét')),
                ('excluded', models.JSONField(default=list, verbose_name='không đủ điều kiện')),
                ('tellers', models.CharField(blank=True, max_length=300, verbose_name='ban kiểm phiếu')),
                ('created_at', models.DateTimeField(verbose_name='lập lúc')),
                ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='mở lúc')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='kết thúc lúc')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='lý do hủy')),
                ('blank', models.PositiveSmallIntegerField(default=0, verbose_name='phiếu trắng, không hợp lệ')),
                ('cast', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='số phiếu thu về')),
                ('is_quorate', models.BooleanField(blank=True, null=True, verbose_name='đủ số đơn vị')),
                ('cluster_year', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='clusters.clusteryear', verbose_name='năm thi đua')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('minutes', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='scoring.evidence', verbose_name='biên bản kiểm phiếu')),
                ('quota', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='scoring.awardquota', verbose_name='danh hiệu')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='scoring.scoringrun', verbose_name='phiên chấm')),
            ],
            options={
                'verbose_name': 'cuộc bỏ phiếu',
                'constraints': [models.UniqueConstraint(fields=('cluster_year', 'number'), name='ballot_number_once'), models.CheckConstraint(condition=models.Q(('quorum_parts__gte', 1), ('quorum_parts__lte', models.F('quorum_whole')), ('threshold_parts__gte', 1), ('threshold_parts__lte', models.F('threshold_whole'))), name='ballot_fractions_are_fractions'), models.CheckConstraint(condition=models.Q(('seats__gte', 1)), name='ballot_chooses_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('quota__isnull', False), ('subject', 'TITLE')), models.Q(models.Q(('subject', 'TITLE'), _negated=True), ('quota__isnull', True)), _connector='OR'), name='ballot_on_a_title_names_its_quota'), models.CheckConstraint(condition=models.Q(models.Q(('rank__isnull', False), ('subject', 'TIE')), models.Q(models.Q(('subject', 'TIE'), _negated=True), ('rank__isnull', True)), _connector='OR'), name='ballot_on_a_tie_names_the_rank'), models.CheckConstraint(condition=models.Q(models.Q(('cast__isnull', False), ('is_quorate__isnull', False), ('status', 'COUNTED')), models.Q(models.Q(('status', 'COUNTED'), _negated=True), ('cast__isnull', True), ('is_quorate__isnull', True)), _connector='OR'), name='ballot_counted_iff_result'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'CANCELLED'), models.Q(('cancel_reason', ''), _negated=True)), models.Q(models.Q(('status', 'CANCELLED'), _negated=True), ('cancel_reason', '')), _connector='OR'), name='ballot_cancelled_iff_reason'), models.CheckConstraint(condition=models.Q(models.Q(('on_paper', True), ('status', 'COUNTED'), _negated=True), ('minutes__isnull', False), _connector='OR'), name='paper_ballot_has_minutes')],
            },
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(verbose_name='thứ tự')),
                ('unit_name', models.CharField(max_length=255, verbose_name='tên đơn vị')),
                ('rank', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hạng')),
                ('points', models.CharField(blank=True, max_length=20, verbose_name='điểm')),
                ('votes', models.PositiveSmallIntegerField(default=0, verbose_name='số phiếu')),
                ('is_chosen', models.BooleanField(blank=True, null=True, verbose_name='trúng')),
                ('ballot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='scoring.ballot')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clusters.unit', verbose_name='đơn vị')),
            ],
            options={
                'verbose_name': 'đơn vị được đưa ra bỏ phiếu',
                'constraints': [models.UniqueConstraint(fields=('ballot', 'unit'), name='candidate_once_per_ballot'), models.UniqueConstraint(fields=('ballot', 'order'), name='candidate_order_once')],
            },
        ),
        migrations.CreateModel(
            name='Voter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit_name', models.CharField(max_length=255, verbose_name='tên đơn vị')),
                ('is_present', models.BooleanField(default=False, verbose_name='có mặt')),
                ('has_voted', models.BooleanField(default=False, verbose_name='đã bỏ phiếu')),
                ('ballot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voters', to='scoring.ballot')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clusters.unit', verbose_name='đơn vị')),
            ],
            options={
                'verbose_name': 'đơn vị tham gia bỏ phiếu',
                'constraints': [models.UniqueConstraint(fields=('ballot', 'unit'), name='one_vote_per_unit'), models.CheckConstraint(condition=models.Q(('has_voted', False), ('is_present', True), _connector='OR'), name='who_votes_is_present')],
            },
        ),
        migrations.CreateModel(
            name='OpenVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='scoring.candidate')),
                ('voter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='scoring.voter')),
            ],
            options={
                'verbose_name': 'phiếu công khai',
                'constraints': [models.UniqueConstraint(fields=('voter', 'candidate'), name='one_mark_per_candidate')],
            },
        ),
        migrations.CreateModel(
            name='Nomination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit_name', models.CharField(max_length=255, verbose_name='tên đơn vị')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='thành tích, căn cứ')),
                ('nominated_at', models.DateTimeField(verbose_name='đề nghị lúc')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='rút lúc')),
                ('withdraw_reason', models.CharField(blank=True, max_length=300, verbose_name='lý do rút')),
                ('ballot', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to='scoring.ballot', verbose_name='cuộc bỏ phiếu')),
                ('cluster_year', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to='clusters.clusteryear', verbose_name='năm thi đua')),
                ('nominated_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('quota', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to='scoring.awardquota', verbose_name='danh hiệu')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clusters.unit', verbose_name='đơn vị')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'đề nghị khen thưởng',
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('cluster_year', 'quota', 'unit'), name='nominated_once_for_a_title'), models.CheckConstraint(condition=models.Q(models.Q(('withdraw_reason', ''), ('withdrawn_at__isnull', True)), models.Q(('withdrawn_at__isnull', False), models.Q(('withdraw_reason', ''), _negated=True)), _connector='OR'), name='nomination_withdrawn_iff_reason')],
            },
        ),
        migrations.CreateModel(
            name='Draw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='lần bốc thăm')),
                ('seed', models.CharField(max_length=120, verbose_name='mã bốc thăm')),
                ('units', models.JSONField(verbose_name='đơn vị tham gia')),
                ('team_size', models.PositiveSmallIntegerField(default=1, verbose_name='số đơn vị mỗi tổ')),
                ('method', models.CharField(max_length=12, verbose_name='cách tính')),
                ('due_on', models.DateField(verbose_name='hạn gửi biên bản')),
                ('drawn_at', models.DateTimeField(verbose_name='bốc thăm lúc')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='hủy lúc')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='lý do hủy')),
                ('cancelled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cluster_year', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='draws', to='clusters.clusteryear', verbose_name='năm thi đua')),
                ('drawn_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'lần bốc thăm kiểm tra chéo',
                'constraints': [models.UniqueConstraint(fields=('cluster_year', 'number'), name='draw_number_once'), models.UniqueConstraint(condition=models.Q(('cancelled_at__isnull', True)), fields=('cluster_year',), name='one_standing_draw_per_year'), models.CheckConstraint(condition=models.Q(('seed', ''), _negated=True), name='draw_has_a_seed'), models.CheckConstraint(condition=models.Q(('team_size__gte', 1)), name='team_has_a_unit'), models.CheckConstraint(condition=models.Q(models.Q(('cancel_reason', ''), ('cancelled_at__isnull', True)), models.Q(('cancelled_at__isnull', False), models.Q(('cancel_reason', ''), _negated=True)), _connector='OR'), name='draw_cancelled_iff_reason')],
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('OPEN', 'Đang kiểm tra'), ('SUBMITTED', 'Chờ đơn vị trả lời'), ('ANSWERED', 'Đã trả lời')], default='OPEN', max_length=10, verbose_name='trạng thái')),
                ('revision', models.PositiveIntegerField(default=1, verbose_name='lần lưu')),
                ('inspected_on', models.DateField(blank=True, null=True, verbose_name='ngày kiểm tra')),
                ('summary', models.TextField(blank=True, verbose_name='nhận xét chung')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='gửi lúc')),
                ('answer', models.TextField(blank=True, verbose_name='ý kiến của đơn vị')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='trả lời lúc')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='scoring.draw', verbose_name='lần bốc thăm')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clusters.unit', verbose_name='đơn vị được kiểm tra')),
            ],
            options={
                'verbose_name': 'kiểm tra chéo',
                'constraints': [models.UniqueConstraint(fields=('draw', 'unit'), name='one_inspection_per_unit'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'OPEN'), ('submitted_at__isnull', True)), models.Q(models.Q(('status', 'OPEN'), _negated=True), ('inspected_on__isnull', False), ('submitted_at__isnull', False)), _connector='OR'), name='inspection_submitted_has_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('status', 'ANSWERED')), models.Q(models.Q(('status', 'ANSWERED'), _negated=True), ('answered_at__isnull', True)), _connector='OR'), name='inspection_answered_has_a_time')],
            },
        ),
        migrations.CreateModel(
            name='TeamPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(verbose_name='thứ tự')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='scoring.inspection')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clusters.unit', verbose_name='đơn vị')),
            ],
            options={
                'verbose_name': 'thành viên tổ kiểm tra',
                'constraints': [models.UniqueConstraint(fields=('inspection', 'unit'), name='unit_once_per_team'), models.UniqueConstraint(fields=('inspection', 'order'), name='team_order_once')],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='kết quả kiểm tra')),
                ('answer', models.CharField(blank=True, choices=[('AGREED', 'Thống nhất'), ('DISAGREED', 'Không thống nhất')], max_length=10, verbose_name='ý kiến')),
                ('answer_text', models.TextField(blank=True, verbose_name='lý do không thống nhất')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='scoring.criterion', verbose_name='tiêu chí')),
                ('inspection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='scoring.inspection')),
            ],
            options={
                'verbose_name': 'kết quả kiểm tra',
                'constraints': [models.UniqueConstraint(fields=('inspection', 'criterion'), name='one_finding_per_criterion'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='finding_says_something'), models.CheckConstraint(condition=models.Q(models.Q(('answer', 'DISAGREED'), _negated=True), models.Q(('answer_text', ''), _negated=True), _connector='OR'), name='disagreement_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(default=0, verbose_name='số')),
                ('status', models.CharField(choices=[('DRAFT', 'Đang soạn'), ('SENT', 'Chờ quyết định'), ('ACCEPTED', 'Chấp nhận'), ('REJECTED', 'Không chấp nhận'), ('WITHDRAWN', 'Đã rút')], default='DRAFT', max_length=10, verbose_name='trạng thái')),
                ('revision', models.PositiveIntegerField(default=1, verbose_name='lần lưu')),
                ('text', models.TextField(verbose_name='nội dung kiến nghị')),
                ('asked', models.JSONField(blank=True, null=True, verbose_name='đề nghị')),
                ('created_at', models.DateTimeField(verbose_name='soạn lúc')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='gửi lúc')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='kết thúc lúc')),
                ('decision', models.TextField(blank=True, verbose_name='quyết định, lý do')),
                ('figure_before', models.JSONField(blank=True, null=True, verbose_name='số trước quyết định')),
                ('figure_after', models.JSONField(blank=True, null=True, verbose_name='số theo quyết định')),
                ('cluster_year', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='clusters.clusteryear', verbose_name='năm thi đua')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('evidence', models.ManyToManyField(blank=True, related_name='objections', to='scoring.evidence')),
                ('line', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='scoring.scoreline', verbose_name='tiêu chí')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='scoring.publication', verbose_name='lần công bố')),
                ('sent_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clusters.unit', verbose_name='đơn vị')),
                ('ready_at', models.DateTimeField(blank=True, null=True, verbose_name='trình lãnh đạo lúc')),
            ],
            options={
                'verbose_name': 'kiến nghị',
                'constraints': [models.UniqueConstraint(condition=models.Q(('line__isnull', False), ('status__in', ['DRAFT', 'SENT'])), fields=('publication', 'line'), name='one_open_objection_per_line'), models.UniqueConstraint(condition=models.Q(('line__isnull', True), ('status__in', ['DRAFT', 'SENT'])), fields=('publication', 'unit'), name='one_open_objection_to_the_result'), models.UniqueConstraint(condition=models.Q(('number__gt', 0)), fields=('cluster_year', 'number'), name='objection_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('number', 0), ('sent_at__isnull', True), ('status', 'DRAFT')), models.Q(models.Q(('status', 'DRAFT'), _negated=True), ('number__gt', 0), ('sent_at__isnull', False)), _connector='OR'), name='objection_sent_iff_numbered'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('status__in', ['DRAFT', 'SENT'])), models.Q(models.Q(('status__in', ['DRAFT', 'SENT']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='objection_ended_has_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['ACCEPTED', 'REJECTED']), _negated=True), models.Q(('decision', ''), _negated=True), _connector='OR'), name='objection_decided_has_a_reason')],
            },
        ),
        # Columns of a guarded table: see core.guards.Lift.
        Lift([
        migrations.RemoveConstraint(
            model_name='criteriatable',
            name='one_standing_table_per_cluster_year',
        ),
        migrations.AddField(
            model_name='criteriatable',
            name='decision',
            field=models.CharField(blank=True, max_length=300, verbose_name='quyết định áp dụng'),
        ),
        migrations.AddField(
            model_name='criteriatable',
            name='is_coded',
            field=models.BooleanField(default=False, verbose_name='chỉ ghi mã số'),
        ),
        migrations.AddField(
            model_name='criteriatable',
            name='reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='lý do sửa đổi'),
        ),
        migrations.AddField(
            model_name='criteriatable',
            name='revision',
            field=models.PositiveIntegerField(default=1, verbose_name='lần lưu'),
        ),
        migrations.AddConstraint(
            model_name='criteriatable',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'REPLACED'), _negated=True), fields=('cluster_year', 'status'), name='one_draft_and_one_table_in_use'),
        ),
        ]),
    ]
