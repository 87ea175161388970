// The watch of tests/bench/idle with imapflow: the inbox and Junk of each seed, one connection each, in IDLE.
//   node watch.js SEEDS CA-FILE
// Writes "opened", and for each new message with a tag "detected SEED MICROSECONDS": from octets on the socket to the
// whole message fetched and parsed out of the connection, which is what postproof does before its commit. SIGTERM ends it.
import fs from "node:fs";
import { ImapFlow } from "imapflow";

const [seeds, caFile] = [Number(process.argv[2]), process.argv[3]];
const ca = fs.readFileSync(caFile);
const sessions = [];
const AT_ONCE = 64; // as many as postproof has workers

async function open(seed, folder) {
	const client = new ImapFlow({
		host: "imap.mass.test", port: 993, secure: true, logger: false, tls: { ca },
		auth: { user: `seed${seed}@mass.test`, pass: "lab" },
		disableAutoIdle: false,
	});
	client.on("error", (error) => console.error(String(error)));
	await client.connect();
	const box = await client.mailboxOpen(folder, { readOnly: true });
	let next = box.uidNext;
	let last = 0n;
	client.on("exists", async () => {
		const since = process.hrtime.bigint();
		if (since < last) return;
		const found = [];
		for await (const m of client.fetch(`${next}:*`, { uid: true, headers: ["x-postproof-tag", "subject"] }, { uid: true }))
			if (m.uid >= next) found.push(m.uid);
		for (const uid of found) {
			next = Math.max(next, uid + 1);
			await client.fetchOne(String(uid), { source: true, internalDate: true }, { uid: true });
			console.log(`detected ${seed} ${Number(process.hrtime.bigint() - since) / 1000 | 0}`);
		}
		client.idle().catch(() => {});
	});
	client.idle().catch(() => {});
	sessions.push(client);
}

const wanted = [];
for (let seed = 1; seed <= seeds; seed++) wanted.push([seed, "INBOX"], [seed, "Junk"]);
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
	for (let next = wanted.shift(); next; next = wanted.shift()) await open(...next);
}));
console.log("opened");
process.on("SIGTERM", () => process.exit(0));
