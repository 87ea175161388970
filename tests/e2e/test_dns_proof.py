"""What a run keeps of the DNS proves itself without the DNS, and lets the messages of another run be judged by it."""
import pathlib
import subprocess

from harness import SERVICE, sqlite

HERE = pathlib.Path(__file__).resolve().parent
NS1, RESOLVER = "198.51.100.54", "198.51.100.53"


def proofs(case, run):
    """What Debian's own validator says: of each answer `proved`, `unsigned` or `FAILED`, with its question."""
    result = subprocess.run(["/usr/bin/python3", str(HERE / "verify_chain.py"), str(case.store), str(run),
                             case.lab.env["LAB_TRUST_ANCHOR"]], text=True, capture_output=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()


def with_anchor(case, servers=RESOLVER):
    case.configure(["u1@alpha.test"], check="warn",
                   more=f"[check]\nselectors = rsa, ed, dead\n[dns]\nservers = {servers}\n"
                        f"trust_anchor = {case.lab.env['LAB_TRUST_ANCHOR']}\n")


def test_every_answer_of_a_snapshot_is_proved_by_what_is_stored(case):
    case.dns("unset", f"mta-sts.{SERVICE}")
    case.dns("set", f"mta-sts.{SERVICE}", "CNAME", f"www.{SERVICE}.")
    case.dns("set", f"dead._domainkey.{SERVICE}", "CNAME", "nothing.alpha.test.")
    for run, servers in enumerate((RESOLVER, NS1), 1):
        with_anchor(case, servers)
        case.postproof("dns", "snapshot", expect=0)
        lines = proofs(case, run)
        assert len(lines) > 45 and all(line.startswith("proved ") for line in lines), lines
        for part in (f"proved mta-sts.{SERVICE}. A by ", "over 1 aliases", f"proved dead._domainkey.{SERVICE}. TXT by ",
                     f"_dmarc.{SERVICE.split('.', 1)[1]}. TXT by 2 sets as absent", "proved . DNSKEY by "):
            assert any(part in line for line in lines), (part, lines)
        assert any("dead._domainkey" in line and "aliases as absent" in line for line in lines), lines
        assert sqlite(case, f"SELECT count(*) FROM dns_answer WHERE run = {run} AND security <> 'secure'") == "0"


def test_a_run_asks_what_the_messages_of_the_run_before_ask(case):
    with_anchor(case)
    record = f"v=spf1 include:old.{SERVICE} -all"
    case.dns("set", f"old.{SERVICE}", "TXT", "v=spf1 ip4:198.51.100.10 ip6:2001:db8:51::10 -all")
    case.dns("set", f"bounces.{SERVICE}", "TXT", record)
    case.run(expect=0)
    case.dns("set", f"bounces.{SERVICE}", "TXT", record.replace("old.", "new."))
    case.dns("set", f"new.{SERVICE}", "TXT", "v=spf1 ip4:198.51.100.10 ip6:2001:db8:51::10 -all")
    case.run(expect=0)
    for run, name in ((1, "old"), (2, "old"), (2, "new")):
        asked = sqlite(case, f"SELECT count(*) FROM dns_answer WHERE run = {run} AND name = '{name}.{SERVICE}' AND type = 16")
        assert asked == "1", (run, name, asked)
    for run in (1, 2):
        assert all(line.startswith("proved ") for line in proofs(case, run))
    # What was asked for the run before last is not asked for ever.
    case.run(expect=0)
    assert sqlite(case, f"SELECT count(*) FROM dns_answer WHERE run = 3 AND name = 'old.{SERVICE}'") == "0"
    assert sqlite(case, "SELECT group_concat(name) FROM run_rule_pack WHERE run = 3").startswith("gmail,")
    assert sqlite(case, "SELECT count(*) FROM run_rule_pack WHERE length(sha256) <> 64") == "0"
