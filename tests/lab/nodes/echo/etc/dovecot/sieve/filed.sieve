require ["fileinto", "mailbox"];
# this user keeps what comes in elsewhere
fileinto :create "Účtenky/2026";
