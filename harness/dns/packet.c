/* The walk over a message. Must end, and stay inside, whatever the octets are. */
#include "harness/dns/packet.h"

#include <stdint.h>

enum {
	HEADER_LEN = 12,
	FIXED_LEN = 10, /* of a record, behind its owner: type, class, TTL, length */
	TYPE_RRSIG = 46,
	RRSIG_SIGNER_AT = 18,
	NAME_WIRE_MAX = 255,
	POINTER = 0xc0,
};

static unsigned packet_octet(struct span packet, size_t at)
{
	return (unsigned char)packet.p[at];
}

static unsigned packet_u16(struct span packet, size_t at)
{
	return packet_octet(packet, at) << 8 | packet_octet(packet, at + 1);
}

/* Reads a name that may be compressed (RFC 1035 section 4.1.4); *at is moved behind it. A pointer must point before
 * the place that was read last, so that the walk ends. */
static bool packet_name(struct span packet, size_t *at, char out[DNS_NAME_TEXT_MAX])
{
	char wire[NAME_WIRE_MAX];
	size_t from = *at, limit = packet.len, len = 0, end = 0;
	for (;;) {
		if (from >= limit)
			return false;
		unsigned label = packet_octet(packet, from);
		if ((label & POINTER) == POINTER) {
			if (from + 2 > limit)
				return false;
			size_t target = packet_u16(packet, from) & 0x3fff;
			end = end ? end : from + 2;
			if (target >= from || target < HEADER_LEN)
				return false;
			limit = from;
			from = target;
			continue;
		}
		if (label > 63 || from + 1 + label > limit || len + 1 + label > sizeof(wire))
			return false;
		for (size_t i = 0; i <= label; i++)
			wire[len++] = packet.p[from++];
		if (label == 0)
			break;
	}
	*at = end ? end : from;
	return dns_name_from_wire(span_make(wire, len), out, NULL);
}

bool packet_open(struct packet_reader *reader, struct span packet)
{
	char name[DNS_NAME_TEXT_MAX];
	*reader = (struct packet_reader){ .packet = packet, .at = HEADER_LEN };
	if (packet.len < HEADER_LEN || packet.len > UINT16_MAX || packet_u16(packet, 4) != 1 ||
	    !packet_name(packet, &reader->at, name) || reader->at + 4 > packet.len)
		return false;
	reader->at += 4;
	reader->left[PACKET_ANSWER] = packet_u16(packet, 6);
	reader->left[PACKET_AUTHORITY] = packet_u16(packet, 8);
	return true;
}

static bool packet_read(struct packet_reader *reader, struct packet_record *ret)
{
	size_t at = reader->at;
	if (!packet_name(reader->packet, &at, ret->owner) || at + FIXED_LEN > reader->packet.len)
		return false;
	size_t len = packet_u16(reader->packet, at + 8), rdata = at + FIXED_LEN;
	ret->type = (enum dns_type)packet_u16(reader->packet, at);
	if (rdata + len > reader->packet.len)
		return false;
	reader->at = rdata + len;
	ret->is_signature = ret->type == (enum dns_type)TYPE_RRSIG;
	if (!ret->is_signature)
		return true;
	if (len <= RRSIG_SIGNER_AT)
		return false;
	ret->type = (enum dns_type)packet_u16(reader->packet, rdata);
	at = rdata + RRSIG_SIGNER_AT;
	return packet_name(span_sub(reader->packet, 0, rdata + len), &at, ret->signer);
}

bool packet_next(struct packet_reader *reader, struct packet_record *ret)
{
	int section = reader->left[PACKET_ANSWER] > 0 ? PACKET_ANSWER : PACKET_AUTHORITY;
	*ret = (struct packet_record){ .section = (enum packet_section)section };
	if (reader->left[section] == 0)
		return false;
	reader->left[section]--;
	if (packet_read(reader, ret))
		return true;
	reader->left[PACKET_ANSWER] = reader->left[PACKET_AUTHORITY] = 0;
	return false;
}
