// SPF evaluation by mailauth: node spf_mailauth.js SECONDS ZONE. The zone has lines `name TYPE value`.
'use strict';
const fs = require('fs');
const { spf } = require('mailauth/lib/spf');
const rate = require('./rate');

const zone = new Map();
for (const line of fs.readFileSync(process.argv[3], 'utf8').split('\n').filter(Boolean)) {
    const [, name, type, value] = line.match(/^(\S+) (\S+) (.*)$/);
    const [priority, exchange] = value.split(' ');
    const answer = { TXT: [value], MX: { priority: Number(priority), exchange }, A: value }[type];
    zone.set(`${name} ${type}`, [...(zone.get(`${name} ${type}`) || []), answer]);
}

const resolver = async (name, type) => {
    const answers = zone.get(`${name} ${type}`);
    if (!answers)
        throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return answers;
};

rate(async () => {
    const { status } = await spf({ ip: '192.0.2.10', helo: 'mail.example.org', sender: 'sender@example.org', resolver });
    if (status.result !== 'pass')
        throw new Error(`the result is ${status.result}`);
}, Number(process.argv[2]));
