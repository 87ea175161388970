"""Servers of the user's own, tried out: relays told apart, and what receiving servers make of what they should not take."""
import json
import re
import time


def evidence(case, command, group):
    """The findings of a group, by subject and by the rest of their id; and what was said on standard error."""
    done = case.postproof(command, "--format", "json", expect=(0, 1, 2))
    found = {}
    for finding in json.loads(done.stdout)["findings"]:
        if finding["id"].startswith(group):
            found.setdefault(finding["subject"], {})[finding["id"].split(".", 1)[1]] = finding
    return found, done.stderr


def test_relays_are_told_apart(case):
    hosts = ("openrelay", "closedrelay", "closedexim", "discardrelay")
    for node in hosts:
        case.lab.lab("up", "--with", node)
    more = "[check]\nhelo = core.lab\ntimeout = 20s\n" + "".join(
        f"[outbound mx.{node}.test]\nown = yes\nprobe_to = u1@charlie.test\n" for node in hosts)
    case.configure(["u1@charlie.test"], more=more)
    begun = time.monotonic()
    found, said = evidence(case, "check", "outbound.")
    assert time.monotonic() - begun < 25, "the host that discards is waited for beyond [check] timeout"
    for node, number in zip(hosts, (41, 42, 43, 44)):
        assert f"mx.{node}.test port 25: " in said, said
        for address in (f"198.51.100.{number}", f"2001:db8:51::{number}"):
            findings = found.pop(f"mx.{node}.test [{address}]")
            relay, refuses = findings["open-relay"], findings["refuses"]
            if node.startswith("closed"):
                for finding in findings.values():
                    assert finding["result"] == "pass", finding
                assert "it refuses all of 23 address forms" in relay["evidence"], relay
                assert re.search(r"<@mx\.\S+:u1@charlie\.test>: 5\d\d ", relay["evidence"]), relay
            else:
                assert refuses["result"] != "pass" and refuses["mend"], refuses
                assert findings["no-inbound"]["result"] != "pass", findings
            if node == "openrelay":
                assert relay["result"] in ("warn", "fail") and relay["mend"], relay
                assert "address forms came to u1@charlie.test; RELAYED" in relay["evidence"], relay
            if node == "discardrelay":
                assert relay["result"] == "not-tested", relay
                assert "none has come to u1@charlie.test so far: it discards them, or is slow" in relay["evidence"], relay
    assert not found, found


def test_host_that_is_not_declared_is_left_alone(case):
    case.lab.lab("up", "--with", "openrelay")
    before = case.inside("openrelay", "grep", "-c", " connect from ", "/var/log/mail.log", check=False).stdout
    case.configure(["u1@charlie.test"], more="[outbound mx.openrelay.test]\nprobe_to = u1@charlie.test\n")
    found, said = evidence(case, "check", "outbound.")
    after = case.inside("openrelay", "grep", "-c", " connect from ", "/var/log/mail.log", check=False).stdout
    assert not found and "openrelay" not in said and before == after, (found, said, before, after)


# what each provider does with eicar, gtube, forged, spf-fail, dkim-broken
RECEIVING = {
    "alpha": ("in INBOX", "in INBOX", "refused: 5", "marked: it is in INBOX", "dkim=fail"),
    "charlie": ("refused: 5", "refused: 554", "filed: it is in Junk", "spf=fail", "dkim="),
    "echo": ("in INBOX", "filed: it is in Nev", "refused: 5", "refused: 5", "dkim="),
}
GOOD = {
    "alpha": (False, False, True, True, True),
    "charlie": (True, True, True, True, True),
    "echo": (False, True, True, True, True),
}


def inbound(case, node, wait="15s"):
    case.configure(["u1@delta.test"], more=f"""[check]
helo = core.lab
selectors = rsa
[inbound]
address = u2@{node}.test
host = imap.{node}.test
user = u2@{node}.test
password = env:LAB_PASSWORD
ca_file = {case.lab.env['LAB_CA']}
probe_to = u1@delta.test
wait = {wait}
""")
    return evidence(case, "inbound", "inbound.")


def check_receiving(case, node):
    found, said = inbound(case, node)
    mailbox = found.pop(f"u2@{node}.test")
    assert f"u2@{node}.test: its MX are sent an ordinary message, " in said, said
    assert mailbox["delivery"]["result"] == "pass" and "in INBOX" in mailbox["delivery"]["evidence"], mailbox
    for name, wanted, good in zip(("eicar", "gtube", "forged", "spf-fail", "dkim-broken"), RECEIVING[node], GOOD[node]):
        finding = mailbox[name]
        assert (finding["result"] == "pass") == good and (not good) == bool(finding["mend"]), finding
        assert wanted in finding["evidence"], finding
    for subject, findings in found.items():
        assert subject.startswith(f"mx.{node}.test [") and findings["open-relay"]["result"] == "pass", findings
    assert len(found) == 2, found


def test_receiving_server_that_judges_authentication(case):
    check_receiving(case, "alpha")


def test_receiving_server_that_filters(case):
    check_receiving(case, "charlie")


def test_receiving_server_that_refuses_by_spf(case):
    check_receiving(case, "echo")


def test_receiving_server_that_cannot_be_reached(case):
    case.fault("smtp-down", "charlie")
    found, _ = inbound(case, "charlie", "3s")
    findings = found["u2@charlie.test"]
    assert len(findings) == 6 and all(f["result"] == "not-tested" for f in findings.values()), findings


def test_receiving_mailbox_that_cannot_be_read(case):
    case.fault("imap-down", "charlie")
    found, _ = inbound(case, "charlie", "5s")
    findings = found["u2@charlie.test"]
    assert findings["eicar"]["result"] == "pass", findings["eicar"]
    for name in ("delivery", "forged", "dkim-broken"):
        assert findings[name]["result"] == "not-tested" and "could not be read" in findings[name]["evidence"], findings


def test_run_says_what_it_is_going_to_ask_own_hosts(case):
    case.lab.lab("up", "--with", "closedrelay")
    case.configure(["u1@charlie.test"], check="warn", more="[check]\nhelo = core.lab\n[outbound mx.closedrelay.test]\nown = yes\n")
    run = case.postproof("run", expect=(0, 1, 2))
    said = run.stderr.index("mx.closedrelay.test port 25: each of its addresses is asked")
    assert said < run.stderr.index("logging in to the seeds"), run.stderr
    relays = [f for f in case.json()["check"]["findings"] if f["id"] == "outbound.open-relay"]
    assert len(relays) == 2, relays
    for relay in relays:
        assert "it refuses all of 23 address forms" in relay["evidence"], relay
