"""Forms about customers: one short form to add, sections to edit, one line to log, one line to plan."""

from shuke.customers.forms.records import CustomerForm
from shuke.customers.forms.touches import (
    RESULTS,
    FinishForm,
    FollowUpForm,
    PostponeForm,
    TouchForm,
)
from shuke.customers.queries.choices import CHANNELS, EDUCATION, HOURS, INCOME, label_of

__all__ = [
    "CHANNELS",
    "EDUCATION",
    "HOURS",
    "INCOME",
    "RESULTS",
    "CustomerForm",
    "FinishForm",
    "FollowUpForm",
    "PostponeForm",
    "TouchForm",
    "label_of",
]
