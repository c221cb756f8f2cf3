"""The ready roles: what each may do, whose records it sees, and which fields it reads masked."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Whose records an actor sees."""

    NOTHING = "nothing"
    OWN = "own"
    STORE = "store"
    ALL = "all"


class Contact(StrEnum):
    """How an actor reads phones, e-mails and the like."""

    MASKED = "masked"
    READ = "read"


@dataclass(frozen=True)
class Role:
    """A named set of permissions × data scope × field rights."""

    code: str
    permissions: frozenset[str]
    scope: Scope
    contact: Contact


PERMISSIONS = frozenset(
    {
        "customers.view",
        "customers.add",
        "customers.edit",
        "customers.reveal",  # see an unmasked phone or e-mail
        "customers.files",  # save a customer's files
        "customers.tags",  # curate the shop's tags
        "customers.fields",  # define the shop's own fields
        "customers.follow_up",
        "customers.merge",  # two records become one, and are parted again
        "customers.plan",  # plans of follow-ups, and contacting somebody beyond the limit
        "customers.delete",  # into the recycle bin, and out of it again
        "customers.undo",  # take back what somebody else did to many
        "customers.export",
        "customers.allow_export",  # let others take out more than the shop's limit
        "customers.purge",  # empty the recycle bin for good
        "orders.view",
        "orders.record",
        "imports.run",
        "imports.undo",
        "value.view",
        "value.configure",
        "value.refresh",
        "value.costs",  # what products cost, and what is left of the money
        "desk.today",
        "segments.view",
        "segments.edit",  # make, change and delete the shop's segments
        "desk.share_views",  # let everybody open one's saved list
        "mail.view",  # letters of the shop's mailboxes with customers one sees
        "mail.send",
        "mail.own",  # have a mailbox of one's own
        "mail.inbox",  # the shop's letters of nobody known
        "mail.read_personal",  # letters with customers one sees in colleagues' own mailboxes
        "mail.configure",  # the shop's mailboxes
        "assignment.hand_over",  # give customers to others, see everybody's load
        "assignment.claim",  # take customers out of the pool
        "assignment.configure",  # the rules of the pool and of fair assignment
        "team.view",
        "team.manage",
        "shop.configure",
        "demo.clear",
    }
)

_CLERK = frozenset(
    {
        "customers.view",
        "customers.add",
        "customers.edit",
        "customers.reveal",
        "customers.follow_up",
        "customers.files",
        "customers.export",
        "orders.view",
        "orders.record",
        "value.view",
        "segments.view",
        "desk.today",
        "mail.view",
        "mail.send",
        "mail.own",
        "assignment.claim",
    }
)
_MANAGER = _CLERK | {
    "customers.tags",
    "customers.fields",
    "customers.merge",
    "customers.plan",
    "customers.delete",
    "customers.undo",
    "customers.allow_export",
    "imports.run",
    "imports.undo",
    "value.refresh",
    "value.costs",
    "mail.inbox",
    "mail.read_personal",
    "team.view",
    "desk.share_views",
    "segments.edit",
    "assignment.hand_over",
}
_ANALYST = frozenset(
    {
        "customers.view",
        "customers.export",
        "orders.view",
        "value.view",
        "value.costs",
        "segments.view",
        "segments.edit",
        "desk.share_views",
    }
)

# What a customer shared with somebody beyond their reach lets them do (their role must hold it as well).
SHARED_TO_READ = frozenset({"customers.view", "customers.files", "orders.view", "value.view", "mail.view"})
SHARED_TO_WRITE = SHARED_TO_READ | {"customers.follow_up", "customers.reveal", "mail.send"}

OWNER = Role("owner", PERMISSIONS, Scope.ALL, Contact.READ)
MANAGER = Role("manager", _MANAGER, Scope.STORE, Contact.READ)
CLERK = Role("clerk", _CLERK, Scope.STORE, Contact.MASKED)
ANALYST = Role("analyst", _ANALYST, Scope.ALL, Contact.MASKED)
NO_ROLE = Role("", frozenset(), Scope.NOTHING, Contact.MASKED)

READY_ROLES = {role.code: role for role in (OWNER, MANAGER, CLERK, ANALYST)}


def role_named(code: str) -> Role:
    """The ready role of that code; an unknown code may nothing and sees nothing."""
    return READY_ROLES.get(code, NO_ROLE)


def may(role: Role, permission: str) -> bool:
    """Whether the role holds the permission; an unknown permission is held by nobody."""
    return permission in PERMISSIONS and permission in role.permissions
