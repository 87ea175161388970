"""What breaks while a run is at work: folders, connections, the disk. A clear message, the right exit code, and nothing
is lost or sent twice."""
import signal
import subprocess

from harness import LAB, SERVICE, TOP, expect_row


def read_until(process, word):
    lines = []
    while word not in (lines[-1] if lines else ""):
        lines.append(process.stderr.readline())
        assert lines[-1], f"ended before {word!r}:\n{''.join(lines)}"
    return lines


def test_folders_deleted_during_the_run(case):
    case.configure(["discard@alpha.test", "u3@alpha.test"], run="wait = 4s\nsettle = 4s")
    host = "imap.alpha.test"
    for user in ("discard@alpha.test", "u3@alpha.test"):
        case.imap(host, user, 'c.create("Work")')
    process = case.start("run", "--progress", "plain")
    read_until(process, "u3@alpha.test ordinary: found in INBOX")
    try:
        deleted = case.imap(host, "discard@alpha.test", 'print(c.delete("Work"), c.delete("Junk"))')
        assert deleted.count("OK") == 2, deleted
        moved = case.imap(host, "u3@alpha.test", 'c.select("INBOX"); print(c.uid("MOVE", "1:*", "Work")); c.close();'
                          'print(c.delete("Work"))')
        assert moved.count("OK") == 2, moved
        out, err = process.communicate(timeout=60)
    finally:
        case.imap(host, "discard@alpha.test", 'c.create("Junk")')
    assert process.returncode == 1, out + err
    assert "alpha discard@alpha.test: connecting again " in err, err
    rows = case.rows()
    # Every folder that is there was read: the message is missing, not "not tested".
    expect_row(case.row(rows, "discard@alpha.test"), outcome="missing", verdict="fail")
    row = case.row(rows, "u3@alpha.test")
    expect_row(row, outcome="delivered", verdict="unknown")
    assert "no longer" in row["reason"], row
    assert [case.sent_count(r) for r in rows] == [1, 1]


def relay(case, *times):
    """Puts a breaking relay in front of alpha's mailboxes, and returns its process."""
    command = [str(LAB), "core", "python3", str(TOP / "tests" / "e2e" / "relay_imap.py"), case.lab.env["LAB_CA"],
               "imap.alpha.test", *times]
    process = subprocess.Popen(command, env=case.lab.env, text=True, stdout=subprocess.PIPE)
    case.processes.append(process)
    port = process.stdout.readline().strip()
    text = case.config.read_text(encoding="utf-8")
    straight = f"host = imap.alpha.test\nca_file = {case.lab.env['LAB_CA']}\n"
    assert straight in text, text
    case.config.write_text(text.replace(straight, f"host = 127.0.0.1\nport = {port}\nsecurity = none\n"), encoding="utf-8")
    return process


def test_connection_that_breaks_in_a_message_is_made_again(case):
    case.configure(["u1@alpha.test", "u1@charlie.test"])
    relay(case, "1")
    result = case.postproof("run", "--progress", "plain", expect=0)
    assert "alpha u1@alpha.test: connecting again " in result.stderr, result.stderr
    rows = case.rows()
    for row in rows:
        expect_row(row, outcome="delivered", placement="inbox", verdict="pass")
        assert case.sent_count(row) == 1


def test_connection_that_always_breaks_in_a_message_loses_nothing(case):
    seeds = ["u1@alpha.test", "u1@charlie.test"]
    case.configure(seeds, run="wait = 3s\nsettle = 0\nlogin_timeout = 5s\ncommand_timeout = 5s")
    relay(case)
    rows = case.run(expect=2)
    row = case.row(rows, "u1@alpha.test")
    expect_row(row, outcome="not-tested", placement="", verdict="unknown", reply_code="250")
    assert "literal" in row["reason"] or "closed" in row["reason"] or "connection" in row["reason"], row
    expect_row(case.row(rows, "u1@charlie.test"), outcome="delivered", verdict="pass")

    case.store = case.folder / "interrupted.sqlite"
    process = case.start("run", "--progress", "plain", "--wait", "60s")
    read_until(process, "connecting again")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    case.configure(seeds)
    case.postproof("resume", "--progress", "none", expect=0)
    for row in case.rows():
        expect_row(row, outcome="delivered", verdict="pass")
        assert case.sent_count(row) == 1


def on_small_disk(case, size, keep):
    """A run whose store lies on a file system of its own, of `size`; what it stored is kept afterwards."""
    small = case.folder / "small"
    small.mkdir(exist_ok=True)
    keep.mkdir()
    case.store = small / "store.sqlite"
    command = case.command("run", "--progress", "none")
    script = ('mount -t tmpfs -o "size=$1" none "$2" || exit 99; small=$2 keep=$3; shift 3; "$@"; code=$?; '
              'df -k "$small" >&2; cp "$small"/store.sqlite* "$keep"; exit $code')
    command = command[:2] + ["unshare", "-m", "sh", "-c", script, "sh", size, str(small), str(keep)] + command[2:]
    result = subprocess.run(command, env=case.lab.env, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
    assert "Sanitizer" not in result.stderr, result.stderr
    case.store = keep / "store.sqlite"
    return result


def test_full_disk_loses_nothing_wherever_it_ends(case):
    seeds = ["u1@alpha.test", "u2@charlie.test", "u1@delta.test"]
    case.configure(seeds, run="wait = 20s\nsettle = 0")
    resumed = again = size = 0
    while True:
        size += 32
        assert size < 2048, "every disk was too small"
        result = on_small_disk(case, f"{size}k", case.folder / f"keep-{size}")
        if result.returncode == 0:
            break
        assert result.returncode == 4, (size, result)
        assert "disk is full" in result.stderr or "the room on it" in result.stderr, (size, result.stderr)
        if "postproof resume 1" in result.stderr:
            case.postproof("resume", "--progress", "none", expect=0)
            resumed += 1
        else:  # not even the plan had room: nothing was sent, and the file is good for the next run
            case.postproof("run", "--progress", "none", expect=0)
            again += 1
        rows = case.rows()
        assert len(rows) == len(seeds), rows
        for row in rows:
            expect_row(row, outcome="delivered", placement="inbox", verdict="pass")
            assert case.sent_count(row) == 1, (size, row)
    assert again >= 1 and resumed >= 3, (again, resumed)


def test_smtp_server_that_goes_away_during_the_run(case):
    seeds = ["u1@alpha.test", "u2@alpha.test", "u3@alpha.test"]
    case.configure(seeds, smtp="connections = 1\ntimeout = 2s")
    text = case.config.read_text(encoding="utf-8")
    case.config.write_text(text.replace("pace = 0\n", "pace = 4s\n"), encoding="utf-8")
    process = case.start("run", "--progress", "plain")
    read_until(process, ": sent ")
    case.fault("smtp-down", "svc")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 4, (process.returncode, out, err)
    assert f"mail.{SERVICE}" in err and "postproof resume 1" in err, err
    case.heal("svc")
    case.postproof("resume", "--progress", "none", expect=0)
    for row in case.rows():
        expect_row(row, outcome="delivered", verdict="pass")
        assert case.sent_count(row) == 1
