"""A run that was killed or interrupted is continued; nothing is sent twice."""
import datetime
import signal
import subprocess
import time

from harness import TOP, expect_row

SEEDS = ["u1@alpha.test", "u2@charlie.test"]


def preload(case, name):
    library = case.folder / f"{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(TOP / "tests" / "e2e" / f"{name}.c"), "-ldl"],
                   check=True)
    return library


def start_with(case, library, *args, **variables):
    """postproof with the library in front of those that it is linked with."""
    command = case.command(*args)
    settings = [f"{k}={v}" for k, v in variables.items()]
    command = command[:2] + ["env", f"LD_PRELOAD={library}", *settings] + command[2:]
    env = {**case.lab.env}
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:detect_leaks=0"
    return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)


def run_with(case, library, *args, **variables):
    process = start_with(case, library, *args, **variables)
    out, err = process.communicate(timeout=240)
    return subprocess.CompletedProcess(args, process.returncode, out, err)


def states(case):
    """What the store knows of each probe after the kill: its tag and whether it was handed over without a reply."""
    sql = ("SELECT tag, (SELECT kind FROM send_event WHERE probe = probe.id ORDER BY id DESC LIMIT 1) FROM probe ORDER BY id")
    text = subprocess.run(["sqlite3", "-readonly", str(case.store), sql], check=False, text=True, capture_output=True).stdout
    return dict(line.split("|") for line in text.splitlines())


def test_killed_at_every_commit_sends_each_probe_at_most_once(case):
    library = preload(case, "kill_at_commit")
    case.configure(SEEDS, run="wait = 20s\nsettle = 0")
    log = case.folder / "commits"
    whole = run_with(case, library, "run", "--progress", "none", COMMIT_LOG=str(log))
    assert whole.returncode == 0, whole.stdout + whole.stderr
    commits = len(log.read_bytes())
    assert commits >= 12, commits
    for number in range(1, commits + 1):
        for when in ("before", "after"):
            case.store = case.folder / f"store-{number}-{when}.sqlite"
            killed = run_with(case, library, "run", "--progress", "none", KILL_AT=number, KILL_WHEN=when)
            if killed.returncode == 0:
                continue  # the order of commits differs from run to run: this one had fewer
            assert killed.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), killed
            before = states(case)
            resumed = case.postproof("resume", "--wait", "8s", "--progress", "none")
            if not before:
                assert resumed.returncode == 3, (number, when, resumed)
                continue
            if resumed.returncode == 3:  # killed after the last fact: the run has finished
                assert case.postproof("matrix").returncode == 0
                continue
            rows = case.rows()
            for row in rows:
                tag = row["message_id"].split("@")[0].removeprefix("pp.")
                count = case.sent_count(row)
                in_doubt = before.get(tag) == "handing-over"
                assert count <= 1, f"commit {number} {when}: {row['seed']} was sent {count} times"
                if in_doubt:
                    assert row["outcome"] in ("delivered", "unknown"), (number, when, row)
                    assert (row["outcome"] == "delivered") == (count == 1), (number, when, row)
                else:
                    expect_row(row, outcome="delivered", placement="inbox", verdict="pass")
                    assert count == 1, (number, when, row)


def test_interrupt_stops_in_order_and_says_how_to_go_on(case):
    case.configure(SEEDS + ["discard@alpha.test"], run="wait = 60s\nsettle = 0")
    process = case.start("run", "--progress", "plain")
    sent = 0
    while sent < 3:
        line = process.stderr.readline()
        assert line, "ended before everything was sent"
        sent += ": sent" in line
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (process.returncode, out, err)
    assert "postproof resume 1" in err, err
    rows = case.rows()
    expect_row(case.row(rows, "discard@alpha.test"), outcome="pending", verdict="unknown")
    resumed = case.postproof("resume", "--wait", "3s", "--progress", "none", expect=1)
    assert "missing" in resumed.stdout, resumed.stdout
    rows = case.rows()
    expect_row(case.row(rows, "discard@alpha.test"), outcome="missing")
    for seed in SEEDS:
        expect_row(case.row(rows, seed), outcome="delivered", placement="inbox", verdict="pass")
    absent = case.postproof("resume", "2", expect=3)
    assert "there is no run 2" in absent.stderr and "go on with" not in absent.stderr, absent.stderr


def interrupted_run(case, seeds, messages):
    """A run that is interrupted when every message was sent."""
    case.configure(seeds, messages, run="wait = 60s\nsettle = 0")
    process = case.start("run", "--progress", "plain")
    sent = 0
    while sent < len(seeds) * len(messages):
        line = process.stderr.readline()
        assert line, "ended before everything was sent"
        sent += ": sent" in line
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130, process.returncode


