"""What every end-to-end test stands on: the lab, postproof on it, and the facts that come out."""
import csv
import io
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
LAB = TOP / "tests" / "lab" / "lab"
SERVICE = "example.service.gov.uk"

ORDINARY = """From: Example Service <hello@example.service.gov.uk>
To: {{to}}
Subject: Your application HDJ2123F has been received
Date: {{date}}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Dear applicant,

We have received your application. Your reference is HDJ2123F.

Example Service
"""
GTUBE = ORDINARY.replace(
    "We have received",
    "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n\nWe have received")
PROVIDERS = ("alpha", "bravo", "charlie", "delta", "echo")


class Lab:
    def __init__(self, program):
        self.program = program
        self.env = dict(os.environ)
        self.env.setdefault("LAB_RUN", str(TOP / "build" / "lab-e2e"))
        self.env["POSTPROOF_RULES"] = str(TOP / "harness" / "judge" / "rules")

    def lab(self, *args, check=True, **options):
        return subprocess.run([str(LAB), *args], env=self.env, check=check, text=True, capture_output=True,
                              timeout=options.pop("timeout", 300), **options)

    def start(self):
        up = self.lab("status", check=False).returncode == 0
        if not up:
            subprocess.run([str(LAB), "up"], env=self.env, check=True, timeout=900, stdout=subprocess.DEVNULL)
        for line in self.lab("env").stdout.splitlines():
            name, value = line.split("=", 1)
            self.env[name] = shlex.split(value)[0]
        self.env["LAB_PASSWORD"] = pathlib.Path(self.env["LAB_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
        return not up

    def stop(self):
        self.lab("down", check=False)


class Case:
    """One test: a folder of its own with configuration and store; the lab is healed and reset when it ends."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postproof-e2e-"))
        self.config = self.folder / "postproof.ini"
        self.store = self.folder / "store.sqlite"
        self.touched = False
        self.processes = []
        (self.folder / "ordinary.eml").write_text(ORDINARY, encoding="utf-8")
        (self.folder / "gtube.eml").write_text(GTUBE, encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        if self.touched:
            self.lab.lab("heal", check=False)
            self.lab.lab("dns", "reset", check=False)
        shutil.rmtree(self.folder)

    # --- the lab ---

    def fault(self, *args):
        self.touched = True
        return self.lab.lab("fault", *args)

    def heal(self, *args):
        return self.lab.lab("heal", *args)

    def dns(self, *args):
        self.touched = True
        return self.lab.lab("dns", *args)

    def inside(self, node, *command, check=True, stdin=None):
        return self.lab.lab("exec", node, *command, check=check, input=stdin)

    # --- postproof ---

    def configure(self, seeds, messages=("ordinary",), more="", run="wait = 40s\nsettle = 1s", check="off", smtp="", provider_more=None):
        """Writes a configuration; seeds are addresses, or (address, provider)."""
        env = self.lab.env
        text = [f"""[service]
from = Example Service <hello@{SERVICE}>
envelope_sender = b+{{tag}}@bounces.{SERVICE}
[smtp]
url = smtp://mail.{SERVICE}:587
user = service
password = env:LAB_PASSWORD
ca_file = {env['LAB_CA']}
pace = 0
retry = 1s
{smtp}
[bounces]
host = imap.{SERVICE}
user = bounces@bounces.{SERVICE}
password = env:LAB_PASSWORD
ca_file = {env['LAB_CA']}
[run]
check = {check}
{run}
"""]
        for message in messages:
            text.append(f"[message {message}]\ntemplate = {message}.eml\n")
        used = set()
        for seed in seeds:
            address, provider = seed if isinstance(seed, tuple) else (seed, seed.split("@")[1].split(".")[0])
            used.add(provider)
            # an address without a mailbox of its own is read in another one of its provider
            user = ""
            if "@foxtrot" in address:
                user = "user = forwarded@charlie.test\n"
            elif address.startswith("gone@"):
                user = f"user = u1@{provider}.test\n"
            text.append(f"[seed {address}]\nprovider = {provider}\npassword = env:LAB_PASSWORD\n{user}")
        for provider in sorted(used):
            text.append(self.provider(provider, (provider_more or {}).get(provider, "")))
        text.append(more)
        self.config.write_text("".join(text), encoding="utf-8")

    def provider(self, name, more=""):
        ca = self.lab.env["LAB_CA"]
        host, mx = f"imap.{name}.test", f"mx.{name}.test"
        if name in ("svc", "staff"):
            host, mx = f"imap.{SERVICE}", f"mail.{SERVICE}"
        extra = {"bravo": "reports = spf, dkim\n", "echo": "scan_interval = 1s\n"}.get(name, "")
        expect = "[expect delta]\ntls = none\n" if name == "delta" else ""
        return (f"[provider {name}]\nhost = {host}\nca_file = {ca}\nauthserv_id = {mx}\nreceived_by = {mx}\n"
                f"{extra}{more}\n{expect}")

    def command(self, *args, verbose=False):
        return [str(LAB), "core", self.lab.program, "-c", str(self.config), "--store", str(self.store),
                *(["-v"] if verbose else []), *args]

    def start(self, *args, env=None, **options):
        process = subprocess.Popen(self.command(*args, **options), env={**self.lab.env, **(env or {})}, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                   errors="replace")
        self.processes.append(process)
        return process

    def postproof(self, *args, expect=None, env=None, timeout=240, **options):
        """Runs postproof to its end and returns it; `expect` is the exit code, or several of them."""
        result = subprocess.run(self.command(*args, **options), env={**self.lab.env, **(env or {})}, text=True,
                                capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout, errors="replace")
        if "Sanitizer" in result.stderr or "runtime error" in result.stderr:
            raise AssertionError(f"a sanitizer speaks:\n{result.stderr}")
        if expect is not None and result.returncode not in (expect if isinstance(expect, tuple) else (expect,)):
            raise AssertionError(f"{args}: exit code {result.returncode}, expected {expect}\n{result.stdout}\n{result.stderr}")
        return result

    def run(self, *args, expect=None, **options):
        """A run; returns its rows as the CSV export has them."""
        self.postproof("run", "--progress", "plain", *args, expect=expect, **options)
        return self.rows()

    def rows(self, *args):
        text = self.postproof("export", *args, "--format", "csv", expect=(0, 1, 2)).stdout
        return list(csv.DictReader(io.StringIO(text)))

    def json(self, *args):
        return json.loads(self.postproof("export", *args, "--format", "json", expect=(0, 1, 2)).stdout)

    def sent_count(self, row):
        """How often the service's server took the message of a row in: queue ids whose envelope sender carries its tag.
        (Content that was cut off before its end is logged by cleanup, but never by qmgr.)"""
        tag = row["message_id"].split("@")[0].removeprefix("pp.")
        text = self.inside("svc", "grep", f"qmgr.*from=<b+{tag}@", "/var/log/mail.log", check=False).stdout
        return len({line.split(": ")[1] for line in text.splitlines()})

    def imap(self, host, user, script):
        """Runs a Python script on the mailbox, as another mail program would: `c` is a session of imaplib."""
        head = ("import imaplib, ssl\n"
                f"c = imaplib.IMAP4_SSL({host!r}, 993, ssl_context=ssl.create_default_context(cafile={self.lab.env['LAB_CA']!r}))\n"
                f"c.login({user!r}, {self.lab.env['LAB_PASSWORD']!r})\n")
        return self.lab.lab("core", "python3", "-c", head + script).stdout

    def row(self, rows, seed, message="ordinary"):
        found = [r for r in rows if r["seed"] == seed and r["message"] == message]
        assert len(found) == 1, f"{seed} {message}: {len(found)} rows in {rows}"
        return found[0]


def expect_row(row, **values):
    """The row has these values; a value that is a tuple lists what is right."""
    wrong = {k: row[k] for k, v in values.items() if row[k] not in (v if isinstance(v, tuple) else (v,))}
    assert not wrong, f"{row['seed']} {row['message']}: {wrong}, expected {values}\nreason: {row['reason']}"


def sqlite(case, sql):
    """What the store of the case answers, as text."""
    return subprocess.run(["sqlite3", str(case.store), sql], check=True, text=True, capture_output=True).stdout.strip()


def wait_for(what, condition, seconds=30):
    """Waits for an event, with a deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")

