"""Faults of a service, one row each: how it comes about, and all that it changes of what `check` finds.

`changes` is complete: `ID`, or `ID SUBJECT` as a file-name pattern, and the result that it has now (GONE: it is no longer
reported; a row of faults says first what the fault itself is). Evidence and mend are those of the first."""
import typing

from harness import SERVICE

ENVELOPE = f"bounces.{SERVICE}"
HOST = f"mail.{SERVICE}"
V4, V6 = "198.51.100.10", "2001:db8:51::10"
PASS, WARN, FAIL, OPEN, GONE = "pass", "warn", "fail", "not-tested", None
POLICY = "/lab/www/.well-known/mta-sts.txt"
REVERSE = "10.100.51.198.in-addr.arpa"


class Fault(typing.NamedTuple):
    name: str
    how: list      # of the steps below
    changes: dict  # "ID" or "ID SUBJECT" -> result
    evidence: str
    mend: str = ""  # nothing can be mended where nothing is known


# --- steps: what is done to a case --------------------------------------------------------------------------------------


def publish(name, *records):
    """[TTL] TYPE DATA..., in the place of what is there of that type."""
    kind = records[1] if records[0].isdigit() else records[0]
    return change_dns("set", name, *records, undo=(name, kind))


def withdraw(name, kind):
    return change_dns("unset", name, kind, undo=(name, kind))


def change_dns(*command, undo):
    def step(case):
        case.undo.append(lambda: case.dns("reset", *undo))
        case.dns(*command)
    return step


def fault(name, node, *arguments):
    def step(case):
        case.undo.append(lambda: case.heal(node))
        case.fault(name, node, *arguments)
    return step


def configure(old, new):
    return lambda case: replace(case.config, old, new)


def template(name, old, new):
    return lambda case: replace(case.folder / f"{name}.eml", old, new)


def replies(sql):
    """As if that had become of the code that was sent to the person who reads replies."""
    return lambda case: case.alter_reply(sql)


def helo(name):
    """Of the service's server, as the newest run has seen it."""
    def step(case):
        case.undo.append(lambda: case.inside("svc", "sh", "-c", "postconf -X smtp_helo_name; postfix reload"))
        case.inside("svc", "sh", "-c", f"postconf -e smtp_helo_name={name}; postfix reload")
        case.send()
    return step


def withdraw_policy(case):
    case.undo.append(lambda: case.inside("web", "mv", f"{POLICY}.kept", POLICY))
    case.inside("web", "mv", POLICY, f"{POLICY}.kept")


def edit_policy(expression):
    """Of MTA-STS, as sed does it."""
    def step(case):
        withdraw_policy(case)
        case.inside("web", "sh", "-c", 'sed "$0" "$1.kept" >"$1"', expression, POLICY)
    return step


def policy(expression):
    """Says so by a new id, too."""
    return [edit_policy(expression), publish(f"_mta-sts.{SERVICE}", "TXT", "v=STSv1; id=20261124T000000")]


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- the rows -----------------------------------------------------------------------------------------------------------

