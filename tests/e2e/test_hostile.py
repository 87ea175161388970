"""Hostile IMAP servers: the seed is not tested, in time, and no other seed suffers."""
import subprocess
import time

import hostile_imap
from harness import LAB, TOP, expect_row, sqlite

RUN = "wait = 30s\nsettle = 0\nlogin_timeout = 2s\ncommand_timeout = 2s"
SURVIVED = {"unknown-response"}  # answered in order all the same: whether the session is given up is free


def test_hostile_servers_are_not_tested_in_time(case):
    for behaviour in hostile_imap.BEHAVIOURS:
        server = subprocess.Popen([str(LAB), "core", "python3", str(TOP / "tests" / "e2e" / "hostile_imap.py"), behaviour],
                                  env=case.lab.env, text=True, stdout=subprocess.PIPE)
        case.processes.append(server)
        port = server.stdout.readline().strip()
        case.configure(["u1@alpha.test", ("u1@hostile.test", "hostile")], run=RUN)
        text = case.config.read_text(encoding="utf-8")
        text = text.replace("host = imap.hostile.test", f"host = 127.0.0.1\nport = {port}\n"
                            f"security = {'starttls' if behaviour.startswith('starttls') else 'none'}")
        case.config.write_text(text, encoding="utf-8")
        begun = time.monotonic()
        check = case.postproof("seeds", "check", "--seed", "u1@hostile.test", expect=(0, 1) if behaviour in SURVIVED else 1)
        if behaviour not in SURVIVED:
            assert "mend:" in check.stdout, (behaviour, check.stdout)
            rows = case.run(expect=2)
            row = case.row(rows, "u1@hostile.test")
            expect_row(row, outcome="not-tested", verdict="unknown", reply_code="")
            expect_row(case.row(rows, "u1@alpha.test"), outcome="delivered", verdict="pass")
        seconds = time.monotonic() - begun
        assert seconds < 40, f"{behaviour}: {seconds:.1f} s"
        server.kill()


def test_provider_whose_servers_hang_delays_no_other(case):
    hanging = [f"u{n}@alpha.test" for n in (1, 2, 3)]
    case.configure(["u1@charlie.test", *hanging], run="wait = 20s\nsettle = 0\nlogin_timeout = 8s\ncommand_timeout = 5s")
    case.fault("stop", "alpha")
    rows = case.run(expect=2)
    expect_row(case.row(rows, "u1@charlie.test"), outcome="delivered", verdict="pass")
    for seed in hanging:
        expect_row(case.row(rows, seed), outcome="not-tested", verdict="unknown", reply_code="")
    # sent to and found while the logins of the other provider still hang: none has failed before
    found = int(sqlite(case, "SELECT at_ms FROM observation"))
    failed = int(sqlite(case, "SELECT min(at_ms) FROM seed_event WHERE kind = 'failed'"))
    assert found < failed, (found, failed)
    assert int(case.row(rows, "u1@charlie.test")["latency_ms"]) < 10000, rows


def test_run_ends_in_time_though_parked_sessions_hang(case):
    # the discarded message keeps the run watching while the provider is stopped
    case.configure(["u1@alpha.test", "discard@alpha.test", "u1@charlie.test"], run="wait = 6s\nsettle = 0\nsweep = no")
    process = case.start("run", "--progress", "plain")
    for line in process.stderr:
        if "sending and watching" in line:
            case.fault("stop", "alpha")
    process.wait(timeout=90)
    ended = int(sqlite(case, "SELECT max(at_ms) FROM run_event WHERE kind = 'finished'"))
    # each session that hangs could take the whole command_timeout, 30 s, to answer DONE
    assert time.time() * 1000 - ended < 15000, time.time() * 1000 - ended
