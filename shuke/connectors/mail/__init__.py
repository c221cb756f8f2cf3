"""E-mail: mailboxes, letters out by SMTP and in by IMAP, on the timeline of the customer. See docs/mail.md."""
