"""What the benchmarks share: a lab of their own, postproof measured from outside, figures."""
import argparse
import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import harness  # noqa: E402

PARKED = "40002019"  # EPOLLIN | EPOLLRDHUP | EPOLLONESHOT and what is always on, as /proc/PID/fdinfo writes the events of a parked session


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(harness.TOP / "build" / "bench" / "postproof"),
                        help="a build without sanitizers (default: build/bench/postproof, which tests/bench/run makes)")
    parser.add_argument("--keep", action="store_true", help="leave the lab up")
    return parser


@contextlib.contextmanager
def lab_with(options, *nodes):
    """A lab with these nodes besides its usual ones, in a run folder of its own unless LAB_RUN is set."""
    if not os.access(options.program, os.X_OK):
        sys.exit(f"{options.program} is not there: `tests/bench/run build` makes build/bench/postproof, --program names another")
    os.environ.setdefault("LAB_RUN", str(harness.TOP / "build" / "lab-bench"))
    lab = harness.Lab(os.path.abspath(options.program))
    lab.lab("up", *[word for node in nodes for word in ("--with", node)], timeout=900)
    lab.start()
    try:
        yield lab
    finally:
        if not options.keep:
            lab.stop()


class Measured(harness.Case):
    """One run of postproof with note.c preloaded."""

    def __init__(self, lab, name):
        super().__init__(lab, name)
        self.log = self.folder / "log"
        self.library = self.folder / "note.so"
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", str(self.library),
                        str(HERE / "note.c"), "-ldl", "-pthread"], check=True)

    def change(self, old, new):
        """Changes the written configuration."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text, old
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    def begin(self):
        """Starts a run; its process id is in `pid` from then on."""
        command = [str(harness.LAB), "core", "env", f"LD_PRELOAD={self.library}", f"BENCH_LOG={self.log}",
                   self.lab.program, "-c", str(self.config), "--store", str(self.store), "run", "--progress", "plain"]
        self.output = open(self.folder / "output", "w+", encoding="utf-8")
        process = subprocess.Popen(command, env=self.lab.env, stdin=subprocess.DEVNULL, stdout=self.output,
                                   stderr=subprocess.STDOUT)
        self.processes.append(process)
        self.pid = harness.wait_for("postproof has started", self.find)
        return process

    def find(self):
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if words[0] == self.lab.program.encode() and str(self.store).encode() in words:
                    return int(folder.name)
            except OSError:
                pass
        return None

    def without_bounces(self):
        text = self.config.read_text(encoding="utf-8")
        self.config.write_text(text[:text.index("[bounces]")] + text[text.index("[run]"):], encoding="utf-8")

    def found(self, provider):
        """How many messages to the provider were found."""
        query = ("SELECT count(DISTINCT probe) FROM observation JOIN probe ON probe.id = observation.probe"
                 f" WHERE provider = '{provider}'")
        return int(harness.sqlite(self, query))

    def interrupt(self):
        os.kill(self.pid, signal.SIGINT)

    def said(self):
        return (self.folder / "output").read_text(encoding="utf-8", errors="replace")

    def lost(self):
        """Sessions that went and were made again: where there are any, the figures are those of logging in."""
        return self.said().count("connecting again")

    def parked(self):
        count = 0
        for info in pathlib.Path(f"/proc/{self.pid}/fdinfo").iterdir():
            with contextlib.suppress(OSError):
                text = info.read_text()
                count += sum(f"events: {PARKED} " in " ".join(line.split()) for line in text.splitlines()
                             if line.startswith("tfd:"))
        return count

    def rss(self):
        pages = int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def threads(self):
        return len(list(pathlib.Path(f"/proc/{self.pid}/task").iterdir()))

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def noted(self, word):
        """The numbers of each line of note.c that begins with this word."""
        lines = [line.split() for line in self.log.read_text().splitlines()] if self.log.exists() else []
        return [tuple(map(int, line[1:])) for line in lines if line[0] == word]


def parts(detected):
    """What a detection consists of, as note.c tells it: pairs of a name and its times."""
    return [("readable to committed", [total for total, *_ in detected]),
            ("  until a worker has it", [taken for _, taken, *_ in detected]),
            ("  until the server answers", [server for _, _, server, _ in detected]),
            ("  in the commit", [commit for *_, commit in detected]),
            ("  the rest: own work, lock", [total - sum(others) for total, *others in detected])]


def quantiles(microseconds):
    ordered = sorted(microseconds)
    return (statistics.median(ordered) / 1000, ordered[int(len(ordered) * 0.95)] / 1000, ordered[-1] / 1000)
