"""Decisions about mail, case by case. What people send is hostile, odd, or both."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from shuke.connectors.mail import rules
from shuke.connectors.mail.rules import Near, Trouble, read_letter
from shuke.connectors.mail.rules.letters import Bounce
from shuke.connectors.mail.rules.sending import File
from shuke.connectors.mail.rules.text import decoded, header_text

SENT_AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("=?GB2312?B?1tDOxA==?=", "中文"),
        ("=?gb18030?B?1tDOxA==?= tea", "中文 tea"),
        ("=?utf-8?B?5Lit?= =?utf-8?B?5paH?=", "中文"),
        ("=?utf-8?B?5Lg=?= =?utf-8?B?rQ==?=", "中"),
        ("=?no-such-charset?B?5Lit?=", "中"),
        ("中文".encode("gbk").decode("ascii", "surrogateescape"), "中文"),
        ("中文".encode().decode("ascii", "surrogateescape"), "中文"),
        ("a\r\nBcc: x@example.com", "a Bcc: x@example.com"),
        ("gnp.\u202etxt", "gnp.txt"),
        (None, ""),
    ],
)
def test_headers_are_read_in_any_charset_as_one_clean_line(header: str | None, words: str) -> None:
    assert header_text(header) == words


def test_text_is_read_by_its_charset_else_as_utf_8_else_as_gb18030() -> None:
    assert decoded("茶".encode("gb18030"), "gb2312") == "茶"
    assert decoded("茶".encode(), "us-ascii") == "茶"
    assert decoded("茶叶".encode("gbk"), None) == "茶叶"
    assert decoded("茶".encode(), "nonsense") == "茶"
    assert decoded(b"\xff\xfe\xff", "utf-8") != ""


def test_html_becomes_the_words_a_reader_sees() -> None:
    html = (
        "<html><head><title>x</title><style>p{color:red}</style></head><body><p>你好<br>王姐 &lt;b&gt;</p>"
        "<script>alert(1)</script><img src=x onerror=alert(1)><table><tr><td>白茶</td><td>2 盒</td></tr></table></body>"
    )
    assert rules.plain_text_of(html) == "你好\n王姐 <b>\n\n白茶 2 盒"


@pytest.mark.parametrize(
    "quotation",
    [
        "在 2026年11月2日 10:00，林店长 写道：\n> 您好",
        "On Mon, Nov 2, 2026 at 10:00 AM Lin <lin@example.com> wrote:\n> hello",
        "------------------ 原始邮件 ------------------\n发件人: 林",
        "发件人：林店长\n发送时间：昨天",
        "> 您好",
    ],
)
def test_what_was_added_ends_where_the_quotation_begins(quotation: str) -> None:
    assert rules.new_words(f"好的，谢谢。\n\n{quotation}") == "好的，谢谢。"
    assert rules.new_words(quotation) == quotation


def test_an_excerpt_leaves_signature_and_empty_lines_out() -> None:
    assert rules.excerpt("您好\n\n茶到了\n\n-- \n栖谷茶礼\n> 旧") == "您好\n茶到了"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\报价.pdf", "报价.pdf"),
        (".htaccess", "htaccess"),
        ('a"b<c>.html', "a_b_c_.html"),
        ("\u202egnp.exe", "gnp.exe"),
        ("", "附件"),
        ("...", "附件"),
        ("茶" * 300 + ".pdf", "茶" * 137 + ".pdf"),
    ],
)
def test_file_names_lose_folders_tricks_and_length(name: str, safe: str) -> None:
    assert rules.safe_file_name(name) == safe


@pytest.mark.parametrize(
    ("address", "by_default", "with_all"),
    [
        ("8.8.8.8", True, True),
        ("2001:4860:4860::8888", True, True),
        ("10.0.0.1", False, True),
        ("192.168.1.1", False, True),
        ("fd00::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("100.64.0.1", False, False),
        ("64:ff9b::a00:1", False, False),
        ("2002:a00:1::1", False, False),
    ],
)
def test_hosts_near_by_are_reached_only_if_the_house_allows_it(
    address: str, by_default: bool, with_all: bool
) -> None:
    assert rules.may_connect(address, Near()) is by_default
    assert rules.may_connect(address, Near(allows_private=True, allows_loopback=True)) is with_all


def test_private_and_loopback_are_allowed_apart() -> None:
    assert rules.may_connect("10.0.0.1", Near(allows_loopback=True)) is False
    assert rules.may_connect("127.0.0.1", Near(allows_private=True)) is False


def draft(**changes: object) -> rules.Draft:
    given: dict[str, object] = {
        "message_id": "<a@example.com>",
        "from_address": "hello@example.com",
        "from_name": "栖谷茶礼",
        "to_address": "chen@example.com",
        "subject": "白茶",
        "text": "您好",
        "sent_at": SENT_AT,
    }
    return rules.Draft(**(given | changes))  # type: ignore[arg-type]


def test_no_line_of_a_writer_becomes_a_header() -> None:
    made = rules.compose(
        draft(
            subject="茶\r\nBcc: all@example.com",
            from_name="店\nReply-To: x@example.com",
            text="\r\n.\r\nMAIL FROM",
        )
    )
    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert read["Reply-To"] is None
    assert read["Subject"] == "茶 Bcc: all@example.com"


def test_what_is_composed_is_read_back_the_same() -> None:
    file = File("茶 单.pdf", "application/pdf", b"%PDF")
    made = rules.compose(draft(references=("<r@example.com>",), files=(file,)))
    read = read_letter(made.as_bytes())
    assert (read.message_id, read.references, read.subject) == (
        "<a@example.com>",
        ("<r@example.com>",),
        "白茶",
    )
    assert (read.from_address, read.from_name) == ("hello@example.com", "栖谷茶礼")
    assert (read.to_addresses, read.text, read.sent_at) == (("chen@example.com",), "您好", SENT_AT)
    assert [(one.name, one.content) for one in read.attachments] == [("茶 单.pdf", b"%PDF")]


def test_a_file_never_goes_as_a_letter_within_the_letter() -> None:
    made = rules.compose(
        draft(files=(File("a.eml", "message/rfc822", b"x"), File("b", "text/html; x=\r\ny", b"x")))
    )
    kinds = [part.get_content_type() for part in made.iter_attachments()]
    assert kinds == ["application/octet-stream", "text/html"]


def test_a_name_cannot_pose_as_an_address() -> None:
    raw = b'From: "boss@example.com" <thief@example.net>\r\nSubject: x\r\n\r\nx'
    letter = read_letter(raw)
    assert (letter.from_address, letter.from_name) == ("thief@example.net", "boss@example.com")


def test_the_plain_form_is_taken_where_it_says_something_and_html_where_not() -> None:
    message = EmailMessage()
    message.set_content("纯文字")
    message.add_alternative("<p>网页</p>", subtype="html")
    assert read_letter(message.as_bytes()).text == "纯文字"
    empty = EmailMessage()
    empty.set_content("\n")
    empty.add_alternative("<p>网页</p>", subtype="html")
    assert read_letter(empty.as_bytes()).text == "网页"


def test_bodies_in_gbk_and_letters_without_anything_are_read() -> None:
    raw = b"From: a@example.com\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n" + "明天到店".encode(
        "gbk"
    )
    assert read_letter(raw).text == "明天到店"
    bare = read_letter(b"\r\n")
    assert bare.message_id.startswith("<sha256.")
    assert read_letter(b"\r\n").message_id == bare.message_id
    assert read_letter(b"\r\nx").message_id != bare.message_id


def test_a_file_that_is_too_large_leaves_its_name() -> None:
    message = EmailMessage()
    message.set_content("见附件")
    message.add_attachment(b"x" * (15 * 1024 * 1024 + 1), maintype="video", subtype="mp4", filename="店.mp4")
    file = read_letter(message.as_bytes()).attachments[0]
    assert (file.name, file.size, file.content) == ("店.mp4", 15 * 1024 * 1024 + 1, None)


def test_a_letter_within_the_letter_is_a_file_not_its_words() -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["Subject"] = "里面"
    inner.set_content("里面的话")
    outer.set_content("外面的话")
    outer.add_attachment(inner)
    letter = read_letter(outer.as_bytes())
    assert letter.text == "外面的话"
    assert [one.name for one in letter.attachments] == ["来信.eml"]


def test_endlessly_nested_parts_are_cut_not_followed() -> None:
    raw = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(60)
    )
    assert read_letter(raw + b"\r\ntext").is_cut is True


@pytest.mark.parametrize(
    ("header", "is_auto"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: no", False),
        ("X-Autoreply: yes", True),
        ("Precedence: bulk", True),
        ("Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN77ya5oiR5Zyo5LyR5YGH?=", True),
        ("Subject: hello", False),
    ],
)
def test_answers_that_no_person_wrote_are_known(header: str, is_auto: bool) -> None:
    raw = f"From: a@example.com\r\n{header}\r\n\r\nx".encode()
    assert read_letter(raw).is_auto_reply is is_auto


REPORT = b"""From: MAILER-DAEMON@mx.example.com
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; chen@example.com
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: <a@example.com>
To: chen@example.com
--b--
"""


def test_a_bounce_names_the_letter_and_the_address_that_is_gone() -> None:
    assert read_letter(REPORT).bounce == Bounce("<a@example.com>", ("chen@example.com",), True)
    later = REPORT.replace(b"Status: 5.1.1", b"Status: 4.4.1")
    assert read_letter(later).bounce == Bounce("<a@example.com>", ("chen@example.com",), False)


def test_a_customer_who_writes_about_failure_is_no_bounce() -> None:
    assert read_letter(b"From: a@example.com\r\nSubject: delivery failed\r\n\r\nx").bounce is None


@pytest.mark.parametrize(
    ("trouble", "attempts", "state", "wait"),
    [
        (None, 1, "sent", None),
        (Trouble.CONNECTION, 1, "queued", 30),
        (Trouble.TIMEOUT, 2, "queued", 120),
        (Trouble.BUSY, 5, "queued", 3600),
        (Trouble.CONNECTION, 6, "failed", None),
        (Trouble.PASSWORD, 1, "failed", None),
        (Trouble.RECIPIENT, 1, "failed", None),
        (Trouble.CERTIFICATE, 1, "failed", None),
        (Trouble.CUT_OFF, 1, "unknown", None),
        (Trouble.STOPPED, 1, "unknown", None),
    ],
)
def test_only_network_trouble_is_tried_again_and_the_uncertain_never(
    trouble: Trouble | None, attempts: int, state: str, wait: int | None
) -> None:
    assert rules.after_attempt(trouble, attempts) == rules.Outcome(state, wait)


def test_an_answer_says_so_once() -> None:
    assert rules.reply_subject("白茶") == "回复：白茶"
    assert rules.reply_subject("回复：白茶") == "回复：白茶"
    assert rules.reply_subject("Re: tea") == "Re: tea"


def test_known_services_are_guessed_by_domain() -> None:
    assert rules.preset_for("shop@163.com") == "163"
    assert rules.preset_for("shop@foxmail.com") == "qq"
    assert rules.preset_for("hello@example.com") == "own"
