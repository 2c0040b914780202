"""Transactional mail and offers: built, sent once, suppressed, authenticated."""

import hmac
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import NamedTuple

UNSUBSCRIBE_KEY = b"sample-unsubscribe-key"  # a sample: real ones come from a vault
SOFT_BOUNCES = 3  # so many in a row count as a hard one
ADA, BOB, CY = "ada@example.com", "bob@example.com", "cy@example.com"
RECIPIENTS = {ADA: "r1", BOB: "r2", CY: "r3"}  # no address in a link


class Job(NamedTuple):
    key: str  # from the event, made once: order 1 was paid
    stream: str  # "receipts" or "offers"
    to: str
    name: str


TEMPLATES = {
    "receipts": ("Your receipt", "Thank you, {name}. Your tea is on its way."),
    "offers": ("New tea, {name}", "Hello {name}, the first harvest is here."),
}


# --8<-- [start:show]
def build(job: Job) -> EmailMessage:
    if not (job.name + job.to).isprintable():  # a line break would start a header
        raise ValueError("name or address is not printable")
    subject, text = TEMPLATES[job.stream]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Tea Shop <{job.stream}@shop.test>"
    mail["To"] = job.to
    mail["Subject"] = subject.format(name=job.name)
    mail["Message-ID"] = f"<{job.key}.{RECIPIENTS[job.to]}@shop.test>"
    if job.stream == "offers":  # DKIM must sign both
        link = f"https://shop.test/u/{token(RECIPIENTS[job.to], job.stream)}"
        mail["List-Unsubscribe"] = f"<{link}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text.format(name=job.name) + "\n")
    html = f"<p>{text.format(name=escape(job.name))}</p>\n"
    mail.add_alternative(html, subtype="html")
    mail.set_boundary(f"part-of-{job.key}")
    return mail


@dataclass
class Mailer:
    provider: "Provider"
    sent: dict[str, Job] = field(default_factory=dict)  # message id to job
    suppressed: dict[tuple[str, str], str] = field(default_factory=dict)
    soft: dict[str, int] = field(default_factory=dict)  # bounces in a row
    events: set[str] = field(default_factory=set)

    def work(self, job: Job, *, dies: bool = False) -> str:
        """Runs a leased job; the queue gives it out again if this one dies."""
        for stream in ("all", job.stream):  # now: a job can wait for hours
            if reason := self.suppressed.get((job.to, stream)):
                return f"not sent: {reason}"
        key = f"{job.key}/{job.to}"
        message = self.provider.send(key, job.to, build(job).as_bytes())
        if dies:
            return f"accepted as {message}, worker dies"
        self.sent[message] = job
        return f"accepted as {message}, done"

    def on_event(self, event: str, kind: str, message: str) -> str:
        """A webhook whose signature was checked before."""
        if event in self.events:
            return "known already"
        job = self.sent.get(message)
        if job is None:
            return "404, come again"  # perhaps it overtook our commit
        self.events.add(event)
        if kind == "complaint":
            return self.suppress(job.to, job.stream, "complaint")
        count = self.soft.get(job.to, 0) + 1 if kind == "soft bounce" else 0
        self.soft[job.to] = count
        if kind == "hard bounce" or count == SOFT_BOUNCES:
            return self.suppress(job.to, "all", "bounced")
        return f"noted, {count} soft of {SOFT_BOUNCES}"

    # --8<-- [end:show]

    def suppress(self, address: str, stream: str, reason: str) -> str:
        self.suppressed.setdefault((address, stream), reason)
        return f"{name_of(address)}: no more {stream}"

    def unsubscribe(self, method: str, given: str, form: dict[str, str]) -> str:
        """The https address of List-Unsubscribe: no cookie, no login, no page.

        Programs send the form as multipart/form-data or urlencoded: parse both.
        """
        if method != "POST" or form.get("List-Unsubscribe") != "One-Click":
            return "200, a page with a button"  # scanners follow links
        recipient, _, rest = given.partition(".")
        stream = rest.partition(".")[0]
        expected = token(recipient, stream).encode()
        if not hmac.compare_digest(given.encode(), expected):
            return "404"
        address = next(each for each in RECIPIENTS if RECIPIENTS[each] == recipient)
        return "200, " + self.suppress(address, stream, "unsubscribed")


def token(recipient: str, stream: str) -> str:
    """Nobody can make one for somebody else. Cut to 8 digits: take 32 or more."""
    signed = f"{recipient}.{stream}"
    mac = hmac.digest(UNSUBSCRIBE_KEY, signed.encode(), "sha256")
    return f"{signed}.{mac.hex()[:8]}"


def name_of(address: str) -> str:
    return address.partition("@")[0]


