"""Jobs of mail: ids in, safe to run twice."""

from shuke.connectors.mail import services
from shuke.kernel.jobs import enqueue_once, nightly, task


@task(name="connectors.send_letter")
def send_letter(letter_id: int) -> None:
    """Send one letter; a letter that cannot go now puts itself on the queue again."""
    services.send_letter(letter_id=letter_id)


@task(name="connectors.poll_account")
def poll_account(account_id: int) -> None:
    """Read one mailbox; with more waiting, once more."""
    if services.poll_account(account_id=account_id):
        enqueue_once(poll_account, lock=f"connectors.poll:{account_id}", account_id=account_id)


@nightly(cron="* * * * *", name="connectors.poll_mail")
def poll_mail(timestamp: int) -> None:
    """Every minute: each mailbox whose turn it is, and letters that got stuck."""
    services.forget_stuck()
    for account_id in services.accounts_to_poll():
        enqueue_once(poll_account, lock=f"connectors.poll:{account_id}", account_id=account_id)
