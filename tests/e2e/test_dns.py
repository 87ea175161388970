"""A change of the service's DNS shows at every provider that reports the method."""
from harness import PROVIDERS, SERVICE, expect_row

ALL = [f"u1@{p}.test" for p in PROVIDERS]
ANY = "[expect]\noutcome = delivered, bounced\nplacement = any\n"


def test_spf_record_without_the_services_address_then_no_dkim_key(case):
    case.configure(ALL, more=ANY)
    case.run("--label", "before", expect=0)

    case.dns("set", f"bounces.{SERVICE}", "TXT", "v=spf1 ip4:192.0.2.1 -all")
    rows = case.run("--label", "spf", expect=1)
    for seed in ALL:
        row = case.row(rows, seed)
        if row["outcome"] == "bounced":  # echo refuses what fails SPF
            expect_row(row, provider="echo")
        else:
            expect_row(row, spf=("fail", "softfail"), dkim="pass", verdict="fail")
            assert "SPF" in row["reason"], row

    for selector in ("rsa", "ed"):
        case.dns("unset", f"{selector}._domainkey.{SERVICE}", "TXT")
    case.dns("set", f"_dmarc.{SERVICE}", "TXT", "v=DMARC1; p=none")
    rows = case.run("--label", "dkim", expect=1)
    for seed in ALL:
        row = case.row(rows, seed)
        if row["outcome"] == "bounced":
            expect_row(row, provider="echo")
            continue
        assert row["dkim"] not in ("pass", ""), row
        if row["provider"] != "bravo":
            expect_row(row, dmarc="fail")
    assert [line.split()[-1] for line in case.postproof("history", expect=0).stdout.splitlines()] == ["dkim", "spf",
                                                                                                     "before"]


def test_dmarc_reject_comes_back_as_a_bounce(case):
    case.configure(["u1@alpha.test"])
    case.dns("set", f"bounces.{SERVICE}", "TXT", "v=spf1 -all")
    for selector in ("rsa", "ed"):
        case.dns("unset", f"{selector}._domainkey.{SERVICE}", "TXT")
    row = case.row(case.run(expect=1), "u1@alpha.test")
    expect_row(row, outcome="bounced", verdict="fail")
    assert "DMARC" in row["reason"], row
