import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("imports", "0001_initial"),
        ("team", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchPending",
            fields=[
                ("customer_id", models.IntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "customers_searchpending",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="标签")),
                ("category", models.CharField(blank=True, max_length=40, verbose_name="分类")),
            ],
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "个人"), ("company", "公司")],
                        default="person",
                        max_length=8,
                        verbose_name="类型",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="姓名")),
                ("name_key", models.CharField(blank=True, db_collation="C", db_default="", max_length=200)),
                ("phone", models.CharField(blank=True, db_default="", max_length=20, verbose_name="手机号")),
                ("email", models.CharField(blank=True, db_default="", max_length=254, verbose_name="邮箱")),
                ("wechat", models.CharField(blank=True, db_default="", max_length=60, verbose_name="微信号")),
                (
                    "member_number",
                    models.CharField(blank=True, db_default="", max_length=40, verbose_name="会员号"),
                ),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[("", "未知"), ("female", "女"), ("male", "男")],
                        db_default="",
                        max_length=8,
                        verbose_name="性别",
                    ),
                ),
                (
                    "birthday_calendar",
                    models.CharField(blank=True, db_default="", max_length=5, verbose_name="历法"),
                ),
                ("birthday_month", models.SmallIntegerField(null=True)),
                ("birthday_day", models.SmallIntegerField(null=True)),
                ("birthday_is_leap", models.BooleanField(db_default=False)),
                ("birth_year", models.SmallIntegerField(null=True)),
                ("province", models.CharField(blank=True, db_default="", max_length=40, verbose_name="省份")),
                ("city", models.CharField(blank=True, db_default="", max_length=40, verbose_name="城市")),
                ("district", models.CharField(blank=True, db_default="", max_length=40, verbose_name="区县")),
                (
                    "address",
                    models.CharField(blank=True, db_default="", max_length=200, verbose_name="详细地址"),
                ),
                (
                    "occupation",
                    models.CharField(blank=True, db_default="", max_length=60, verbose_name="职业"),
                ),
                (
                    "education",
                    models.CharField(blank=True, db_default="", max_length=30, verbose_name="学历"),
                ),
                ("industry", models.CharField(blank=True, db_default="", max_length=60, verbose_name="行业")),
                (
                    "income_band",
                    models.CharField(blank=True, db_default="", max_length=30, verbose_name="收入"),
                ),
                (
                    "preferred_channel",
                    models.CharField(blank=True, db_default="", max_length=20, verbose_name="愿意怎么联系"),
                ),
                ("note", models.TextField(blank=True, db_default="", verbose_name="备注")),
                (
                    "first_channel",
                    models.CharField(blank=True, db_default="", max_length=40, verbose_name="来源"),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account_manager",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="负责人",
                    ),
                ),
                (
                    "import_run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="imports.importrun",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="team.store",
                        verbose_name="所属门店",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=120, verbose_name="做什么")),
                ("due_on", models.DateField(verbose_name="哪天")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待办"), ("done", "已完成"), ("cancelled", "已取消")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("result", models.CharField(blank=True, max_length=200, verbose_name="结果")),
                ("done_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "assignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("namespace", models.CharField(max_length=60)),
                ("value", models.CharField(max_length=254)),
                ("verified_by", models.CharField(blank=True, db_default="", max_length=40)),
                ("last_seen", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identities",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IdentityConflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("origin", models.CharField(max_length=80)),
                ("evidence", models.JSONField(default=dict)),
                ("is_open", models.BooleanField(default=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("", "待核实"), ("different", "不是同一人")],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("shown_from", models.DateField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Interaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("note", "备注"),
                            ("call", "电话"),
                            ("sms", "短信"),
                            ("email", "邮件"),
                            ("wechat", "微信"),
                            ("visit", "拜访"),
                            ("meeting", "见面"),
                            ("gift", "礼物"),
                        ],
                        max_length=10,
                        verbose_name="方式",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[("out", "我方联系"), ("in", "客户联系")],
                        default="out",
                        max_length=3,
                        verbose_name="方向",
                    ),
                ),
                ("body", models.TextField(blank=True, verbose_name="内容")),
                ("result", models.CharField(blank=True, max_length=40, verbose_name="结果")),
                ("happened_at", models.DateTimeField(verbose_name="时间")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "term",
                        "customer_id",
                        "store_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("customer_id", models.IntegerField()),
                ("store_id", models.IntegerField()),
                ("term", models.CharField(db_collation="C", max_length=40)),
            ],
            options={
                "db_table": "customers_searchterm",
                "indexes": [models.Index(fields=["customer_id"], name="customers_terms_of")],
            },
        ),
        migrations.CreateModel(
            name="CustomerTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tag_links",
                        to="customers.customer",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.tag"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("birthday_month__isnull", False)),
                fields=["birthday_month", "birthday_day", "birthday_calendar"],
                name="customers_birthday",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="customers_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["due_on", "assignee"], name="customers_due"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["customer", "-due_on"], name="customers_followup_of"),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(fields=("namespace", "value"), name="customers_identity_once"),
        ),
        migrations.AddIndex(
            model_name="identityconflict",
            index=models.Index(
                condition=models.Q(("is_open", True)), fields=["id"], name="customers_conflict_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="identityconflict",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="customers_conflict_once"),
        ),
        migrations.AddConstraint(
            model_name="identityconflict",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="customers_conflict_older_first"
            ),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(fields=["customer", "-happened_at"], name="customers_touch_recent"),
        ),
        migrations.AddConstraint(
            model_name="customertag",
            constraint=models.UniqueConstraint(fields=("customer", "tag"), name="customers_tag_once"),
        ),
    ]
