"""Outcome and placement, as real providers make them."""
import re
import subprocess

from harness import PROVIDERS, SERVICE, expect_row, sqlite, wait_for

ALL = [f"u1@{p}.test" for p in PROVIDERS]


def test_ordinary_mail_reaches_the_inbox_everywhere(case):
    case.configure(ALL)
    rows = case.run(expect=0)
    assert len(rows) == len(ALL)
    for row in rows:
        expect_row(row, outcome="delivered", placement="inbox", spf="pass", dkim="pass", verdict="pass",
                   dmarc="not-reported" if row["provider"] == "bravo" else "pass",
                   tls="none" if row["provider"] == "delta" else "TLSv1.3", smtp_tls="TLSv1.3")
        assert 0 < int(row["latency_ms"]) < 30000, row


def test_gtube_is_filed_as_spam_or_returned_where_there_is_a_filter(case):
    case.configure(ALL, messages=("gtube",))
    rows = case.run(expect=1)
    for provider, outcome, placement in (("alpha", "delivered", "inbox"), ("bravo", "delivered", "spam"),
                                         ("charlie", "bounced", ""), ("delta", "bounced", ""),
                                         ("echo", "delivered", "spam")):
        expect_row(case.row(rows, f"u1@{provider}.test", "gtube"), outcome=outcome, placement=placement)
    assert "Nevyžádaná pošta" in case.postproof("explain", "1", "u1@echo.test", expect=0).stdout


def test_folders_chosen_by_a_rule_are_named(case):
    case.configure([f"filed@{p}.test" for p in PROVIDERS], run="wait = 15s\nsettle = 1s", more="[expect]\nwithin = 10s\n")
    rows = case.run(expect=1)
    for provider, folder in (("alpha", "Receipts/2026"), ("bravo", "INBOX.Receipts.2026"), ("charlie", "Reçus/2026"),
                             ("delta", "Receipts/2026"), ("echo", "Účtenky/2026")):
        expect_row(case.row(rows, f"filed@{provider}.test"), outcome="delivered", placement=f"other:{folder}",
                   verdict="fail")


def test_greylisted_mail_is_delayed_and_delivered(case):
    case.configure(["grey@alpha.test"], more="[expect]\nwithin = 2s\n")
    row = case.row(case.run(expect=1), "grey@alpha.test")
    expect_row(row, outcome="delayed", placement="inbox")
    assert int(row["latency_ms"]) > 4000, row


def test_refused_in_the_dialogue_is_rejected(case):
    domain = f"staff.{SERVICE}"
    # One connection: a refusal must not spoil what follows on it. Postfix keeps a transaction that it refused at its end.
    case.configure([(f"refused@{domain}", "staff"), (f"latedata@{domain}", "staff"), (f"ok@{domain}", "staff"),
                    (f"later@{domain}", "staff")], smtp="connections = 1",
                   more="[expect]\nspf = any\ndkim = any\ndmarc = any\ntls = any\n")
    rows = case.run(expect=1)
    expect_row(case.row(rows, f"ok@{domain}"), outcome="delivered", placement="inbox")
    refused = case.row(rows, f"refused@{domain}")
    expect_row(refused, outcome="rejected", placement="", reply_code="550", verdict="fail")
    assert "5.7.1" in refused["reason"], refused
    expect_row(case.row(rows, f"latedata@{domain}"), outcome="rejected", reply_code="554")
    expect_row(case.row(rows, f"later@{domain}"), outcome="delivered")


def test_returned_mail_is_bounced_with_the_reason(case):
    case.configure(["u1@alpha.test", "gone@alpha.test", "gone@bravo.test"])
    rows = case.run(expect=1)
    expect_row(case.row(rows, "u1@alpha.test"), outcome="delivered")
    for seed in ("gone@alpha.test", "gone@bravo.test"):
        expect_row(case.row(rows, seed), outcome="bounced", verdict="fail")
        assert re.search(r"5\.\d+\.\d+", case.row(rows, seed)["reason"]), case.row(rows, seed)


def test_discarded_mail_is_missing(case):
    case.configure(["discard@alpha.test"], run="wait = 4s\nsettle = 1s")
    expect_row(case.row(case.run(expect=1), "discard@alpha.test"), outcome="missing", placement="", verdict="fail")


def sent_tags(case, count):
    """The tag of each message that was accepted, once there are so many."""
    try:
        rows = sqlite(case, "SELECT p.message, p.tag FROM probe p JOIN send_event e ON e.probe = p.id"
                            " WHERE e.kind = 'reply' AND e.reply_code = 250").splitlines()
    except subprocess.CalledProcessError:  # the store is being made
        return None
    return dict(row.split("|") for row in rows) if len(rows) == count else None


