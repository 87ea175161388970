require ["fileinto"];
if header :contains ["X-Spam", "X-Spam-Flag"] "YES" {
  fileinto "Junk";
  stop;
}
