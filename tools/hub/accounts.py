"""Who may log in: accounts made from a list of names, passwords that only the slips show."""

import hashlib
import hmac
import html
import json
import os
import re
import secrets
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
TEACHER = "teacher"
FIRST_USER = 62_000
LATIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "\u0131": "i"}
)


@dataclass(frozen=True)
class Account:
    """One person. user: to log in with. number: of the system's user that the server runs as."""

    user: str
    name: str
    number: int
    salt: str
    hashed: str

    def lets_in(self, password: str) -> bool:
        """Whether this is the password; takes the same time for every wrong one."""
        return hmac.compare_digest(_hash(password, self.salt), self.hashed)


class Accounts:
    """The accounts of a class, kept in one file that only you can read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        known = json.loads(path.read_text("utf-8")) if path.exists() else []
        self.known = {one["user"]: Account(**one) for one in known}

    def add_all(self, names: list[str]) -> list[tuple[Account, str]]:
        """Make the accounts that aren't there yet; returns them with their passwords.

        A password is nowhere but in what this returns: only its hash is kept.
        """
        there = {account.name for account in self.known.values()}
        new = []
        for name in dict.fromkeys(names):
            if name not in there:
                password = new_password()
                salt = secrets.token_hex(16)
                number = FIRST_USER + len(self.known)
                user = _free_user(name, set(self.known))
                account = Account(user, name, number, salt, _hash(password, salt))
                self.known[user] = account
                new.append((account, password))
        self._write()
        return new

    def renew(self, user: str) -> tuple[Account, str]:
        """A new password for somebody who lost the slip. Raises KeyError for an unknown user."""
        old, password, salt = self.known[user], new_password(), secrets.token_hex(16)
        self.known[user] = Account(user, old.name, old.number, salt, _hash(password, salt))
        self._write()
        return self.known[user], password

    def _write(self) -> None:
        new = self.path.with_suffix(".new")
        number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump([asdict(account) for account in self.known.values()], file, indent=1)
        os.replace(new, self.path)


def names_in(text: str) -> list[str]:
    """The names in a file: one a line; empty lines and those after # are left out.

    Raises ValueError where there is none, one that is in it twice, or a line that is no name.
    """
    names = [" ".join(line.split()) for line in text.lstrip("\ufeff").splitlines()]
    names = [name for name in names if name and not name.startswith("#")]
    if not names:
        raise ValueError("there is no name in it: write one a line")
    for name in names:
        if len(name) > 100 or not user_of(name):
            raise ValueError(f"{name[:40]!r} is no name that makes an account")
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is in it twice: tell the two apart, as in '{name} 2'")
    return names


def user_of(name: str) -> str:
    """The name to log in with: small letters, digits and dots.

    >>> user_of("Dia Müller"), user_of("O'Neil, Ada")
    ('dia.mueller', 'oneil.ada')
    """
    plain = unicodedata.normalize("NFKD", name.lower().translate(LATIN))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("'", "")
    return re.sub(r"[^a-z0-9]+", ".", plain).strip(".")[:30].strip(".")


def new_password() -> str:
    """Two groups of five letters: 31 to the power of 10 of them, 49 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(2))


def slips(accounts: list[tuple[Account, str]], address: str, fingerprint: str) -> str:
    """A page to print and cut: one slip for each account."""
    warning = (
        "<p>The browser will warn that it doesn't know this server's certificate. It is the right "
        f"one if its SHA-256 fingerprint begins with <code>{html.escape(fingerprint[:23])}</code>."
        "</p>"
        if fingerprint
        else ""
    )
    parts = [
        f"<section><h2>{html.escape(account.name)}</h2><p>{html.escape(address)}</p>"
        f"<p>user <code>{html.escape(account.user)}</code></p>"
        f"<p>password <code>{html.escape(password)}</code></p>{warning}</section>"
        for account, password in accounts
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Slips</title><style>'
        "body { font: 12pt/1.3 sans-serif } section { border-bottom: 1px dashed; padding: 2mm; "
        "break-inside: avoid } code { font-size: 14pt } h2 { margin: 0 }"
        "</style></head><body>" + "\n".join(parts) + "</body></html>\n"
    )


def _free_user(name: str, taken: set[str]) -> str:
    user, number = user_of(name), 2
    while user in taken or (user == TEACHER and name != TEACHER):
        user = f"{user_of(name)}{number}"
        number += 1
    return user


def _hash(password: str, salt: str) -> str:
    coded = password.strip().lower().encode("utf-8", "replace")
    return hashlib.scrypt(coded, salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
