"""An IMAP server that breaks off: `relay_imap.py CA HOST [TIMES]` prints its port on the loopback and hands every session
on to HOST (port 993), in plaintext. The first TIMES answers with a whole message (without TIMES all of them) end in the
middle of the literal, and the connection with them."""
import itertools
import re
import socket
import ssl
import sys
import threading

WHOLE = re.compile(rb"BODY\[\](?:<0>)? \{(\d+)\}\r\n$")


def upwards(client, server):
    with client:
        while octets := client.recv(65536):
            server.sendall(octets)
    server.close()


def downwards(server, client, breaks):
    with server.makefile("rb") as answers, client:
        while line := answers.readline():
            client.sendall(line)
            literal = WHOLE.search(line)
            if literal and next(breaks, None) is not None:
                client.sendall(answers.read(int(literal[1]) // 2))
                client.shutdown(socket.SHUT_RDWR)
                return


def guarded(function, *args):
    try:
        function(*args)
    except (OSError, ValueError):
        pass  # one side has gone


def main():
    context = ssl.create_default_context(cafile=sys.argv[1])
    breaks = iter(range(int(sys.argv[3]))) if len(sys.argv) > 3 else itertools.count()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            client, _ = listener.accept()
            server = context.wrap_socket(socket.create_connection((sys.argv[2], 993)), server_hostname=sys.argv[2])
            for args in ((upwards, client, server), (downwards, server, client, breaks)):
                threading.Thread(target=guarded, args=args, daemon=True).start()


if __name__ == "__main__":
    main()
