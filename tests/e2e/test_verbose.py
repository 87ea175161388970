"""What -v and -vv say on standard error: the events of a run, then the dialogues, and never a secret."""
import base64
import re

from harness import SERVICE


def forms(password, user):
    """The password as it could leak: as it is, and in base64 as AUTH LOGIN and PLAIN send it."""
    return [password, *(base64.b64encode(text.encode()).decode().rstrip("=") for text in (password, f"\0{user}\0{password}"))]


def test_events_of_a_run_are_told_one_a_line(case):
    staff = f"refused@staff.{SERVICE}"
    case.configure(["u1@alpha.test", "gone@alpha.test", (staff, "staff")], more="[expect]\nspf = any\ndkim = any\ndmarc = any\ntls = any\n")
    result = case.postproof("-v", "run", expect=1)
    for pattern in (r"smtp: smtp://mail\.\S+:587 lets us in",
                    r"imap u1@alpha\.test: logged in to imap\.alpha\.test port 993 as u1@alpha\.test, TLSv1\.[23]",
                    r"imap bounces: logged in to",
                    r"imap u1@alpha\.test: folders: (?=.*INBOX \(inbox, watched\)).*Junk \(spam, watched\)",
                    r"imap u1@alpha\.test: ready",
                    r"smtp u1@alpha\.test: ordinary is composed",
                    r"smtp u1@alpha\.test: ordinary, attempt 1: handing over",
                    r"smtp u1@alpha\.test: ordinary, attempt 1: \S+:587 at end-of-data: 250 2\.0\.0 .*queued as \w+.* \(TLSv?1\.[23]\)",
                    r"smtp refused@\S+: ordinary, attempt 1: \S+:587 at rcpt: 550 5\.7\.1 ",
                    r"imap u1@alpha\.test: ordinary is in INBOX \(inbox\), UID \d+, \d+ octets; found by watch",
                    r"bounces: ordinary to gone@alpha\.test: failed 5\.\d+\.\d+ from "):
        found = [line for line in result.stderr.splitlines() if re.search(r"^\S+Z " + pattern, line)]
        assert found, f"{pattern!r} is not said in:\n{result.stderr}"
    assert "EXAMINE" not in result.stderr and "MAIL FROM" not in result.stderr, result.stderr


def test_reconnecting_is_told(case):
    case.configure(["discard@alpha.test"], run="wait = 25s\nsettle = 1s\nlogin_timeout = 3s\ncommand_timeout = 3s")
    process = case.start("-v", "run")
    lines = []
    while "handing over" not in (lines[-1] if lines else ""):
        lines.append(process.stderr.readline())
        assert lines[-1], "".join(lines)
    case.fault("imap-killed", "alpha")
    while "connecting again in" not in lines[-1]:
        lines.append(process.stderr.readline())
        assert lines[-1], "".join(lines)
    assert "imap discard@alpha.test: " in lines[-1], lines[-1]
    process.kill()


def test_no_secret_is_in_the_transcripts(case):
    password = case.lab.env["LAB_PASSWORD"]
    users = ("u1@alpha.test", "u1@bravo.test", "service", f"bounces@bounces.{SERVICE}")
    case.configure(["u1@alpha.test", "u1@bravo.test"])
    said = case.postproof("-vv", "run", expect=0).stderr + case.postproof("-vv", "seeds", "check", expect=0).stderr
    for seen in ("EXAMINE", "LIST", "MAIL FROM:<b+", "AUTHENTICATE PLAIN (", "AUTH PLAIN"):
        assert seen in said, f"{seen} is not in the transcripts:\n{said}"
    for user in users:
        plain, alone, whole = forms(password, user)
        assert whole not in said, f"the credentials of {user} are in the transcripts"
        # The lab's password is short: as a word of its own.
        assert not {plain, alone} & set(re.split(r"[^\w+/]+", said)), "the password is in the transcripts"


def test_no_secret_that_was_refused_is_in_the_transcripts(case):
    wrong = "Wr0ng-pass.word+that is/refused"
    for old, user, code in (("user = service\npassword = env:LAB_PASSWORD", "service", 4),
                            ("provider = alpha\npassword = env:LAB_PASSWORD", "u1@alpha.test", 2)):
        case.configure(["u1@alpha.test"])
        text = case.config.read_text(encoding="utf-8")
        assert old in text, old
        case.config.write_text(text.replace(old, old.replace("LAB_PASSWORD", "WRONG")), encoding="utf-8")
        result = case.postproof("-vv", "run", expect=code, env={"WRONG": wrong})
        assert user in result.stderr, result.stderr
        for form in forms(wrong, user):
            assert form not in result.stderr + result.stdout, f"{form} is in the output:\n{result.stderr}"
        if case.store.exists():
            assert all(form.encode() not in case.store.read_bytes() for form in forms(wrong, user))
