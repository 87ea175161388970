"""The store: judged again, refused when it cannot be read, and limits that are said before anything is sent."""
import os
import stat
import subprocess

from harness import TOP, sqlite


def test_stored_run_is_judged_again_without_sending(case):
    case.configure(["u3@alpha.test"])
    case.run(expect=0)
    assert stat.S_IMODE(os.stat(case.store).st_mode) == 0o600
    before = sqlite(case, "SELECT count(*) FROM send_event")
    other = case.folder / "other.ini"
    other.write_text(case.config.read_text(encoding="utf-8") + "[expect]\nplacement = spam\n", encoding="utf-8")
    result = case.postproof("matrix", "--judge-by", str(other), expect=1)
    assert "inbox" in result.stdout and "spam" in result.stdout, result.stdout
    assert sqlite(case, "SELECT count(*) FROM send_event") == before
    case.config.write_text("this is no configuration\n", encoding="utf-8")
    assert case.postproof("matrix", expect=0).stdout
    run = case.json()
    assert run["schema"] == 1 and len(run["probes"]) == 1, run
    assert case.lab.env["LAB_PASSWORD"] not in sqlite(case, "SELECT group_concat(value) FROM run_setting").split(",")


def test_store_of_a_newer_version_is_left_alone(case):
    case.configure(["u3@alpha.test"])
    case.run(expect=0)
    sqlite(case, "PRAGMA user_version = 99")
    for command in (("matrix",), ("run", "--progress", "none"), ("history",)):
        result = case.postproof(*command, expect=4)
        assert "newer" in result.stderr, result.stderr
    assert sqlite(case, "PRAGMA user_version; SELECT count(*) FROM run").split() == ["99", "1"]


def test_too_few_descriptors_are_said_before_anything_is_sent(case):
    case.configure(["u1@alpha.test", "u1@charlie.test"])
    command = case.command("run", "--progress", "none")
    command = command[:2] + ["sh", "-c", 'ulimit -n 48; exec "$@"', "sh"] + command[2:]
    result = subprocess.run(command, env=case.lab.env, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    assert result.returncode == 4 and "descriptors" in result.stderr, result
    assert sqlite(case, "SELECT count(*) FROM send_event") == "0"


def test_a_store_of_the_version_before_says_what_is_judged_differently(case):
    case.configure(["u3@alpha.test"])
    sqlite(case, f".read {TOP}/tests/data/store/v5.sql")
    matrix = case.postproof("matrix", expect=(0, 1, 2)).stdout
    assert "An older version of postproof made this run. This version judges some of it differently:" in matrix, matrix
    assert "\n  - SPF, DKIM and DMARC results that a provider writes below its own Received field" in matrix, matrix
    assert matrix.splitlines()[-1].startswith("1 probe: "), matrix
    explained = case.postproof("explain", "1", "ana@alpha.test").stdout
    assert "made this run" in explained, explained
    program = case.json("1")["program"]
    assert program["version"] is None and program["reading"] is None and len(program["changes"]) > 1, program
    # Reading brought the store up to date; a run of today has nothing to say.
    assert int(sqlite(case, "PRAGMA user_version")) > 5
    case.run(expect=0)
    assert "made this run" not in case.postproof("matrix", expect=0).stdout
    program = case.json()["program"]
    assert program["version"] and program["reading"] >= 2 and program["changes"] == [], program
    assert "made this run" in case.postproof("matrix", "1", expect=(0, 1, 2)).stdout


def test_store_that_goes_during_a_run_is_told(case):
    for what, says in (("delete", "was deleted"), ("replace", "was replaced"), ("empty", "was cut off")):
        case.store = case.folder / f"{what}.sqlite"
        case.configure(["discard@alpha.test"], run="wait = 3s\nsettle = 0")
        process = case.start("run", "--progress", "plain")
        while ": sent" not in process.stderr.readline():
            assert process.poll() is None
        if what == "delete":
            case.store.unlink()
        elif what == "replace":
            copy = case.folder / "copy"
            copy.write_bytes(case.store.read_bytes())
            copy.replace(case.store)
        else:
            os.truncate(case.store, 0)
        out, err = process.communicate(timeout=90)
        assert process.returncode == 4 and says in err, (what, process.returncode, out, err)
        assert "discard@alpha.test" not in out, out
