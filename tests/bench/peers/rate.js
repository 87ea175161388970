// Calls an asynchronous function for so many seconds of CPU time and prints the rate.
'use strict';

const spent = (begin) => {
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1e6;
};

module.exports = async (evaluate, seconds) => {
    await evaluate();
    let done = 0;
    const begin = process.cpuUsage();
    do {
        await evaluate();
        done++;
    } while (spent(begin) < seconds);
    console.log((done / spent(begin)).toFixed(1));
};
