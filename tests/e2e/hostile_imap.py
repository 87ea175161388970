"""A hostile IMAP server for one test, in plaintext on the loopback: `hostile_imap.py BEHAVIOUR` prints its port and serves
until it is killed. It is polite until the command that the behaviour names."""
import socket
import sys
import threading

BEHAVIOURS = {
    # command before which it misbehaves, and what it sends instead of an answer (`@`: the tag)
    "silent-greeting": ("GREETING", None),
    "silent-login": ("AUTHENTICATE", None),
    "garbage": ("LIST", b"\x00\xff\xfe random \r\n" * 50 + b"((((\r\n"),
    "literal-of-4-gb": ("LIST", b'* LIST () "/" {4294967295}\r\n' + b"x" * 65536),
    "nested-parentheses": ("LIST", b"* LIST " + b"(" * 100000 + b"\r\n"),
    "endless-line": ("LIST", b"* OK " + b"x" * 3000000),
    "unknown-response": ("STATUS", b"* WHATEVER this is (1 2 3)\r\n"),
    "bye": ("LIST", b"* BYE going down\r\n"),
    "starttls-injection": ("STARTTLS", b"@ OK begin\r\n* PREAUTH injected\r\n"),
    "closes-in-literal": ("LIST", b'* LIST () "/" {100}\r\nhalf'),
}


def serve(connection, trigger, answer):
    with connection, connection.makefile("rwb") as f:
        if trigger == "GREETING":
            f.read()
            return
        f.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN STARTTLS] ready\r\n")
        f.flush()
        while line := f.readline():
            tag, _, rest = line.strip().partition(b" ")
            verb = rest.split(b" ")[0].upper().decode("ascii", "replace")
            if verb == trigger:
                if answer is None:
                    f.read()
                    return
                f.write(answer.replace(b"@", tag))
                f.flush()
                if trigger != "STATUS":
                    return
            if verb == "AUTHENTICATE" and len(rest.split(b" ")) < 3:
                f.write(b"+ \r\n")
                f.flush()
                f.readline()
            if verb == "LIST":
                f.write(b'* LIST () "/" INBOX\r\n')
            if verb == "STATUS":
                f.write(b"* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)\r\n")
            if verb == "CAPABILITY":
                f.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
            f.write(tag + b" OK done\r\n")
            f.flush()


def guarded(*args):
    try:
        serve(*args)
    except OSError:
        pass  # the client has had enough


def main():
    trigger, answer = BEHAVIOURS[sys.argv[1]]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=guarded, args=(connection, trigger, answer), daemon=True).start()


if __name__ == "__main__":
    main()