def test_resume_without_the_bounces_of_the_plan_calls_nothing_missing(case):
    interrupted_run(case, ["discard@alpha.test"], ("ordinary",))
    text = case.config.read_text(encoding="utf-8")
    begin, rest = text.split("[bounces]\n")
    case.config.write_text(begin + "[run]\n" + rest.split("[run]\n")[1], encoding="utf-8")
    result = case.postproof("resume", "--wait", "3s", "--progress", "none", expect=2)
    assert "[bounces] is no longer in the configuration" in result.stdout, result.stdout
    expect_row(case.row(case.rows(), "discard@alpha.test"), outcome="unknown", verdict="unknown")


def test_resume_sends_by_the_plan_what_the_configuration_has_lost(case):
    interrupted_run(case, ["u1@alpha.test"], ("ordinary", "gtube"))
    text = case.config.read_text(encoding="utf-8")
    case.config.write_text(text.replace("[message gtube]\ntemplate = gtube.eml\n", ""), encoding="utf-8")
    case.postproof("resume", "--wait", "20s", "--progress", "none", expect=0)
    rows = case.rows()
    for message in ("ordinary", "gtube"):
        expect_row(case.row(rows, "u1@alpha.test", message), outcome="delivered", verdict="pass")


def test_second_process_is_told_who_makes_a_run(case):
    case.configure(["discard@alpha.test"], run="wait = 60s\nsettle = 0")
    first = case.start("run", "--progress", "plain")
    while ": sent" not in first.stderr.readline():
        assert first.poll() is None
    second = case.postproof("run", "--progress", "none", expect=4)
    assert "process" in second.stderr, second.stderr
    assert case.postproof("matrix", expect=2).stdout
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=30)


def late_reading(case, seed, within_ms):
    """The message is read after the limit, and its arrival was within."""
    row = case.row(case.rows(), seed)
    expect_row(row, outcome="delivered", placement="inbox", verdict="pass", latency_by="mailbox-clock")
    assert int(row["latency_least_ms"]) <= int(row["latency_ms"]) <= within_ms, row
    probe = case.json()["probes"][0]
    seen, absent = probe["observations"][0]["at"], probe["observations"][0]["absent"]
    accepted = [s["at"] for s in probe["sends"] if s["event"] == "reply"][-1]
    assert absent < seen and seconds(seen) - seconds(accepted) > within_ms / 1000, probe
    said = case.postproof("explain", "1", seed, expect=0).stdout
    assert "by the mailbox's clock (first read " in said, said


def seconds(time):
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def until_sent(process):
    while ": sent" not in process.stderr.readline():
        assert process.poll() is None
    return process


def test_what_came_while_no_run_was_working_is_not_late(case):
    case.configure(["u1@alpha.test"], run="wait = 60s\nsettle = 0", more="[expect]\nwithin = 6s\n",
                   provider_more={"alpha": "idle = no\nscan_interval = 1h\n"})
    process = until_sent(case.start("run", "--progress", "plain"))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130, process.returncode
    time.sleep(10)
    case.postproof("resume", "--progress", "none", expect=0)
    late_reading(case, "u1@alpha.test", 6000)


def test_what_came_between_two_scans_is_not_late(case):
    case.configure(["u1@alpha.test"], run="wait = 60s\nsettle = 0", more="[expect]\nwithin = 6s\n",
                   provider_more={"alpha": "idle = no\nscan_interval = 15s\n"})
    case.run(expect=0)
    late_reading(case, "u1@alpha.test", 6000)


def test_what_came_while_the_mailbox_could_not_be_reached_is_not_late(case):
    """The service's server holds the message until the mailbox is cut off."""
    case.configure(["u1@alpha.test"], run="wait = 90s\nsettle = 0", more="[expect]\nwithin = 20s\n")
    case.fault("smtp-down", "alpha")
    process = until_sent(case.start("run", "--progress", "plain"))
    case.inside("svc", "postsuper", "-h", "ALL")
    case.heal("alpha")
    case.fault("drop", "alpha", "993")
    case.inside("svc", "sh", "-c", "postsuper -H ALL; postqueue -f")
    time.sleep(25)
    case.heal("alpha")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, (process.returncode, out, err)
    late_reading(case, "u1@alpha.test", 20000)


def test_a_clock_that_is_set_in_mid_run_leaves_the_time_open_and_is_told(case):
    library, mark = preload(case, "set_clock"), case.folder / "set"
    case.configure(["u1@alpha.test"], run="wait = 60s\nsettle = 0", more="[expect]\nwithin = 6s\n",
                   provider_more={"alpha": "idle = no\nscan_interval = 12s\n"})
    process = until_sent(start_with(case, library, "run", "--progress", "plain", CLOCK_FILE=mark, CLOCK_SET=-600))
    mark.touch()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 2, (process.returncode, out, err)
    assert "This machine's clock was set by 10 min while the run worked" in out, out
    assert "this machine's clock was set back by 10 min meanwhile; whether it came in time is not known" in out, out
    expect_row(case.row(case.rows(), "u1@alpha.test"), outcome="delivered", placement="inbox", verdict="unknown")
    assert 599000 < case.json()["run"]["clock_set_ms"] < 601000
