"""Bad input: a clear message, the right exit code, nothing lost."""
import os
import subprocess

from harness import SERVICE, expect_row


def broken(case, old, new, code, *words, command=("run", "--progress", "none"), env=None):
    """postproof with `old` replaced by `new` in a good configuration ends with the code and says the words."""
    case.configure(["u1@alpha.test"])
    text = case.config.read_text(encoding="utf-8")
    assert old in text, old
    case.config.write_text(text.replace(old, new, 1), encoding="utf-8")
    result = case.postproof(*command, expect=code, env=env)
    said = result.stderr + result.stdout
    for word in words:
        assert word in said, f"{word!r} is not said in:\n{said}"
    return result


def test_configuration_errors_name_line_and_mend(case):
    rows = [
        ("pace = 0", "pase = 0", 'postproof.ini:9:', "pace"),
        ("[bounces]", "[bounce]", "bounces"),
        ("wait = 40s", "wait = fourty", "duration"),
        ("[seed u1@alpha.test]", "[seed u1@alpha.test]\nprovider = alpha\n[seed u1@ALPHA.test]", "u1@alpha.test"),
        ("provider = alpha\npassword = env:LAB_PASSWORD", "provider = alpha", "password"),
        ("provider = alpha", "provider = alfa", "alpha"),
        ("ordinary.eml", "absent.eml", "absent.eml"),
        ("password = env:LAB_PASSWORD", "password = env:NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE"),
    ]
    for old, new, *words in rows[:-1]:
        broken(case, old, new, 3, *words)
        broken(case, old, new, 1, *words, command=("config", "check"))
    broken(case, *rows[-1][:2], 1, rows[-1][2], command=("config", "check"))


def test_missing_configuration_and_unknown_words(case):
    result = case.postproof("run", expect=3)
    assert "postproof.ini" in result.stderr, result.stderr
    case.configure(["u1@alpha.test"])
    for args, word in ((("rum",), "run"), (("run", "--sed", "x"), "--seed"), (("run", "--seed", "u2@alpha.test"), "u1@alpha.test"),
                       (("run", "--message", "ordinari"), "ordinary"), (("export",), "--format"),
                       (("run", "--wait", "soon"), "duration")):
        result = case.postproof(*args, expect=3)
        assert word in result.stderr, f"{args}: {result.stderr}"


def test_template_without_to(case):
    case.configure(["u1@alpha.test"])
    path = case.folder / "ordinary.eml"
    path.write_text(path.read_text(encoding="utf-8").replace("{{to}}", "u1@alpha.test"), encoding="utf-8")
    result = case.postproof("run", expect=3)
    assert "{{to}}" in result.stderr and "ordinary.eml" in result.stderr, result.stderr


def test_secret_file_that_others_can_read(case):
    secret = case.folder / "secret"
    secret.write_text(case.lab.env["LAB_PASSWORD"] + "\n", encoding="utf-8")
    os.chmod(secret, 0o644)
    result = broken(case, "provider = alpha\npassword = env:LAB_PASSWORD", "provider = alpha\npassword = file:secret", 1, "chmod",
                    command=("config", "check"))
    assert case.lab.env["LAB_PASSWORD"] not in result.stdout.replace("LAB", "").split(), result.stdout
    os.chmod(secret, 0o600)
    assert case.postproof("run", "--progress", "none").returncode == 0


def test_smtp_server_that_refuses_or_is_down(case):
    broken(case, "user = service\npassword = env:LAB_PASSWORD", "user = service\npassword = env:WRONG", 4, "535",
           "[smtp] user and password", '"service"',
           env={"WRONG": "wrong"})
    broken(case, f"url = smtp://mail.{SERVICE}:587", f"url = smtp://mail.{SERVICE}:588", 4,
           f"[smtp] url smtp://mail.{SERVICE}:588: ")
    broken(case, f"ca_file = {case.lab.env['LAB_CA']}\npace", "pace", 4, "certificate")
    for fault in ("expired", "wronghost"):
        case.fault(fault, "svc")
        broken(case, "pace = 0", "pace = 0", 4, "certificate")
        case.heal("svc")


