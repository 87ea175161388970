"""verify and spf on input that nobody would send, and over a DNS that nobody would publish."""
import json
import subprocess
import time

from harness import LAB

ZONE = """$ORIGIN example.test.
$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc IN TXT "v=DMARC1; p=reject"
"""
FROM = b"From: Ana <ana@example.test>\r\n"

# what is in the file, and what DMARC says of it without an address
MESSAGES = {
    "nothing": (b"", "none"),
    "no header block": (b"\r\nhello\r\n", "none"),
    "no empty line": (FROM, "fail"),
    "10,000 fields": (FROM + b"".join(b"X-%d: y\r\n" % i for i in range(10000)) + b"\r\nhello\r\n", "fail"),
    "10,000 signatures": (b"DKIM-Signature: v=1\r\n" * 10000 + FROM + b"\r\nhello\r\n", "unknown"),
    "a line of a megabyte": (b"Subject: " + b"a" * 1000000 + b"\r\n" + FROM + b"\r\nhello\r\n", "fail"),
    "NULs": (b"Sub\0ject: \0\0\r\n" + FROM + b"\r\n\0\0\0\r\n", "fail"),
    "bare LF": (FROM.replace(b"\r", b"") + b"\nhello\n", "fail"),
    "bare CR": (FROM + b"X: a\rb\r\n\r\nhello\rthere\r\n", "fail"),
    "no UTF-8": (b"From: \xff\xfe <ana@example.test>\r\nDKIM-Signature: d=\xff; s=\xc3\x28\r\n\r\n\xff\r\n", "fail"),
    "all octets": (bytes(range(256)) * 50, None),
    "a body of 25 MB": (FROM + b"\r\n" + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 330000, "fail"),
}


def zone(case, text=ZONE, name="test.zone"):
    path = case.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_any_octets_give_valid_json(case):
    records = zone(case)
    for name, (octets, dmarc) in MESSAGES.items():
        message = case.folder / "message.eml"
        message.write_bytes(octets)
        begun = time.monotonic()
        text = case.postproof("verify", str(message), "--zone", records, "--format", "json", expect=0).stdout
        assert time.monotonic() - begun < 30, name
        result = json.loads(text)
        if dmarc:
            assert result["dmarc"]["rfc9989"]["result"] == dmarc, (name, result["dmarc"])
        case.postproof("verify", str(message), "--zone", records, expect=0)


def test_a_message_comes_from_standard_input_too(case):
    result = subprocess.run(case.command("verify", "-", "--zone", zone(case), "--format", "json"), env=case.lab.env,
                            input=FROM + b"\r\nhello\r\n", capture_output=True, timeout=60, check=True)
    assert json.loads(result.stdout)["dmarc"]["from_domain"] == "example.test", result.stdout


def test_mistakes_are_named(case):
    message = case.folder / "message.eml"
    message.write_bytes(FROM + b"\r\nhello\r\n")
    broken = zone(case, "$ORIGIN example.test.\n@ IN TXT \"v=spf1 -all\"\n@ IN MX ten mail\n", "broken.zone")
    for arguments, says in (
            (("verify", str(case.folder / "missing.eml")), "missing.eml"),
            (("verify", str(message), "--zone", broken), "broken.zone:3:"),
            (("verify", str(message), "--ip", "192.0.2"), "no IP address"),
            (("verify", str(message), "--helo", "x"), "--ip"),
            (("verify", str(message), "--at", "noon"), "no time"),
            (("verify", str(message), "--format", "xml"), "neither text nor json"),
            (("verify", str(message), "--snapshot", "1", "--zone", broken), "--snapshot"),
            (("verify", str(message), "--resolver", "nowhere"), "--resolver"),
            (("verify", str(message), "--expect", "fail"), "say pass"),
            (("spf", "192.0.2.1", "a@example.test"), "IP MAILFROM HELO"),
            (("spf", "mail.example.test", "a@example.test", "x"), "no IP address")):
        result = case.postproof(*arguments, expect=3)
        assert says in result.stderr, (arguments, result.stderr)
    result = case.postproof("verify", str(message), "--snapshot", "1", expect=(3, 4))
    assert "store" in result.stderr, result.stderr


def spf(case, records, *arguments, expect=0):
    result = case.postproof("spf", *arguments, "--zone", zone(case, records), "--format", "json", expect=expect)
    return json.loads(result.stdout)


def test_a_loop_and_a_tree_of_2000_includes_end_by_the_limits(case):
    loop = ("$ORIGIN test.\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n"
            "a IN TXT \"v=spf1 include:b.test -all\"\nb IN TXT \"v=spf1 include:a.test -all\"\n")
    result = spf(case, loop, "192.0.2.1", "x@a.test", "a.test")
    assert (result["result"], result["lookups"]) == ("permerror", 11), result
    tree = ["$ORIGIN test.", "@ IN SOA ns hostmaster 1 3600 600 86400 60"]
    for i in range(2000):
        includes = " ".join(f"include:n{2 * i + k}.test" for k in (1, 2) if 2 * i + k < 2000)
        tree.append(f"n{i} IN TXT \"v=spf1 {includes} ?all\"")
    begun = time.monotonic()
    result = spf(case, "\n".join(tree) + "\n", "192.0.2.1", "x@n0.test", "n0.test")
    assert (result["result"], result["lookups"]) == ("permerror", 11), result
    assert "11th DNS lookup at include:" in result["reason"], result
    assert time.monotonic() - begun < 10


def test_the_tree_counts_its_lookups(case):
    records = ZONE.replace("ip4:192.0.2.0/24", "include:_spf.example.test mx") + "_spf IN TXT \"v=spf1 a:none.example.test -all\"\n"
    text = case.postproof("spf", "192.0.2.1", "", "example.test", "--zone", zone(case, records), expect=0).stdout
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0].startswith("SPF fail for helo of example.test from 192.0.2.1"), text
    assert any(line.startswith("1    include:_spf.example.test") for line in lines), text
    assert any(line.startswith("2      a:none.example.test") for line in lines), text
    assert any(line.startswith("3    mx") for line in lines), text
    assert lines[-1] == "3 of 10 DNS lookups, 2 of 2 void lookups", text


def test_a_resolver_that_never_answers_is_a_temporary_error_in_time(case):
    message = case.folder / "message.eml"
    message.write_bytes(FROM + b"\r\nhello\r\n")
    sink = subprocess.Popen([str(LAB), "core", "python3", "-c",
                             "import socket,sys,time\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
                             "s.bind(('127.0.0.1',0))\nprint(s.getsockname()[1],flush=True)\nsys.stdin.read()"],
                            env=case.lab.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    case.processes.append(sink)
    port = sink.stdout.readline().strip()
    begun = time.monotonic()
    result = case.postproof("verify", str(message), "--ip", "192.0.2.1", "--mail-from", "a@example.test", "--resolver",
                            f"127.0.0.1:{port}", "--format", "json", expect=0, timeout=60)
    assert time.monotonic() - begun < 40
    result = json.loads(result.stdout)
    assert result["spf"]["result"] == "temperror", result["spf"]
    assert result["dmarc"]["rfc9989"]["result"] == "temperror", result["dmarc"]
    sink.stdin.close()
