#!/usr/bin/python3
"""Proves the answers of a run by its own facts alone: signatures of each record set, keys up to the trust anchor, and
proofs of absence (RFC 4035 section 5), with another implementation than ours (Debian's python3-dnspython).

  verify_chain.py STORE RUN ANCHOR

Prints a line for each answer: `proved|unsigned|FAILED NAME TYPE ...`; exit code 1 where one fails."""
import sqlite3
import sys

import dns.dnssec
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset


class Chain:
    def __init__(self, store, run, anchor):
        rows = sqlite3.connect(f"file:{store}?mode=ro", uri=True).execute(
            "SELECT name, type, at_ms, octets FROM dns_answer a JOIN dns_packet p ON p.answer = a.id"
            " WHERE run = ? AND state = 'answered' ORDER BY a.id DESC", (run,)).fetchall()
        self.answers = {(dns.name.from_text(name), kind): (at / 1000, dns.message.from_wire(octets))
                        for name, kind, at, octets in rows}
        with open(anchor, encoding="ascii") as file:
            self.anchors = {"".join(line.split()[3:]).lower() for line in file}
        self.keys = {}

    def keys_of(self, zone):
        """The DNSKEY set of a zone, proved by the DS set of its parent or by the anchor."""
        if zone not in self.keys:
            at, message = self.answers[(zone, dns.rdatatype.DNSKEY)]
            found = self.set_of(message, zone, dns.rdatatype.DNSKEY)
            if zone == dns.name.root:
                wanted = self.anchors
            else:
                at_ds, ds = self.answers[(zone, dns.rdatatype.DS)]
                rrset = self.set_of(ds, zone, dns.rdatatype.DS)
                self.check(ds, rrset, at_ds)
                wanted = {rd.to_text().replace(" ", "").lower() for rd in rrset}
            made = {dns.dnssec.make_ds(zone, key, algorithm).to_text().replace(" ", "").lower()
                    for key in found for algorithm in ("SHA256", "SHA384")}
            if not made & wanted:
                raise ValueError(f"no key of {zone} has a DS: {made} {wanted}")
            dns.dnssec.validate(found, self.set_of(message, zone, dns.rdatatype.RRSIG, dns.rdatatype.DNSKEY),
                                {zone: found}, now=at)
            self.keys[zone] = found
        return self.keys[zone]

    @staticmethod
    def set_of(message, owner, kind, covers=dns.rdatatype.NONE):
        for section in (message.answer, message.authority):
            for rrset in section:
                if (rrset.name, rrset.rdtype, rrset.covers) == (owner, kind, covers):
                    return rrset
        return None

    def check(self, message, rrset, at):
        signatures = self.set_of(message, rrset.name, dns.rdatatype.RRSIG, rrset.rdtype)
        if signatures is None:
            raise LookupError(f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)} has no signature")
        signer = signatures[0].signer
        dns.dnssec.validate(rrset, signatures, {signer: self.keys_of(signer)}, now=at)

    @staticmethod
    def denied(message, name, kind, exists):
        """Whether an NSEC record says that there is no such name, or no such type at it (RFC 4035 section 5.4)."""
        for rrset in message.authority:
            if rrset.rdtype != dns.rdatatype.NSEC:
                continue
            types = {window * 256 + 8 * i + bit for window, bits in rrset[0].windows for i, octet in enumerate(bits)
                     for bit in range(8) if octet & 0x80 >> bit}
            covers = rrset.name < name and (name < rrset[0].next or rrset[0].next <= rrset.name)
            if exists and (rrset.name == name and kind not in types or covers and rrset[0].next.is_subdomain(name)):
                return True
            if not exists and covers:
                return True
        return False

    def prove(self, name, kind):
        at, message = self.answers[(name, kind)]
        sets = [rrset for section in (message.answer, message.authority) for rrset in section
                if rrset.rdtype != dns.rdatatype.RRSIG]
        for rrset in sets:
            self.check(message, rrset, at)
        owner, steps = name, 0
        while (alias := self.set_of(message, owner, dns.rdatatype.CNAME)) is not None and kind != dns.rdatatype.CNAME:
            owner, steps = alias[0].target, steps + 1
        words = f"by {len(sets)} sets" + (f" over {steps} aliases" if steps else "")
        if self.set_of(message, owner, kind) is not None:
            return words
        if not self.denied(message, owner, kind, message.rcode() == 0):
            raise ValueError("nothing denies it")
        return words + " as absent"


def main():
    chain = Chain(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    failed = False
    for name, kind in sorted(chain.answers):
        label = f"{name} {dns.rdatatype.to_text(kind)}"
        try:
            print("proved", label, chain.prove(name, kind))
        except LookupError as problem:
            print("unsigned", label, problem)
        except Exception as problem:  # whatever it is, it is no proof
            failed = True
            print("FAILED", label, repr(problem))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
