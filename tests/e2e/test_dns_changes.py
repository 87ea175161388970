"""A look at the service's DNS is kept and compared, and a change is waited for until it is seen everywhere."""
import json
import time

from harness import SERVICE, wait_for

DMARC = f"_dmarc.{SERVICE}"
NS2 = "ns2.lab 198.51.100.55"


def publish_without_flush(case, name, ttl, text):
    """As `lab dns set`, but the resolver keeps what it has."""
    case.touched = True
    for command in (["zone-begin", SERVICE], ["zone-unset", SERVICE, f"{name}.", "TXT"],
                    ["zone-set", SERVICE, f"{name}.", str(ttl), "TXT", f'"{text}"'], ["zone-commit", SERVICE]):
        case.inside("ns1", "knotc", *command)


def zone(case, text):
    path = case.folder / "new.zone"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_changed_is_said_in_words(case):
    case.configure(["u1@alpha.test"], more="[check]\nselectors = rsa, ed\n")
    case.postproof("dns", "snapshot", "--label", "before", expect=0)
    assert "\n0 changes\n" in case.postproof("dns", "diff", expect=0).stdout

    case.dns("set", f"bounces.{SERVICE}", "TXT", "v=spf1 ip4:192.0.2.0/24 -all")
    case.dns("set", DMARC, "TXT", "v=DMARC1; p=none")
    case.dns("unset", f"rsa._domainkey.{SERVICE}", "TXT")
    text = case.postproof("dns", "diff", "1", "now", expect=1).stdout
    for part in ("ip4:192.0.2.0/24 added: 192.0.2.0/24 is now allowed", "198.51.100.10, 2001:db8:51::10 are no longer allowed",
                 "policy for the domain loosened: p=reject became none", f"DKIM key: rsa._domainkey.{SERVICE} TXT"):
        assert part in text, text

    case.postproof("dns", "snapshot", expect=0)
    report = json.loads(case.postproof("dns", "diff", "1", "2", "--format", "json", expect=1).stdout)
    assert (report["schema"], report["from"]["run"], report["to"]["run"]) == (1, 1, 2)
    assert {c["subject"] for c in report["changes"]} == {"SPF", "DMARC", "DKIM key"}, report
    assert all(c["known"] for c in report["changes"])
    # a look is no run
    case.postproof("matrix", expect=3)
    case.postproof("matrix", "1", expect=3)
    assert case.postproof("history", expect=0).stdout.count("DNS snapshot") == 2


def test_a_name_server_that_lags_is_waited_for(case):
    case.configure(["u1@alpha.test"])
    case.dns("set", DMARC, "4", "TXT", "v=DMARC1; p=none")
    case.postproof("dns", "snapshot", expect=0)
    case.fault("lag", "ns2")
    case.dns("set", DMARC, "4", "TXT", "v=DMARC1; p=quarantine")
    process = case.start("dns", "wait", "--progress", "plain", "--timeout", "2m")
    healed = None
    for line in process.stderr:
        if f"{NS2}: old: {DMARC} TXT: v=DMARC1; p=none" in line:
            case.heal("ns2")
            healed = time.monotonic()
        if healed and f"{NS2}: new" in line:
            break
    assert healed, f"ns2 was never told to be old: {process.stdout.read()}"
    assert process.wait(timeout=60) == 0
    text = process.stdout.read()
    assert "A rerun means something now." in text and " old" not in text, text


def test_a_resolver_with_the_old_answer_is_waited_for(case):
    case.configure(["u1@alpha.test"])
    case.dns("set", DMARC, "8", "TXT", "v=DMARC1; p=none")
    case.inside("ns1", "kdig", "+short", "@198.51.100.53", DMARC, "TXT")
    publish_without_flush(case, DMARC, 8, "v=DMARC1; p=quarantine")
    wait_for("ns2 follows", lambda: "quarantine" in case.inside("ns1", "kdig", "+short", "@198.51.100.55", DMARC, "TXT").stdout)
    new = zone(case, f'{DMARC}. 8 TXT "v=DMARC1; p=quarantine"\n')
    process = case.start("dns", "wait", "--until-visible", new, "--resolver", "198.51.100.53", "--progress", "plain",
                         "--timeout", "1m", "--format", "json")
    out, told = process.communicate(timeout=90)
    assert process.returncode == 0, told
    assert f"198.51.100.53: old: {DMARC} TXT: v=DMARC1; p=none, for " in told, told
    assert "198.51.100.53: new" in told, told
    assert "ns1.lab 198.51.100.54: old" not in told, told
    report = json.loads(out)
    assert report["schema"] == 1 and report["visible"] and report["questions"] == 1
    assert {s["state"] for s in report["servers"]} == {"new"} and len(report["servers"]) == 5, report


