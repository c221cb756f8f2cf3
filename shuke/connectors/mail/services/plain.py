"""Letters that other rooms write: one line of subject, some text, to the address that the record shows."""

import uuid

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils.translation import gettext as _

from shuke.connectors.mail.queries import accounts_to_send_from
from shuke.connectors.mail.services.writing import Held, NewLetter, write_letter
from shuke.customers.queries.addresses import emails_of
from shuke.team.queries import Actor


def may_mail(actor: Actor) -> bool:
    """Whether this actor has a mailbox to write from."""
    return accounts_to_send_from(actor).exists()


def mail_customer(actor: Actor, customer_id: int, subject: str, text: str) -> str:
    """Put such a letter on its way, by the rules of every letter; returns what went wrong in words, or nothing."""
    account = accounts_to_send_from(actor).first()
    address = next(iter(emails_of(customer_id)), "")
    if account is None or not address:
        return _("没有能用的邮箱，或者客户没有留邮箱。")
    letter = NewLetter(
        operation_id=uuid.uuid4().hex,
        account_id=account.pk,
        customer_id=customer_id,
        to_address=address,
        subject=subject,
        text=text,
    )
    try:
        write_letter(actor=actor, letter=letter)
    except ValidationError as error:
        return " ".join(error.messages)
    except Held as error:
        return str(error)
    except ObjectDoesNotExist:
        return _("没有能用的邮箱，或者客户没有留邮箱。")
    return ""