@dataclass
class Provider:
    """Accepts mails; some providers remember the keys for a day, SMTP none."""

    remembers: bool = True
    keys: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    mails: int = 0

    def send(self, key: str, to: str, content: bytes) -> str:
        self.requests += 1
        if self.remembers and key in self.keys:
            return self.keys[key]
        self.mails += 1
        self.keys[key] = f"m{self.mails}"
        return self.keys[key]


class Result(NamedTuple):
    """What a receiver found out about one mail."""

    label: str
    spf: str  # pass or fail
    mail_from: str  # the domain of the envelope, which SPF is about
    dkim: str
    signer: str  # d= of the signature


RECORDS = {"shop.test", "sender.test", "list.test"}  # where _dmarc has a policy


def organization(domain: str) -> str:
    """The tree walk: of all parents with a record, the one with fewest labels."""
    found, labels = domain, domain.split(".")
    for start in range(len(labels)):
        parent = ".".join(labels[start:])
        if parent in RECORDS:
            found = parent
    return found


def dmarc(author: str, result: Result) -> tuple[str, str, str]:
    """Passes if SPF or DKIM passes for the domain that the reader sees."""

    def verdict(passed: str, domain: str) -> str:
        if passed != "pass":
            return "fail"
        same = organization(domain) == organization(author)  # relaxed, the default
        return "aligned" if same else "pass, foreign"

    spf = verdict(result.spf, result.mail_from)
    dkim = verdict(result.dkim, result.signer)
    return spf, dkim, "pass" if "aligned" in (spf, dkim) else "FAIL"


def show_message() -> None:
    content = build(Job("offer-7", "offers", ADA, "Ada & Co")).as_bytes()
    print("one mail, without its MIME headers")
    for line in content.decode("ascii").split("\r\n"):
        if line and not line.startswith(("--", "Content-T", "MIME")):
            print(f"  {line}")
    try:
        build(Job("offer-7", "offers", ADA, "Ada\r\nBcc: everybody@example.com"))
    except ValueError as error:
        print(f"name with a line break: {error}")


def show_queue() -> None:
    mailer = Mailer(Provider())

    def row(what: str, outcome: str) -> None:
        print(f"  {what:<34}{outcome}")

    def work(key: str, stream: str, to: str, *, dies: bool = False) -> None:
        outcome = mailer.work(Job(key, stream, to, name_of(to)), dies=dies)
        row(f"{key} to {name_of(to)}", outcome)

    print("\nqueue")
    work("receipt-1", "receipts", ADA, dies=True)
    work("receipt-1", "receipts", ADA)
    for to in (ADA, BOB, CY):
        work("offer-7", "offers", to)
    print("\nwebhooks and unsubscribe")
    for event, kind, message in (
        ("e1", "delivered", "m1"),
        ("e2", "hard bounce", "m3"),
        ("e2", "hard bounce", "m3"),
        ("e3", "soft bounce", "m4"),
        ("e4", "complaint", "m2"),
        ("e5", "hard bounce", "m99"),
    ):
        row(f"{event} {kind} {message}", mailer.on_event(event, kind, message))
    good = token(RECIPIENTS[CY], "offers")
    forged = good.replace("r3", "r1")
    button = {"List-Unsubscribe": "One-Click"}
    row("GET, by a mail scanner", mailer.unsubscribe("GET", good, {}))
    row("POST, token of another address", mailer.unsubscribe("POST", forged, button))
    row("POST, cy's click", mailer.unsubscribe("POST", good, button))
    print("\nnext day")
    for to in (ADA, BOB, CY):
        work("offer-8", "offers", to)
    work("receipt-2", "receipts", ADA)
    work("receipt-3", "receipts", BOB)
    provider = mailer.provider
    print(f"{provider.requests} requests, {provider.mails} mails")
    forgetful = Mailer(Provider(remembers=False))
    job = Job("receipt-1", "receipts", ADA, name_of(ADA))
    forgetful.work(job, dies=True)
    forgetful.work(job)
    print(f"the same crash, provider without keys: {forgetful.provider.mails} mails")


def show_dmarc() -> None:
    print(f"\n{'From: shop.test':<36}SPF            DKIM           DMARC")
    for result in (
        Result("our domains", "pass", "bounce.shop.test", "pass", "shop.test"),
        Result("provider's defaults", "pass", "sender.test", "pass", "sender.test"),
        Result("forwarded by a reader", "fail", "shop.test", "pass", "shop.test"),
        Result("list that edits the text", "pass", "list.test", "fail", "shop.test"),
    ):
        spf, dkim, verdict = dmarc("shop.test", result)
        print(f"  {result.label:<34}{spf:<15}{dkim:<15}{verdict}")


def main() -> None:
    show_message()
    show_queue()
    show_dmarc()


if __name__ == "__main__":
    main()