def test_a_lagging_name_server_and_a_resolver_with_the_old_answer_are_told_apart(case):
    case.configure(["u1@alpha.test"])
    case.dns("set", DMARC, "20", "TXT", "v=DMARC1; p=none")
    case.postproof("dns", "snapshot", expect=0)
    case.fault("lag", "ns2")
    case.inside("ns1", "kdig", "+short", "@198.51.100.53", DMARC, "TXT")
    publish_without_flush(case, DMARC, 20, "v=DMARC1; p=quarantine")
    cached = time.monotonic()
    process = case.start("dns", "wait", "--resolver", "198.51.100.53", "--progress", "plain", "--timeout", "2m", "--format", "json")
    told = ""
    while f"{NS2}: old" not in told or "198.51.100.53: old" not in told:
        line = process.stderr.readline()
        assert line, told + process.stdout.read()
        told += line
    assert "ns1.lab 198.51.100.54: old" not in told, told
    case.heal("ns2")
    out, rest = process.communicate(timeout=90)
    assert process.returncode == 0, told + rest
    # the resolver keeps its answer until the TTL is over, whatever the name servers say
    assert rest.index(f"{NS2}: new") < rest.index("198.51.100.53: new"), rest
    assert time.monotonic() - cached > 10, rest
    report = json.loads(out)
    assert report["visible"] and {s["state"] for s in report["servers"]} == {"new"}, report


def test_a_new_policy_of_mta_sts_is_kept_to_for_its_max_age(case):
    case.configure(["u1@alpha.test"], more=f"[check]\nca_file = {case.lab.env['LAB_CA']}\n")
    case.dns("set", f"_mta-sts.{SERVICE}", "1", "TXT", "v=STSv1; id=1")
    case.postproof("dns", "snapshot", expect=0)
    case.dns("set", f"_mta-sts.{SERVICE}", "1", "TXT", "v=STSv1; id=2")
    result = case.postproof("dns", "wait", "--timeout", "30s", "--format", "json", expect=0)
    report = json.loads(result.stdout)
    assert report["policy_changed"] and report["policy_age_s"] >= 86400, report


def test_what_is_not_published_is_not_seen_in_time(case):
    case.configure(["u1@alpha.test"])
    case.dns("set", DMARC, "1", "TXT", "v=DMARC1; p=none")
    new = zone(case, f'{DMARC}. 1 TXT "v=DMARC1; p=reject; sp=none"\n')
    begun = time.monotonic()
    result = case.postproof("dns", "wait", "--until-visible", new, "--timeout", "4s", "--progress", "none", expect=1)
    assert 2 < time.monotonic() - begun < 20
    assert "Not yet: not every authoritative server gives the new answer" in result.stdout, result.stdout
    assert result.stderr.count("old") == 0
    bad = zone(case, "this is no zone\n")
    assert "new.zone:1:" in case.postproof("dns", "wait", "--until-visible", bad, expect=3).stderr


def test_a_run_waits_for_the_dns_and_sends_nothing_where_it_is_not_ready(case):
    case.configure(["u1@alpha.test"], check="warn", more=f"[check]\nca_file = {case.lab.env['LAB_CA']}\n")
    rows = case.run("--after-dns", expect=(0, 1, 2))
    assert [r["outcome"] for r in rows] == ["delivered"]
    # a run has looked at the domain, so that it can be compared as well
    case.dns("set", SERVICE, "MX", "10 mx.alpha.test.")
    assert "mail servers" in case.postproof("dns", "diff", expect=1).stdout
    case.dns("reset")
    case.dns("set", DMARC, "7200", "TXT", "v=DMARC1; p=none")
    case.postproof("dns", "snapshot", expect=0)
    case.dns("set", DMARC, "7200", "TXT", "v=DMARC1; p=reject")
    # an old answer may be kept for two hours, longer than is waited
    result = case.postproof("run", "--after-dns", "--progress", "none", expect=2)
    assert "nothing was sent: A rerun means something from " in result.stderr, result.stderr
    assert case.postproof("history", expect=0).stdout.count("probes") == 1
