#!/usr/bin/env python3
"""DKIM verification by dkimpy: dkim_dkimpy.py SECONDS MESSAGE KEY-RECORD prints verifications a second of CPU time.
dkim_dkimpy.py --sign MESSAGE KEY CANONICALISATION writes the message signed."""
import pathlib
import sys
import time

import dkim


def sign(message, key, canon):
    octets = pathlib.Path(message).read_bytes()
    field = dkim.sign(octets, b"bench", b"example.org", pathlib.Path(key).read_bytes(), include_headers=[
        b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type"],
        canonicalize=(canon.encode(), canon.encode()))
    sys.stdout.buffer.write(field + octets)


def measure(seconds, message, record):
    octets, record = pathlib.Path(message).read_bytes(), pathlib.Path(record).read_bytes()
    done, begin, spent = 0, time.process_time(), 0
    while spent < float(seconds):
        if not dkim.verify(octets, dnsfunc=lambda name, timeout=5: record):
            sys.exit("the signature does not verify")
        done += 1
        spent = time.process_time() - begin
    print(f"{done / spent:.1f}")


if sys.argv[1] == "--sign":
    sign(*sys.argv[2:])
else:
    measure(*sys.argv[1:])
