require ["fileinto", "mailbox", "envelope"];
if header :contains ["X-Spam", "X-Spam-Flag"] "yes" {
  fileinto "Junk";
  stop;
}
# this user keeps what comes in elsewhere
if envelope :localpart :is "to" "filed" {
  fileinto :create "Receipts/2026";
}
