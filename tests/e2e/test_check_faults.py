"""A service where everything is right passes every rule of every pack. Then one thing after the other is wrong: each is found
and comes with its mend, and nothing else changes (check_faults.py)."""
import configparser
import fnmatch
import json
import re
import sqlite3
import time

import check_faults as faults
from harness import SERVICE, TOP, wait_for

PACKS = ("gmail", "yahoo", "microsoft", "uk-gov", "rfc")
TIMEOUT_S = 4  # of a look in which something hangs
HEAD = """From: Example Service <hello@example.service.gov.uk>
To: {{to}}
Subject: %s
Date: {{date}}
%sMIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_parts"

"""
CONFIRMATION = HEAD % ("Your application {{reference}} has been received", "") + """--=_parts
Content-Type: text/plain; charset=utf-8

Dear applicant,

We have received your application. Your reference is {{reference}}. You can see how far it is at

https://www.example.service.gov.uk/

Example Service
--=_parts
Content-Type: text/html; charset=utf-8

<p>Dear applicant,</p>
<p>We have received your application. Your reference is {{reference}}. You can see how far it is at</p>
<p><a href="https://www.example.service.gov.uk/">https://www.example.service.gov.uk/</a></p>
<p>Example Service</p>
--=_parts--
"""
NEWSLETTER = HEAD % ("What is new this month", """List-Unsubscribe: <https://www.example.service.gov.uk/unsubscribe/7>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
""") + """--=_parts
Content-Type: text/plain; charset=utf-8

More
--=_parts
Content-Type: text/html; charset=utf-8

<p>More</p>NEWS
--=_parts--
"""
kept = {}  # the stores of a service that has sent: before and after somebody has confirmed to read replies


def configure(case, timeout="20s", more=""):
    ca, anchor = case.lab.env["LAB_CA"], case.lab.env["LAB_TRUST_ANCHOR"]
    case.undo = []
    for name, text in (("confirmation", CONFIRMATION), ("newsletter", NEWSLETTER)):
        (case.folder / f"{name}.eml").write_text(text, encoding="utf-8")
    case.configure(["u1@alpha.test", "u1@charlie.test"], messages=("confirmation", "newsletter"), check="warn", more=f"""[check]
ca_file = {ca}
selectors = rsa, ed
address_blocklists = dnsbl.test
domain_blocklists = domains.dnsbl.test
timeout = {timeout}
[dns]
trust_anchor = {anchor}
{more}""")
    faults.replace(case.config, "template = confirmation.eml", "template = confirmation.eml\nvar.reference = HDJ2123F")
    faults.replace(case.config, "template = newsletter.eml", "template = newsletter.eml\nstream = marketing")


def send_once(case):
    """A run over both families, and a person who reads replies."""
    case.dns("unset", "mx.alpha.test", "AAAA")
    case.dns("unset", "mx.charlie.test", "A")
    rows = case.run(expect=(0, 2))
    assert {r["outcome"] for r in rows} == {"delivered"}, rows
    case.dns("reset")
    case.postproof("reply", "start", expect=0)
    text = wait_for("the code", lambda: case.inside(
        "svc", "doveadm", "fetch", "-u", f"hello@{SERVICE}", "text", "mailbox", "INBOX", "subject", "Is this mailbox read", check=False).stdout)
    kept["unconfirmed"] = case.store.read_bytes()
    case.postproof("reply", "confirm", re.findall(r"reply confirm ([A-Z0-9-]+)", text)[-1], "--by", "Ana", expect=0)
    kept["confirmed"] = case.store.read_bytes()


def prepare(case, **options):
    configure(case, **options)
    if not kept:
        send_once(case)
    case.store.write_bytes(kept["confirmed"])
    case.alter_reply = lambda sql: alter_reply(case, sql)


def alter_reply(case, sql):
    case.store.write_bytes(kept["unconfirmed"])
    with sqlite3.connect(case.store) as db:
        db.execute(sql)


def check(case):
    return json.loads(case.postproof("check", "--format", "json", expect=(0, 1, 2)).stdout)


def results(report):
    return {f"{f['id']} {f['subject']}": f["result"] for f in report["findings"]}


def matches(key, pattern):
    return fnmatch.fnmatchcase(key if " " in pattern else key.split(" ")[0], pattern)


def complaints(fault, healthy, report):
    """What is otherwise than the row says."""
    before, now = results(healthy), results(report)
    changed = {k: now.get(k) for k in sorted(before.keys() | now.keys()) if before.get(k) != now.get(k)}
    wanted = list(fault.changes)
    of = {k: next((p for p in wanted if matches(k, p)), None) for k in changed}
    said = [f"{k}: {before.get(k)} became {v}" + (f", not {fault.changes[of[k]]}" if of[k] else "")
            for k, v in changed.items() if not of[k] or fault.changes[of[k]] != v]
    said += [f"{p}: nothing changed" for p in wanted if p not in of.values()]
    for finding in report["findings"]:
        if of.get(f"{finding['id']} {finding['subject']}") != wanted[0]:
            continue
        if fault.evidence not in finding["evidence"]:
            said.append(f"evidence of {finding['id']} without {fault.evidence!r}: {finding['evidence']}")
        if fault.mend not in (finding["mend"] or "") or (finding["result"] in ("warn", "fail") and not finding["mend"]):
            said.append(f"mend of {finding['id']} without {fault.mend!r}: {finding['mend']}")
    return said


def one_at_a_time(case, rows, **options):
    prepare(case, **options)
    healthy, failed = check(case), []
    for fault in rows:
        prepare(case, **options)
        for step in fault.how:
            step(case)
        begun = time.monotonic()
        report = check(case)
        took = time.monotonic() - begun
        for undo in reversed(case.undo):
            undo()
        failed += [f"{fault.name} ({took:.1f} s): {text}" for text in complaints(fault, healthy, report)]
    assert not failed, "\n" + "\n".join(failed)
    case.touched = False


def test_faults_of_spf(case):
    one_at_a_time(case, faults.SPF)


def test_faults_of_dkim(case):
    one_at_a_time(case, faults.DKIM)


def test_faults_of_dmarc(case):
    one_at_a_time(case, faults.DMARC)


def test_faults_of_mx(case):
    one_at_a_time(case, faults.MX)


def test_faults_of_policies(case):
    one_at_a_time(case, faults.STS)


def test_faults_of_names_and_blocklists(case):
    one_at_a_time(case, faults.NAMES)


def test_faults_of_addresses(case):
    one_at_a_time(case, faults.ADDRESSES)


def test_faults_of_content(case):
    one_at_a_time(case, faults.CONTENT)


def test_what_hangs(case):
    one_at_a_time(case, faults.HANGING, timeout=f"{TIMEOUT_S}s")