def test_whatever_comes_to_the_envelope_address_is_told(case):
    case.configure(["discard@alpha.test"], messages=("ordinary", "gtube"), run="wait = 12s\nsettle = 1s")
    process = case.start("run", "--progress", "plain")
    tag = wait_for("both messages sent", lambda: sent_tags(case, 2))
    away = (f"From: Ana <ana@alpha.test>\r\nTo: b+{tag['ordinary']}@bounces.{SERVICE}\r\nSubject: Away until Monday\r\n"
            "Auto-Submitted: auto-replied\r\n\r\nI am away.\r\n")
    qmail = (f"From: MAILER-DAEMON@mx.alpha.test\r\nTo: undisclosed-recipients:;\r\nSubject: failure notice\r\n\r\n"
             "Hi. This is the qmail-send program at mx.alpha.test.\r\n\r\n<discard@alpha.test>:\r\n"
             "Remote host said: 550 5.7.515 Access denied\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
             f"Message-ID: <pp.{tag['gtube']}@{SERVICE}>\r\n\r\n")
    case.imap(f"imap.{SERVICE}", f"bounces@bounces.{SERVICE}",
              "".join(f"c.append('INBOX', '', '', {m.encode()!r})\n" for m in (away, qmail)))
    process.communicate(timeout=120)
    rows = case.rows()
    missing = case.row(rows, "discard@alpha.test")
    expect_row(missing, outcome="missing", verdict="fail")
    assert 'an automatic reply from Ana <ana@alpha.test>: "Away until Monday"' in missing["reason"], missing
    bounced = case.row(rows, "discard@alpha.test", "gtube")
    expect_row(bounced, outcome="bounced", verdict="fail")
    assert "550 5.7.515 Access denied" in bounced["reason"] and "In words: Outlook.com requires" in bounced["reason"], bounced
    probes = {p["message"]: p["bounces"] for p in case.json()["probes"]}
    assert [(b["action"], b["subject"]) for b in probes["ordinary"]] == [("auto-reply", "Away until Monday")], probes
    assert [(b["action"], b["status"], b["recipient"]) for b in probes["gtube"]] == [("failed", "5.7.515", "discard@alpha.test")]
    assert "Away until Monday" in case.postproof("explain", "1", "discard@alpha.test", "ordinary", expect=0).stdout


def test_wrong_password_is_not_tested_and_says_the_mend(case):
    case.configure(["u1@alpha.test", "u1@bravo.test"])
    text = case.config.read_text(encoding="utf-8")
    text = text.replace("[seed u1@bravo.test]\nprovider = bravo\npassword = env:LAB_PASSWORD",
                        "[seed u1@bravo.test]\nprovider = bravo\npassword = env:WRONG")
    case.config.write_text(text, encoding="utf-8")
    rows = case.run(expect=2, env={"WRONG": "not-it"})
    expect_row(case.row(rows, "u1@alpha.test"), outcome="delivered", verdict="pass")
    row = case.row(rows, "u1@bravo.test")
    expect_row(row, outcome="not-tested", placement="", verdict="unknown")
    assert "login name u1@bravo.test: " in row["reason"], row
    assert "Check user and password in [seed u1@bravo.test]." in row["reason"], row
    check = case.postproof("seeds", "check", expect=1, env={"WRONG": "not-it"})
    assert "login name u1@bravo.test: " in check.stdout, check.stdout
    assert "mend: Check user and password in [seed u1@bravo.test]." in check.stdout, check.stdout


def test_provider_that_stamps_nothing_known_is_never_a_pass(case):
    case.configure(["u1@alpha.test"], provider_more={"alpha": "reports ="})
    text = case.config.read_text(encoding="utf-8")
    case.config.write_text(text.replace("authserv_id = mx.alpha.test\nreceived_by = mx.alpha.test\n", ""), encoding="utf-8")
    check = case.postproof("config", "check", expect=0)
    assert "[provider alpha] received_by: is missing" in check.stdout + check.stderr, check
    row = case.row(case.run(expect=2), "u1@alpha.test")
    expect_row(row, outcome="delivered", placement="inbox", spf="not-reported", dkim="not-reported", dmarc="not-reported",
               tls="unknown", verdict="unknown")
    assert "received_by" in row["reason"], row


def test_waiting_mail_is_deferred_at_the_deadline(case):
    case.fault("451", "alpha")
    case.configure(["u1@alpha.test"], run="wait = 20s\nsettle = 1s")
    expect_row(case.row(case.run(expect=1), "u1@alpha.test"), outcome="deferred", verdict="fail")


def test_message_that_is_moved_counts_where_it_is_last(case):
    case.configure(["u2@charlie.test"], run="wait = 40s\nsettle = 6s")
    process = case.start("run", "--progress", "plain")
    lines = []
    while True:
        line = process.stderr.readline()
        assert line, "".join(lines)
        lines.append(line)
        if "found in" in line:
            break
    moved = case.imap("imap.charlie.test", "u2@charlie.test", 'c.select("INBOX"); print(c.uid("MOVE", "1:*", "Junk"))')
    assert "OK" in moved, moved
    out, err = process.communicate(timeout=90)
    assert process.returncode == 1, out + err
    row = case.row(case.rows(), "u2@charlie.test")
    expect_row(row, outcome="delivered", placement="spam", moved_from="inbox")


def test_footer_of_a_forwarder_breaks_the_signature(case):
    case.configure([("forward@foxtrot.test", "charlie")])
    row = case.row(case.run(expect=1), "forward@foxtrot.test")
    expect_row(row, outcome="delivered", placement="spam", dkim="fail")
