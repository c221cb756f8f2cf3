"""Forms about customers: one short form to add, sections to edit, one line to log, one line to plan."""

from shuke.customers.forms.choices import CHANNELS, EDUCATION, INCOME, label_of
from shuke.customers.forms.records import CustomerForm
from shuke.customers.forms.touches import RESULTS, FinishForm, FollowUpForm, TouchForm, day_choices

__all__ = [
    "CHANNELS",
    "EDUCATION",
    "INCOME",
    "RESULTS",
    "CustomerForm",
    "FinishForm",
    "FollowUpForm",
    "TouchForm",
    "day_choices",
    "label_of",
]
