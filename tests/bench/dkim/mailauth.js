// DKIM verification by mailauth: node mailauth.js MESSAGE KEY-RECORD SECONDS prints verifications a second of CPU time.
'use strict';
const fs = require('fs');
const { dkimVerify } = require('mailauth/lib/dkim/verify');

const [message, record] = process.argv.slice(2, 4).map((path) => fs.readFileSync(path));
const seconds = Number(process.argv[4]);

async function verify() {
    const { results } = await dkimVerify(message, { resolver: async () => [[record.toString()]] });
    if (results.length !== 1 || results[0].status.result !== 'pass')
        throw new Error('the signature does not verify');
}

const spent = (begin) => {
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1e6;
};

(async () => {
    await verify();
    let done = 0;
    const begin = process.cpuUsage();
    do {
        await verify();
        done++;
    } while (spent(begin) < seconds);
    console.log((done / spent(begin)).toFixed(1));
})();