OWN = f"ip4:{V4} ip6:{V6}"
WEB = " ".join(f"a:{n}.{SERVICE}" for n in ("www", "assets", "mta-sts", "imap", "mail"))
PROVIDERS = " ".join(f"a:mx.{n}.test" for n in ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot"))


def spf(name, record, changes, evidence, mend, *more):
    """Of the envelope's domain. The first of the changes names the domain, the others are of it as well."""
    changes = {k if k == "spf.covers" else f"{k} {ENVELOPE}": v for k, v in changes.items()}
    return Fault(f"SPF: {name}", [publish(ENVELOPE, "TXT", *([record] if isinstance(record, str) else record)), *more],
                 changes, evidence, mend)


SPF = [
    Fault("SPF: no record", [withdraw(ENVELOPE, "TXT")],
          {f"spf.record {ENVELOPE}": FAIL, f"spf.* {ENVELOPE}": GONE, "spf.covers": GONE},
          "0 records", f'publish: {ENVELOPE}. 3600 IN TXT "v=spf1 '),
    spf("two records", [f"v=spf1 ip4:{V4} -all", f"v=spf1 ip6:{V6} -all"],
        {"spf.record": FAIL, "spf.covers": GONE}, "2 SPF records", "one record in the place of all"),
    spf("+all", f"v=spf1 {OWN} +all", {"spf.all-plus": FAIL, "spf.all": FAIL}, "every address passes", "~all"),
    spf("?all", f"v=spf1 {OWN} ?all", {"spf.all": FAIL}, "neutral of other addresses", f'"v=spf1 {OWN} ~all"'),
    spf("no all", f"v=spf1 {OWN}", {"spf.all": FAIL}, "has no `all`", f'"v=spf1 {OWN} ~all"'),
    spf("ptr", f"v=spf1 {OWN} ptr -all", {"spf.ptr": WARN}, "ptr, which should not be used", f'"v=spf1 {OWN} -all"'),
    spf("11 lookups", f"v=spf1 {OWN} {WEB} {PROVIDERS} -all", {"spf.lookups": FAIL}, "11 of at most 10", "in place of mx, a"),
    spf("3 void lookups", f"v=spf1 {OWN} a:x.{SERVICE} a:y.{SERVICE} a:z.{SERVICE} -all", {"spf.void-lookups": FAIL},
        f"a:z.{SERVICE}", f'"v=spf1 {OWN} -all"'),
    spf("include of nothing", f"v=spf1 {OWN} include:_spf.{SERVICE} -all", {"spf.includes": FAIL},
        f"include:_spf.{SERVICE}", f'"v=spf1 {OWN} -all"'),
    spf("a typing error", f"v=spf1 {OWN} ipv4:192.0.2.1 -all", {"spf.syntax": FAIL, "spf.covers": GONE}, "ipv4:192.0.2.1",
        "write what was meant"),
    spf("sender not covered", "v=spf1 ip4:198.51.100.99 -all", {"spf.covers": FAIL}, f"fail for {ENVELOPE}", "name the address"),
    spf("strings without a space", f'"v=spf1 ip4:192.0.2.1 {OWN}" "-all"',
        {"spf.strings": FAIL, "spf.covers": GONE}, "a space is missing", "joined without a space"),
    spf("more than 512 octets", [f"v=spf1 {OWN} -all", "x" * 500], {"spf.size-512": WARN}, "octets in 2 TXT records",
        "shorter TXT"),
    spf("an included record that lets everybody pass", f"v=spf1 {OWN} include:x.{SERVICE} -all", {"spf.all-plus": FAIL},
        f"the record of x.{SERVICE} has +all", "~all", publish(f"x.{SERVICE}", "TXT", "v=spf1 +all")),
]

ED = f"ed._domainkey.{SERVICE}"
WEAK = ("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDJ/VNh9k1frflN3UV7q4AjyCyz/iFxIOxYVIDpIwu8w2zBzhzGAeYSOwQLLzgdvA0b+PQ3Gb"
        "f18qz4vDpYXcs/J9k0cdwu0pyZs4ZT2fdIb5AjdKrBWagNOqD5Q4CVQ6ZatXvREjOXaIJfZVv193wx1t6dlQUJTG3EwXAUpH0qqwIDAQAB")
EDKEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="  # RFC 8463 appendix A.2


def dkim(name, selector, records, changes, evidence, mend):
    owner = f"{selector}._domainkey.{SERVICE}"
    step = publish(owner, *records) if records else withdraw(owner, "TXT")
    return Fault(f"DKIM: {name}", [step], {f"{k} {selector} of {SERVICE}": v for k, v in changes.items()}, evidence, mend)


DKIM = [
    dkim("no key", "rsa", [], {"dkim.key": FAIL, "dkim.*": GONE}, "no such name", "publish the key that mail is signed with"),
    dkim("revoked", "rsa", ["TXT", "v=DKIM1; p="],
         {"dkim.key": FAIL, "dkim.[!tk]*": GONE, "dkim.type": GONE, "dkim.testing": GONE, "dkim.key-*": GONE},
         "revoked", "sign with another selector"),
    dkim("1,024 bits", "rsa", ["TXT", f"v=DKIM1; k=rsa; p={WEAK}"], {"dkim.key-2048": FAIL}, "RSA, 1024 bits", "2,048 bits"),
    dkim("in testing", "ed", ["TXT", f"v=DKIM1; k=ed25519; t=y; p={EDKEY}"], {"dkim.testing": FAIL}, "t=y",
         f'"v=DKIM1; k=ed25519; p={EDKEY}"'),
    dkim("base64 that is none", "rsa", ["TXT", "v=DKIM1; k=rsa; p=MIGf!*"],
         {"dkim.syntax": FAIL, "dkim.type": GONE, "dkim.testing": GONE, "dkim.key-*": GONE}, "base64",
         "publish the key as it was made"),
    dkim("short TTL", "ed", ["300", "TXT", f"v=DKIM1; k=ed25519; p={EDKEY}"], {"dkim.ttl": WARN}, "300 seconds",
         f"{ED}. 3600 IN TXT"),
    dkim("second TXT record", "ed", ["TXT", f"v=DKIM1; k=ed25519; p={EDKEY}", "something else"], {"dkim.txt": FAIL},
         "2 TXT records", "publish one TXT record"),
    dkim("quotes in it", "ed", ["TXT", rf'"\"v=DKIM1; k=ed25519; p={EDKEY}\""'], {"dkim.txt": FAIL}, "with quotes",
         f'"v=DKIM1; k=ed25519; p={EDKEY}"'),
    dkim("not for mail", "ed", ["TXT", f"v=DKIM1; k=ed25519; s=other; p={EDKEY}"], {"dkim.type": FAIL}, "s= does not allow it",
         f'"v=DKIM1; p={EDKEY}"'),
]

RUA = f"rua=mailto:dmarc@{SERVICE}"


def dmarc(name, records, changes, evidence, mend):
    owner = f"_dmarc.{SERVICE}"
    step = publish(owner, "TXT", *records) if records else withdraw(owner, "TXT")
    return Fault(f"DMARC: {name}", [step], changes, evidence, mend)


DMARC = [
    dmarc("no record", [], {"dmarc.record": FAIL, "dmarc.*": GONE}, "no DMARC record",
          f'publish: _dmarc.{SERVICE}. 3600 IN TXT "v=DMARC1; p=none'),
    dmarc("two records", ["v=DMARC1; p=reject", "v=DMARC1; p=none"], {"dmarc.record": FAIL, "dmarc.*": GONE},
          "has 2 DMARC records", "one record in the place of all"),
    dmarc("p=none", [f"v=DMARC1; p=none; {RUA}"], {"dmarc.reject": FAIL, "dmarc.enforced": WARN}, "p=none",
          f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("p=quarantine", [f"v=DMARC1; p=quarantine; {RUA}"], {"dmarc.reject": FAIL}, "p=quarantine",
          f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("sp=none", [f"v=DMARC1; p=reject; sp=none; {RUA}"], {"dmarc.subdomains": FAIL}, "subdomains none",
          f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("in testing", [f"v=DMARC1; p=reject; t=y; {RUA}"], {"dmarc.testing": FAIL, "dmarc.reject": FAIL}, "t=y",
          f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("pct=20", [f"v=DMARC1; p=reject; pct=20; {RUA}"], {"dmarc.pct": FAIL}, "20 %", f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("a typing error", [f"v=DMARC1; p=reject; adkim=x; {RUA}"], {"dmarc.syntax": FAIL}, "adkim",
          f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("no reports", ["v=DMARC1; p=reject"], {"dmarc.rua": FAIL}, "no address", "rua=mailto:dmarc-reports@"),
    dmarc("reports to a stranger", [f"v=DMARC1; p=reject; {RUA},mailto:x@bravo.test"], {"dmarc.rua-authorised": FAIL},
          "mailto:x@bravo.test", f'have bravo.test publish {SERVICE}._report._dmarc.bravo.test. 3600 IN TXT "v=DMARC1"'),
    dmarc("strict SPF alignment", [f"v=DMARC1; p=reject; aspf=s; {RUA}"], {"dmarc.alignment": WARN}, "aspf=s",
          f'"v=DMARC1; p=reject; {RUA}"'),
]

MX = [
    Fault("MX: none", [withdraw(SERVICE, "MX")], {"mx.present": FAIL, "mx.*": GONE, "dane.*": GONE, "mta-sts.mx": GONE},
          "no MX record", f"{SERVICE}. 3600 IN MX 10"),
    Fault("MX: null", [publish(SERVICE, "MX", "0 .")],
          {"mx.present": FAIL, "from.takes-mail": FAIL, "mx.*": GONE, "dane.*": GONE, "mta-sts.mx": GONE, "from.*": GONE},
          "null MX", "IN MX 10"),
    Fault("MX: a CNAME", [publish(f"alias.{SERVICE}", "CNAME", f"{HOST}."), publish(SERVICE, "MX", f"10 alias.{SERVICE}.")],
          {f"mx.no-cname alias.{SERVICE}": FAIL, f"mta-sts.mx alias.{SERVICE}": FAIL, f"mx.certificate alias.{SERVICE}": FAIL,
           f"dane.present alias.{SERVICE}": WARN, f"* alias.{SERVICE}": PASS, f"* {HOST}": GONE}, f"a CNAME leads to {HOST}",
           f"IN MX 10 {HOST}."),
    Fault("MX: a host without address", [publish(SERVICE, "MX", f"10 {HOST}.", f"20 old.{SERVICE}.")],
          {f"mx.resolves old.{SERVICE}": FAIL, f"mta-sts.mx old.{SERVICE}": FAIL, f"mx.no-cname old.{SERVICE}": PASS},
          "no address", "take the MX record out"),
    Fault("MX: no IPv6", [withdraw(HOST, "AAAA")], {"mx.ipv6": WARN, f"ptr.confirmed {V6}": FAIL, f"helo.name * {V6}": WARN},
          "no AAAA record", f"{HOST}. 3600 IN AAAA"),
    Fault("MX: no STARTTLS", [fault("plain", "svc")],
          {"mx.starttls": FAIL, "mx.tls12": GONE, "mx.certificate*": GONE, "dane.tlsa": GONE}, "does not offer STARTTLS",
          "configure STARTTLS"),
    Fault("MX: expired certificate", [fault("expired", "svc")], {"mx.certificate-expiry": FAIL}, "expired on",
          "renew the certificate"),
    Fault("MX: certificate of another host", [fault("wronghost", "svc")], {"mx.certificate": FAIL},
          "it is for wrong.host.test", "for this very host name"),
    Fault("MX: port closed", [fault("smtp-down", "svc")],
          {"mx.ipv4": FAIL, "mx.ipv6": WARN, "mx.starttls": GONE, "mx.tls12": GONE, "mx.certificate*": GONE,
           "dane.tlsa": GONE, "from.accepts": OPEN,
           "from.postmaster": OPEN, "from.abuse": OPEN}, "refused", "let an SMTP server listen"),
    Fault("MX: zone not signed", [withdraw(SERVICE, "DS")], {"mx.dnssec": WARN, "dane.present": WARN, "dane.tlsa": GONE},
          "not signed", "sign the zone"),
    Fault("DANE: of another certificate", [publish(f"_25._tcp.{HOST}", "TLSA", "3 1 1 " + 32 * "00")], {"dane.tlsa": FAIL},
          "another certificate", f"_25._tcp.{HOST}. 3600 IN TLSA 3 1 1"),
    Fault("DANE: none", [withdraw(f"_25._tcp.{HOST}", "TLSA")], {"dane.present": WARN, "dane.tlsa": GONE}, "no TLSA record",
          f"_25._tcp.{HOST}. 3600 IN TLSA 3 1 1"),
]

STS = [
    Fault("MTA-STS: no record", [withdraw(f"_mta-sts.{SERVICE}", "TXT")], {"mta-sts.record": FAIL, "mta-sts.id": GONE},
          "no record", f'_mta-sts.{SERVICE}. 3600 IN TXT "v=STSv1; id='),
    Fault("MTA-STS: record without id", [publish(f"_mta-sts.{SERVICE}", "TXT", "v=STSv1;")], {"mta-sts.id": FAIL}, "id",
          "v=STSv1; id="),
    Fault("MTA-STS: no policy", [withdraw_policy],
          {"mta-sts.policy": FAIL, "mta-sts.syntax": GONE, "mta-sts.m*": GONE}, "404",
          f"serve at https://mta-sts.{SERVICE}/.well-known/mta-sts.txt"),
    Fault("MTA-STS: certificate of the policy host", [fault("expired", "web")],
          {"mta-sts.policy": FAIL, "mta-sts.syntax": GONE, "mta-sts.m*": GONE, "content.links-answer": FAIL}, "certificate",
          "with a certificate for"),
    Fault("MTA-STS: testing", policy("s/enforce/testing/"), {"mta-sts.mode": FAIL}, "mode: testing", "mode: enforce"),
    Fault("MTA-STS: another mx", policy("s/^mx: .*/mx: mx.alpha.test/"), {"mta-sts.mx": FAIL}, "no pattern", f'"mx: {HOST}"'),
    Fault("MTA-STS: short max_age", policy("s/604800/86400/"), {"mta-sts.max-age": FAIL}, "less than a week", "max_age: 2592000"),
    Fault("MTA-STS: a line that is none", policy("s/^mode: /mode /"),
          {"mta-sts.syntax": FAIL, "mta-sts.m*": GONE}, "line 2", '"version: STSv1", "mode: enforce"'),
    Fault("MTA-STS: a new policy under the old id", [edit_policy("s/604800/604801/")], {"mta-sts.id": FAIL},
          "under the same id", "v=STSv1; id="),
    Fault("TLS-RPT: no record", [withdraw(f"_smtp._tls.{SERVICE}", "TXT")], {"tls-rpt.record": FAIL}, "no record",
          "v=TLSRPTv1; rua=mailto:"),
    Fault("TLS-RPT: no address", [publish(f"_smtp._tls.{SERVICE}", "TXT", "v=TLSRPTv1; rua=dmarc")],
          {"tls-rpt.record": FAIL}, "rua=dmarc",
          "v=TLSRPTv1; rua=mailto:"),
    Fault("BIMI: no record", [withdraw(f"default._bimi.{SERVICE}", "TXT")], {"bimi.record": WARN, "bimi.logo": GONE},
          "has no BIMI record", f"default._bimi.{SERVICE}. 3600 IN TXT"),
]

NAMES = [
    Fault("PTR: none", [withdraw(REVERSE, "PTR")], {f"ptr.present {V4}": FAIL, f"ptr.confirmed {V4}": GONE}, "PTR",
          f"publish {REVERSE}. 3600 IN PTR {HOST}."),
    Fault("PTR: not confirmed", [publish(REVERSE, "PTR", f"www.{SERVICE}.")], {f"ptr.confirmed {V4}": FAIL}, "does not lead back",
          f"www.{SERVICE}. 3600 IN A {V4}"),
    Fault("HELO: a name that leads elsewhere", [helo(f"www.{SERVICE}")],
          {f"helo.name www.{SERVICE} at *": WARN, f"helo.name {HOST} at *": GONE},
          "does not lead to", f"publish www.{SERVICE}. 3600 IN A"),
    Fault("blocklist: an address", [publish("10.100.51.198.dnsbl.test", "A", "127.0.0.4"),
          publish("10.100.51.198.dnsbl.test", "TXT", "botnet")],
          {f"blocklist.address {V4} in dnsbl.test": WARN}, "127.0.0.4: botnet", "ask the operator of dnsbl.test"),
    Fault("blocklist: the domain", [publish(f"{SERVICE}.domains.dnsbl.test", "A", "127.0.1.2")],
          {f"blocklist.domain {SERVICE} in domains.dnsbl.test": WARN}, "127.0.1.2", "ask the operator of domains.dnsbl.test"),
    Fault("blocklist: it refuses", [configure("address_blocklists = ", "address_blocklists = refused.dnsbl.test, ")],
          {"blocklist.usable refused.dnsbl.test": OPEN, f"blocklist.address {V4} in refused.*": OPEN}, "refuses"),
    Fault("blocklist: it lists everything", [configure("address_blocklists = ", "address_blocklists = broken.dnsbl.test, ")],
          {"blocklist.usable broken.dnsbl.test": OPEN, "blocklist.address * in broken.*": OPEN}, "lists everything"),
    Fault("blocklist: it is closed", [configure("address_blocklists = ", "address_blocklists = empty.dnsbl.test, ")],
          {"blocklist.usable empty.dnsbl.test": OPEN, f"blocklist.address {V4} in empty.*": OPEN},
          "does not list its own test entry"),
]

ADDRESSES = [
    Fault("postmaster is refused", [fault("550", "svc", f"postmaster@{SERVICE}")], {"from.postmaster": FAIL}, "550 5.7.1",
          "every domain"),
    Fault("abuse is refused", [fault("550", "svc", f"abuse@{SERVICE}")], {"from.abuse": WARN}, "550 5.7.1", "complaints go to"),
    Fault("From is refused", [fault("550", "svc", f"hello@{SERVICE}")], {"from.accepts": FAIL}, "550 5.7.1", "make it a mailbox"),
    Fault("Reply-To is refused", [template("newsletter", "To: {{to}}", f"Reply-To: gone@{SERVICE}\nTo: {{{{to}}}}")],
          {f"from.reply-accepts gone@{SERVICE}": FAIL, f"reply.confirmed gone@{SERVICE}": OPEN,
           f"reply.confirmed hello@{SERVICE}": GONE},
          "550 5.1.1", "make it a mailbox"),
    Fault("From is no-reply", [configure("from = Example Service <hello@", "from = Example Service <no-reply@")],
          {f"from.not-no-reply no-reply@{SERVICE}": FAIL, f"from.domain no-reply@{SERVICE}": PASS,
           f"from.accepts no-reply@{SERVICE}": FAIL,
           f"reply.confirmed no-reply@{SERVICE}": OPEN, f"* hello@{SERVICE}": GONE}, "noreply", f"hello@{SERVICE}"),
    Fault("reply: not confirmed", [replies("")], {"reply.confirmed": FAIL}, "nobody has confirmed it", "postproof reply confirm"),
    Fault("reply: long ago", [replies("INSERT INTO reply_confirmation SELECT id, sent_ms, sent_ms + 1, 'Ana' FROM reply_token")],
          {"reply.confirmed": FAIL}, "Ana confirmed", "postproof reply start"),
]


def content(name, message, old, new, changes, evidence, mend):
    return Fault(f"message: {name}", [template(message, old, new)], {f"{k} {message}": v for k, v in changes.items()},
                 evidence, mend)


TEXT_LINK = f"https://www.{SERVICE}/\n"
HTML_LINK = f'<a href="https://www.{SERVICE}/">https://www.{SERVICE}/</a>'

CONTENT = [
    content("a placeholder is left", "confirmation", "Dear applicant,\n", "Dear ((first name)),\n",
            {"content.placeholders": FAIL},
            "((first name))", "give each placeholder a value"),
    content("a link by http", "confirmation", TEXT_LINK, TEXT_LINK.replace("https", "http"),
            {"content.links-https": FAIL, "content.links-answer": FAIL},
            "http://www.", "write https://"),
    content("a link that redirects", "confirmation", TEXT_LINK, TEXT_LINK.replace("/\n", "/moved\n"),
            {"content.links-answer": FAIL},
            "302 redirects to", "without a redirect"),
    content("a link to nothing", "confirmation", TEXT_LINK, TEXT_LINK.replace("/\n", "/gone\n"),
            {"content.links-answer": FAIL}, "404",
            "link to the page itself"),
    content("a link to a host that is none", "confirmation", TEXT_LINK, TEXT_LINK.replace("www", "wwww"),
            {"content.links-resolve": FAIL}, "wwww",
            "publish addresses"),
    content("a link that hides", "confirmation", HTML_LINK, HTML_LINK.replace(">https://www.", ">Your application at www."),
            {"content.links-in-full": FAIL}, "Your application", "show the whole URL"),
    content("a tracked link", "confirmation", TEXT_LINK, TEXT_LINK.replace("/\n", "/?utm_source=mail\n"),
            {"content.no-tracking": FAIL}, "utm_source",
            "drop its parameters"),
    content("an attachment", "confirmation", "--=_parts--",
            "--=_parts\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"form.pdf\"\n"
            "Content-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--=_parts--", {"content.no-attachments": FAIL}, "form.pdf",
            "link to a page"),
    content("an image alone", "newsletter", "NEWS", f'<img src="https://assets.{SERVICE}/logo.svg" alt="News">',
            {"content.not-image-only": WARN}, "1 images", "say in text"),
    content("an image without words", "confirmation", HTML_LINK, f'{HTML_LINK}<img src="https://assets.{SERVICE}/logo.svg">',
            {"content.images-have-text": WARN}, "logo.svg", "alt attribute"),
    content("marketing without one-click", "newsletter", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", "",
            {"content.one-click": FAIL},
            "List-Unsubscribe:", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
    content("a test", "confirmation", "Subject: Your application {{reference}} has been received", "Subject: test mail",
            {"content.not-a-test": FAIL},
            "Subject: test mail", "the service's real text"),
    content("bare UTF-8", "confirmation", "; charset=utf-8\n\nDear applicant,", "\n\nDear appliçant,",
            {"content.mime": FAIL}, "declares no charset", "charset=utf-8"),
]

CONTENT.append(Fault("message: a misleading name", [configure("from = Example Service <", 'from = "help@bank.com" <')],
                     {"content.visible-name": WARN}, "help@bank.com", "be the service's name"))

# Each of these hangs something. The look ends in time, and says of no more than that that it is not tested.
HANGING = [
    Fault("MX: every packet is lost", [fault("drop", "svc", "25")],
          {"mx.ipv4": OPEN, "mx.ipv6": OPEN, "mx.starttls": OPEN, "mx.tls12": OPEN, "mx.certificate*": OPEN,
           "dane.tlsa": OPEN, "from.accepts": OPEN, "from.postmaster": OPEN, "from.abuse": OPEN}, "no answer in time"),
    Fault("MTA-STS: a policy host that drips", [fault("drip", "web")],
          {"mta-sts.policy": OPEN, "mta-sts.syntax": OPEN, "mta-sts.m*": OPEN}, "did not answer in time"),
    Fault("MTA-STS: a policy host that is silent", [fault("drop", "web", "443")],
          {"mta-sts.policy": OPEN, "mta-sts.syntax": OPEN, "mta-sts.m*": OPEN, "content.links-answer": OPEN},
          "did not answer in time"),
]