def test_bad_certificate_of_a_mailbox_is_not_tested(case):
    for fault, word in (("expired", "expired"), ("wronghost", "certificate")):
        case.fault(fault, "alpha")
        case.configure(["u1@alpha.test", "u1@charlie.test"])
        rows = case.run(expect=2)
        expect_row(case.row(rows, "u1@charlie.test"), outcome="delivered")
        row = case.row(rows, "u1@alpha.test")
        expect_row(row, outcome="not-tested", verdict="unknown")
        assert word in row["reason"], row
        case.heal("alpha")


def test_mailbox_that_is_down_or_silent_is_not_tested(case):
    for fault in ("imap-down", "stop"):
        case.fault(fault, "alpha")
        case.configure(["u1@alpha.test", "u1@charlie.test"],
                       run="wait = 40s\nsettle = 1s\nlogin_timeout = 2s\ncommand_timeout = 2s")
        rows = case.run(expect=2)
        expect_row(case.row(rows, "u1@charlie.test"), outcome="delivered")
        expect_row(case.row(rows, "u1@alpha.test"), outcome="not-tested", verdict="unknown")
        case.heal("alpha")


def test_store_that_cannot_be_written(case):
    case.configure(["u1@alpha.test"])
    case.store = case.folder / "absent" / "store.sqlite"
    result = case.postproof("run", "--progress", "none", expect=4)
    assert "store.sqlite" in result.stderr, result.stderr
    case.store = case.folder / "other.sqlite"
    case.store.write_bytes(b"this is no database, but long enough to be looked at as one" * 20)
    case.postproof("run", "--progress", "none", expect=4)
    assert case.store.read_bytes().startswith(b"this is no database")


def test_store_that_is_read_only(case):
    case.configure(["u1@alpha.test"])
    case.run(expect=0)
    for args, code, word in ((("run", "--progress", "none"), 4, "cannot be written"), (("resume",), 4, "cannot be written"),
                             (("matrix",), 0, "pass"), (("history",), 0, "finished")):
        command = case.command(*args)
        script = 'mount -o bind,ro "$1" "$1" && shift && exec "$@"'
        command = command[:2] + ["unshare", "-m", "sh", "-c", script, "sh", str(case.folder)] + command[2:]
        result = subprocess.run(command, env=case.lab.env, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        assert result.returncode == code and word in result.stdout + result.stderr, (args, result)


def test_secret_that_cannot_be_had_is_said_at_once(case):
    for command, words in (("exit 3", "cmd:exit 3: the command ended with status 3"), ("true", "wrote nothing")):
        case.configure(["u1@alpha.test", "u1@charlie.test"])
        text = case.config.read_text(encoding="utf-8")
        old = "provider = alpha\npassword = env:LAB_PASSWORD"
        case.config.write_text(text.replace(old, f"provider = alpha\npassword = cmd:{command}"), encoding="utf-8")
        rows = case.run(expect=2)
        expect_row(case.row(rows, "u1@charlie.test"), outcome="delivered")
        row = case.row(rows, "u1@alpha.test")
        expect_row(row, outcome="not-tested", verdict="unknown")
        assert words in row["reason"] and "host and port" not in row["reason"], row


def test_certificate_of_an_unknown_authority_is_not_tested(case):
    case.configure(["u1@alpha.test", "u1@charlie.test"])
    text = case.config.read_text(encoding="utf-8")
    ca = f"host = imap.alpha.test\nca_file = {case.lab.env['LAB_CA']}\n"
    assert ca in text
    case.config.write_text(text.replace(ca, "host = imap.alpha.test\n"), encoding="utf-8")
    rows = case.run(expect=2)
    expect_row(case.row(rows, "u1@charlie.test"), outcome="delivered")
    row = case.row(rows, "u1@alpha.test")
    expect_row(row, outcome="not-tested", verdict="unknown")
    assert "ca_file in [provider alpha]" in row["reason"], row


def test_folder_for_bounces_that_is_not_there(case):
    case.configure(["u1@alpha.test"])
    text = case.config.read_text(encoding="utf-8")
    case.config.write_text(text.replace("[bounces]\n", "[bounces]\nfolder = Returned\n"), encoding="utf-8")
    check = case.postproof("seeds", "check", expect=1)
    assert "[bounces]: the server lists no folder Returned" in check.stdout, check.stdout
    assert "Set folder in [bounces]" in check.stdout, check.stdout
    result = case.postproof("run", "--progress", "plain", expect=0)
    assert "bounce mailbox: not tested the server lists no folder Returned. Set folder in [bounces]" in result.stderr, result.stderr
