"""A service where everything is right passes every rule of every pack. Then one thing after the other is wrong: each is found
and comes with its mend, and nothing else changes (check_faults.py)."""
import contextlib
import fnmatch
import json
import re
import sqlite3
import time

import check_faults as faults
from harness import SERVICE, wait_for

TIMEOUT_S = 4  # of a look in which something hangs
HEAD = """To: {{to}}
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


def configure(case, timeout_s, more):
    for name, text in (("confirmation", CONFIRMATION), ("newsletter", NEWSLETTER)):
        (case.folder / f"{name}.eml").write_text(text, encoding="utf-8")
    case.configure(["u1@alpha.test", "u1@charlie.test"], messages=("confirmation", "newsletter"), check="warn", more=f"""[check]
ca_file = {case.lab.env["LAB_CA"]}
selectors = rsa, ed
address_blocklists = dnsbl.test
domain_blocklists = domains.dnsbl.test
timeout = {timeout_s}s
[dns]
trust_anchor = {case.lab.env["LAB_TRUST_ANCHOR"]}
{more}""")
    faults.replace(case.config, "template = confirmation.eml", "template = confirmation.eml\nvar.reference = HDJ2123F")
    faults.replace(case.config, "template = newsletter.eml", "template = newsletter.eml\nstream = marketing")


def send(case):
    """Over both families."""
    case.dns("unset", "mx.alpha.test", "AAAA")
    case.dns("unset", "mx.charlie.test", "A")
    rows = case.run(expect=(0, 1, 2))
    assert {r["outcome"] for r in rows} == {"delivered"}, rows
    for name in ("mx.alpha.test", "mx.charlie.test"):
        case.dns("reset", name)


def code_in_mailbox(case):
    text = case.inside("svc", "doveadm", "fetch", "-u", f"hello@{SERVICE}", "text", "mailbox", "INBOX", "subject",
                       "Is this mailbox read", check=False).stdout
    found = re.findall(r"reply confirm ([A-Z0-9-]+)", text)
    return found and found[-1]


def ask_a_person(case):
    before = code_in_mailbox(case)
    case.postproof("reply", "start", expect=0)
    code = wait_for("the code", lambda: (now := code_in_mailbox(case)) != before and now)
    kept["unconfirmed"] = case.store.read_bytes()
    case.postproof("reply", "confirm", code, "--by", "Ana", expect=0)
    kept["confirmed"] = case.store.read_bytes()


def prepare(case, timeout_s=20, more=""):
    """The service as it is when all is right."""
    case.undo = []
    case.send = lambda: send(case)
    case.alter_reply = lambda sql: alter_reply(case, sql)
    configure(case, timeout_s, more)
    if not kept:
        send(case)
        ask_a_person(case)
    put_store(case, "confirmed")


def put_store(case, which):
    for file in case.folder.glob("store.sqlite*"):
        file.unlink()
    case.store.write_bytes(kept[which])


def alter_reply(case, sql):
    put_store(case, "unconfirmed")
    with contextlib.closing(sqlite3.connect(case.store)) as db, db:
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


def one_at_a_time(case, rows, timeout_s=20):
    prepare(case, timeout_s)
    healthy, failed = check(case), []
    for fault in rows:
        prepare(case, timeout_s)
        for step in fault.how:
            step(case)
        report = check(case)
        for undo in reversed(case.undo):
            undo()
        took_s = report["cost"]["took_ms"] / 1000
        failed += [f"{fault.name} ({took_s:.1f} s): {text}" for text in complaints(fault, healthy, report)]
        if took_s > timeout_s + 0.5:
            failed.append(f"{fault.name}: it took {took_s:.1f} s, of {timeout_s}")
    assert not failed, "\n" + "\n".join(failed)
    case.touched = False


def test_a_service_where_all_is_right_passes_every_rule(case):
    prepare(case, more=f"[outbound {faults.HOST}]\nown = yes\nprobe_to = u1@alpha.test\n")
    report = check(case)
    wrong = [f for f in report["findings"] if f["result"] != "pass"]
    assert not wrong and report["exit_status"] == 0, json.dumps(wrong, indent=1)
    assert len(report["findings"]) >= 40, report["counts"]
    seen = {rule for f in report["findings"] for rule in f["rules"]}
    assert {r["id"].split(".")[0] for r in report["rules"]} == {"gmail", "yahoo", "microsoft", "uk-gov", "rfc"}
    # how mail from outside is filtered is seen by `inbound`
    assert {r["id"] for r in report["rules"]} - seen == {"uk-gov.filters"}


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
    one_at_a_time(case, faults.HANGING, timeout_s=TIMEOUT_S)


def test_a_resolver_that_is_silent_turns_nothing_bad(case):
    prepare(case, TIMEOUT_S, "servers = 198.51.100.99\ntimeout = 1s\n")
    begun = time.monotonic()
    report = check(case)
    assert time.monotonic() - begun < TIMEOUT_S + 1, report["cost"]
    assert {f["result"] for f in report["findings"]} == {"pass", "not-tested"}, report["findings"]
    of = {f["id"]: f for f in report["findings"]}
    for name in ("spf.record", "dmarc.record", "mx.present", "mta-sts.record"):
        assert of[name]["result"] == "not-tested" and "ago it was good: " in of[name]["evidence"], of[name]
