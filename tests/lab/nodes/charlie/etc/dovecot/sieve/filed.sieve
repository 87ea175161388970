require ["fileinto", "mailbox"];
# this user keeps what comes in elsewhere
fileinto :create "Reçus/2026";
