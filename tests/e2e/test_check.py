"""The look at the sending domain: by itself, before a run, in a rehearsal; and the word of a person who reads replies."""
import json
import re
import signal
import time

from harness import SERVICE, sqlite, wait_for

OWN_PACK = """[rule own.replies]
text = A person reads replies.
since = 2024-01-01
severity = fail
source = https://example.org/
findings = reply.confirmed
[rule own.from]
text = The domain of From takes mail.
since = 2024-01-01
severity = fail
source = https://example.org/
findings = from.takes-mail
"""


def configure(case, check="warn", more=""):
    (case.folder / "own.ini").write_text(OWN_PACK, encoding="utf-8")
    case.configure(["u3@alpha.test"], check=check,
                   more=f"[check]\nrules = ./own.ini\nca_file = {case.lab.env['LAB_CA']}\n{more}")


def check(case, *args, expect=None):
    return json.loads(case.postproof("check", "--format", "json", *args, expect=expect).stdout)


def finding(report, name):
    found = [f for f in report["findings"] if f["id"] == name]
    assert len(found) == 1, (name, report)
    return found[0]


def code_in_mailbox(case):
    script = ("c.select('INBOX', readonly=True)\n"
              "ids = c.search(None, 'SUBJECT', 'mailbox')[1][0].split()\n"
              "print(c.fetch(ids[-1], '(BODY.PEEK[])')[1][0][1].decode() if ids else '')\n")
    text = case.imap(f"imap.{SERVICE}", f"hello@{SERVICE}", script)
    found = re.search(r"reply confirm ([A-Z2-9]{4}-[A-Z2-9]{4})", text)
    return found and found[1]


def test_a_run_begins_with_a_look_and_stores_it_once(case):
    configure(case)
    text = case.postproof("run", "--progress", "plain", expect=0)
    assert "looking at the sending domain" in text.stderr, text.stderr
    # Findings stand above the matrix; what nobody could test counts for nothing here.
    assert text.stdout.index("reply.confirmed") < text.stdout.index("u3@alpha.test"), text.stdout
    report = case.json()["check"]
    assert finding(report, "from.takes-mail")["result"] == "pass"
    assert finding(report, "from.takes-mail")["rules"] == ["own.from"]
    assert finding(report, "reply.confirmed")["result"] == "not-tested"
    before = len(report["findings"])
    case.postproof("resume", "1", "--wait", "1s", "--progress", "none", expect=0)
    assert len(case.json()["check"]["findings"]) == before


def test_findings_count_for_a_run_only_where_that_is_wanted(case):
    case.dns("set", SERVICE, "MX", "0 .")
    configure(case)
    case.run(expect=0)
    assert finding(case.json()["check"], "from.takes-mail")["result"] == "warn"
    configure(case, check="enforce")
    assert "1 fail" in case.postproof("matrix", "--judge-by", str(case.config), expect=1).stdout
    configure(case, check="off")
    case.run(expect=0)
    assert case.json()["check"] is None


def test_a_code_is_read_and_confirmed_by_a_person(case):
    configure(case)
    assert finding(check(case, expect=2), "reply.confirmed")["result"] == "not-tested"
    said = case.postproof("reply", "start", expect=0).stdout
    assert f"hello@{SERVICE}" in said, said
    code = wait_for("the code", lambda: code_in_mailbox(case))
    assert code not in said
    assert finding(check(case, expect=1), "reply.confirmed")["result"] == "fail"
    case.postproof("reply", "confirm", "AAAA-AAAA", expect=3)
    case.postproof("reply", "confirm", code.lower(), "--by", "Ana", expect=0)
    confirmed = finding(check(case, expect=0), "reply.confirmed")
    assert confirmed["result"] == "pass" and confirmed["evidence"].startswith("Ana confirmed on "), confirmed


def test_a_zone_file_is_a_rehearsal(case):
    configure(case, more="waive = own.replies until 9999-12-31 because this is a test\n")
    zone = case.folder / "new.zone"
    zone.write_text(f"$ORIGIN {SERVICE}.\n@ 300 IN SOA ns1 h 1 2 3 4 5\n@ 300 IN MX 0 .\n", encoding="utf-8")
    assert finding(check(case, expect=0), "from.takes-mail")["result"] == "pass"
    report = check(case, "--zone", str(zone), expect=1)
    assert report["zone"] == str(zone)
    assert finding(report, "from.takes-mail")["result"] == "fail"
    assert report["waivers"][0]["state"] == "used", report["waivers"]


def test_a_domain_alone_needs_no_configuration(case):
    case.config.write_text("", encoding="utf-8")
    command = case.command("check", "alpha.test", "--format", "json")
    at = command.index("-c")
    del command[at:at + 2]
    result = case.lab.lab(*command[1:], check=False)
    report = json.loads(result.stdout)
    assert report["domain"] == "alpha.test"
    packs = {rule["id"].split(".")[0] for rule in report["rules"]}
    assert packs == {"gmail", "yahoo", "microsoft", "uk-gov", "rfc"}, packs


def test_a_resolver_that_never_answers_ends_the_look_in_time(case):
    (case.folder / "own.ini").write_text(OWN_PACK, encoding="utf-8")
    case.configure(["u3@alpha.test"], more="[check]\nrules = ./own.ini\ntimeout = 6s\n"
                                           "[dns]\nservers = 198.51.100.99\ntimeout = 1s\n")
    begun = time.monotonic()
    report = check(case, expect=2)
    assert time.monotonic() - begun < 8, report["cost"]
    assert report["cost"]["took_ms"] <= 6500, report["cost"]
    assert finding(report, "from.takes-mail")["result"] == "not-tested"


def test_logins_do_not_wait_for_the_look_but_sending_does(case):
    (case.folder / "own.ini").write_text(OWN_PACK, encoding="utf-8")
    case.configure(["u3@alpha.test"], check="warn", more="[check]\nrules = ./own.ini\ntimeout = 4s\n"
                                                          "[dns]\nservers = 198.51.100.99\ntimeout = 1s\n")
    case.run()
    baseline, handed = map(int, sqlite(case, "SELECT (SELECT max(at_ms) FROM baseline), min(at_ms) FROM send_event"
                                             " WHERE kind = 'handing-over'").split("|"))
    # The look takes several seconds, a login less than one.
    assert handed - baseline >= 1000, (baseline, handed)


def test_a_signal_during_the_look_leaves_a_run_that_can_be_continued(case):
    (case.folder / "own.ini").write_text(OWN_PACK, encoding="utf-8")
    case.configure(["u3@alpha.test"], check="warn", more="[check]\nrules = ./own.ini\ntimeout = 5s\n"
                                                          "[dns]\nservers = 198.51.100.99\ntimeout = 2s\n")
    process = case.start("run", "--progress", "plain")
    for line in process.stderr:
        if "looking at the sending domain" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130, process.returncode
    case.postproof("resume", "--progress", "none", expect=0)
