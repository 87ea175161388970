require ["fileinto", "mailbox"];
# this user keeps what comes in elsewhere
fileinto :create "Receipts/2026";
