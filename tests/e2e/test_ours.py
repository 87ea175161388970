"""Our own evaluation beside what the providers report, over the DNS of the lab and from the snapshot of a run."""
import json
import subprocess

from harness import PROVIDERS, SERVICE, expect_row, sqlite

ALL = [f"u1@{p}.test" for p in PROVIDERS]
ANY = "[expect]\noutcome = any\nplacement = any\nspf = any\ndkim = any\ndmarc = any\n"
METHODS = ("spf", "dkim", "dmarc")


def reported(row):
    """What a row must say: agreement where the provider reports the method, "not-reported" where not."""
    return {f"{m}_agreement": "not-reported" if row[m] == "not-reported" else "agree" for m in METHODS}


def found(rows):
    return [row for row in rows if row["placement"]]


def test_theirs_and_ours_agree_and_every_method_has_three_witnesses(case):
    case.configure(ALL, messages=("ordinary", "gtube"), more=ANY)
    rows = case.run(expect=0)
    for row in found(rows):
        expect_row(row, spf_ours="pass", dkim_ours="pass", dmarc_ours="pass", **reported(row))
    ordinary = [row for row in rows if row["message"] == "ordinary"]
    assert len(found(ordinary)) == len(ALL)
    for method in METHODS:
        assert sum(row[f"{method}_agreement"] == "agree" for row in ordinary) >= 3, (method, ordinary)
    evaluation = case.json()["probes"][0]["evaluation"]
    assert sorted(s["algorithm"] for s in evaluation["dkim"]) == ["ed25519-sha256", "rsa-sha256"], evaluation["dkim"]
    assert evaluation["dmarc"]["rfc9989"]["policy"] == "reject", evaluation["dmarc"]
    assert evaluation["spf"]["source"] in ("received", "received-spf", "authentication-results"), evaluation["spf"]


def test_a_changed_spf_record_is_found_by_us_and_by_all_that_report_it(case):
    case.configure(ALL, more=ANY)
    case.dns("set", f"bounces.{SERVICE}", "TXT", "v=spf1 ip4:192.0.2.1 -all")
    rows = found(case.run(expect=0))
    assert len(rows) >= 4, rows
    for row in rows:
        expect_row(row, spf_ours="fail", dkim_ours="pass", dmarc_ours="pass", **reported(row))
    text = case.postproof("explain", "1", "u1@bravo.test", expect=0).stdout
    assert "ip4:192.0.2.1: does not match" in text, text


def test_a_missing_dkim_key_is_named_and_a_silent_provider_is_not_reported(case):
    case.configure(ALL, more=ANY)
    for selector in ("rsa", "ed"):
        case.dns("unset", f"{selector}._domainkey.{SERVICE}", "TXT")
    case.dns("set", f"bounces.{SERVICE}", "TXT", "v=spf1 ?all")
    case.dns("set", f"_dmarc.{SERVICE}", "TXT", "v=DMARC1; p=none")
    rows = found(case.run(expect=0))
    assert len(rows) == len(ALL), rows
    for row in rows:
        expect_row(row, dkim_ours="permerror", dmarc_ours="fail", spf_ours="neutral")
        expect_row(row, dmarc_agreement=reported(row)["dmarc_agreement"])
    # Rspamd calls a signature without a key no signature, Exim a temporary error
    assert {row["provider"]: row["dkim_agreement"] for row in rows} == {
        "alpha": "agree", "bravo": "unknown", "charlie": "disagree", "delta": "disagree", "echo": "agree"}, rows
    assert case.row(rows, "u1@bravo.test")["dmarc_agreement"] == "not-reported"
    probe = case.json()["probes"][0]
    assert any("has no key record" in s["reason"] for s in probe["evaluation"]["dkim"]), probe["evaluation"]["dkim"]


def test_without_a_dmarc_record_there_is_none(case):
    case.configure(ALL, more=ANY)
    case.dns("unset", f"_dmarc.{SERVICE}", "TXT")
    rows = found(case.run(expect=0))
    assert len(rows) == len(ALL), rows
    for row in rows:
        expect_row(row, dmarc_ours="none")
    assert sum(row["dmarc_agreement"] == "agree" for row in rows) >= 3, rows


def test_an_appended_footer_is_told_by_its_size(case):
    case.configure([("forward@foxtrot.test", "charlie")], more=ANY)
    row = case.row(case.run(expect=0), "forward@foxtrot.test")
    expect_row(row, spf_ours="fail", dkim_ours="fail", dmarc_ours="fail", **reported(row))
    signatures = case.json()["probes"][0]["evaluation"]["dkim"]
    assert any("appended after the signed body" in s["reason"] for s in signatures), signatures


def test_a_stored_run_is_judged_again_without_network(case):
    case.configure(ALL, more=ANY)
    case.run(expect=0)
    first = case.postproof("export", "--format", "json", expect=0).stdout
    offline = subprocess.run(["unshare", "--map-root-user", "--net", case.lab.program, "--store", str(case.store), "export",
                              "--format", "json"], text=True, capture_output=True, timeout=60, check=False)
    assert offline.returncode == 0, offline.stderr
    assert offline.stdout == first
    # what the run has not asked is unknown, not guessed
    message = case.folder / "other.eml"
    message.write_text("From: a@elsewhere.test\n\nhello\n", encoding="utf-8")
    result = case.postproof("verify", str(message), "--snapshot", "1", "--format", "json", expect=0).stdout
    assert json.loads(result)["dmarc"]["rfc9989"]["result"] == "unknown", result


def test_a_resolver_that_never_answers_holds_nothing_up(case):
    case.configure(["u1@alpha.test"], more=ANY + "[dns]\nservers = 198.51.100.222\ntimeout = 1s\n")
    row = case.row(case.run(expect=0, timeout=90), "u1@alpha.test")
    expect_row(row, outcome="delivered", spf="pass", spf_ours="temperror", dkim_ours="temperror", dmarc_ours="temperror",
               spf_agreement="unknown")


def test_verify_asks_the_dns_of_the_machine(case):
    case.configure(["u1@alpha.test"], more=ANY)
    case.run(expect=0)
    message = case.folder / "found.eml"
    octets = sqlite(case, "SELECT hex(header || b.octets) FROM observation"
                    " JOIN observation_body b ON b.observation = observation.id")
    message.write_bytes(bytes.fromhex(octets))
    result = json.loads(case.postproof("verify", str(message), "--expect", "pass", "--format", "json", expect=0).stdout)
    assert result["spf"] is None and {s["result"] for s in result["dkim"]} == {"pass"}, result
    assert result["dmarc"]["rfc9989"]["aligned"] == {"spf": False, "dkim": True}, result["dmarc"]
    zone = case.folder / "empty.zone"
    zone.write_text(f"$ORIGIN {SERVICE}.\n_dmarc 60 IN TXT \"v=DMARC1; p=reject\"\n", encoding="utf-8")
    result = case.postproof("verify", str(message), "--zone", str(zone), "--expect", "pass", "--format", "json", expect=1)
    assert json.loads(result.stdout)["dmarc"]["rfc9989"]["result"] == "fail", result.stdout
