// DKIM verification by mailauth: node dkim_mailauth.js SECONDS MESSAGE KEY-RECORD
'use strict';
const fs = require('fs');
const { dkimVerify } = require('mailauth/lib/dkim/verify');
const rate = require('./rate');

const [message, record] = process.argv.slice(3, 5).map((path) => fs.readFileSync(path));

rate(async () => {
    const { results } = await dkimVerify(message, { resolver: async () => [[record.toString()]] });
    if (results.length !== 1 || results[0].status.result !== 'pass')
        throw new Error('the signature does not verify');
}, Number(process.argv[2]));
