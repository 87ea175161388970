"""Signing in to real servers by every mechanism: Dovecot for IMAP, Postfix with Dovecot for submission."""
import base64

MECHANISMS = ("plain", "login", "scram-sha-256", "scram-sha-1", "cram-md5")


def test_every_mechanism_signs_in_to_imap_and_smtp(case):
    password = case.lab.env["LAB_PASSWORD"]
    for word in MECHANISMS:
        name = word.upper()
        case.configure(["u1@alpha.test"], smtp=f"mechanism = {word}", provider_more={"alpha": f"mechanism = {word}\n"})
        result = case.postproof("-vv", "run", expect=0)
        assert f"AUTH {name}" in result.stderr, f"{name} is not tried in:\n{result.stderr}"
        said = "LOGIN (user" if word == "login" else f"AUTHENTICATE {name} ("
        assert said in result.stderr, f"{said} is not said in:\n{result.stderr}"
        for user in ("service", "u1@alpha.test"):
            whole = base64.b64encode(f"\0{user}\0{password}".encode()).decode().rstrip("=")
            assert whole not in result.stderr, f"the credentials of {user} are in the transcript"
        case.store.unlink()


def test_wrong_password_is_told_by_every_mechanism(case):
    for word in MECHANISMS:
        case.configure(["u1@alpha.test"], smtp=f"mechanism = {word}", provider_more={"alpha": f"mechanism = {word}\n"})
        text = case.config.read_text(encoding="utf-8")
        wrong = text.replace("user = service\npassword = env:LAB_PASSWORD", "user = service\npassword = env:WRONG")
        case.config.write_text(wrong, encoding="utf-8")
        result = case.postproof("-vv", "run", expect=4, env={"WRONG": "not-it"})
        assert 'the server refuses user "service": 535 5.7.8' in result.stderr, result.stderr
        assert result.stderr.count("AUTH ") <= 1 + result.stderr.count("250-AUTH "), result.stderr
        wrong = text.replace("provider = alpha\npassword = env:LAB_PASSWORD", "provider = alpha\npassword = env:WRONG")
        case.config.write_text(wrong, encoding="utf-8")
        result = case.postproof("seeds", "check", expect=1, env={"WRONG": "not-it"})
        assert "Check user and password" in result.stdout, result.stdout


def test_mechanism_that_the_server_lacks_is_named(case):
    case.configure(["u1@bravo.test"], provider_more={"bravo": "mechanism = scram-sha-256\n"})
    result = case.postproof("seeds", "check", expect=1)
    assert "mechanism = scram-sha-256 is set" in result.stdout, result.stdout
