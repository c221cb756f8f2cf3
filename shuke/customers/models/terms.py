"""What customers are found by."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class SearchTerm(models.Model):
    """A term by whose beginning a customer is found (see zh.terms): range queries on `term` answer as you type.

    Ten or so per customer, so rows are narrow: ids in four bytes, no constraints towards other tables; searching joins the
    customer anyway. `store_id` (0: none) repeats the customer's so that a clerk's search stays within reach in one index walk;
    the customer's id comes before it so that the newest of one term come first when walked backwards. The other index holds the
    terms too: whether a hundred candidates also answer to another word is read in a hundred places, not in a thousand.
    """

    pk = models.CompositePrimaryKey("term", "customer_id", "store_id")
    customer_id = models.IntegerField()
    store_id = models.IntegerField()
    term = models.CharField(max_length=40, db_collation="C")

    class Meta:
        db_table = "customers_searchterm"
        indexes: ClassVar = [
            models.Index(fields=["customer_id"], include=["term"], name="customers_terms_of")
        ]


class SearchPending(models.Model):
    """Customers whose search terms are not written yet: bulk work leaves them here, a job takes them away."""

    customer_id = models.IntegerField(primary_key=True)

    class Meta:
        db_table = "customers_searchpending"


class SearchText(models.Model):
    """What the notes and touches of a customer say, as keys (zh.texts), and markers for where to look (services.texts).

    Only customers about whom something is written have a row. An inverted index over small integers stays small: a
    common key costs about one byte per customer.
    """

    customer_id = models.IntegerField(primary_key=True)
    keys = ArrayField(models.IntegerField())

    class Meta:
        db_table = "customers_searchtext"
        indexes: ClassVar = [GinIndex(fields=["keys"], name="customers_text_keys")]
