require ["fileinto", "body"];
if anyof (header :contains "Authentication-Results" "dmarc=fail",
          body :text :contains "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X") {
  fileinto "Nevyžádaná pošta";
  stop;
}
