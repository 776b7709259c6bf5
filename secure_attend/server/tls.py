"""HTTPS: the certificate, created here if none is given, and the TLS context."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from secure_attend.errors import Conflict, NotFound

# Browsers take server certificates of up to 398 days; Apple's refuse self-made ones beyond 825.
VALID_FOR = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
OWN = "certificate.pem"


def own_certificate(folder: Path, names: Iterable[str], now: datetime) -> tuple[Path, Path]:
    """Return the paths of a self-signed certificate for `names` (host names and addresses) and its key in `folder`.

    The one that is there is used as long as it is valid for 30 days and covers the names; otherwise a new one is made.
    """
    certificate, key = folder / OWN, folder / "certificate-key.pem"
    wanted = set(names)
    if not (key.is_file() and wanted <= _still_valid_for(certificate, now)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(certificate, key, sorted(wanted), now)
    return certificate, key


def fingerprint(certificate: Path) -> str:
    """Return a certificate's SHA-256 fingerprint as browsers show it."""
    digest = x509.load_pem_x509_certificate(certificate.read_bytes()).fingerprint(hashes.SHA256())
    return digest.hex(":").upper()


@dataclass(frozen=True)
class Described:
    """What people compare a certificate by: its names, its last day, and its SHA-256 fingerprint."""

    names: tuple[str, ...]
    until: datetime
    fingerprint: str


def described(certificate: Path) -> Described:
    """Read what a certificate says. Raises NotFound."""
    try:
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound) as error:
        raise NotFound(
            "no_certificate",
            f"There is no certificate at {certificate}. The server makes one when it starts with --https.",
        ) from error
    return Described(tuple(str(name.value) for name in names), read.not_valid_after_utc, fingerprint(certificate))


def export(certificate: Path, to: Path) -> None:
    """Copy the certificate without its key, which may be in the same file. Raises Conflict."""
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    try:
        with to.open("xb") as file:
            file.write(read.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise Conflict("not_written", f"{to} cannot be written: {error.strerror}. Name a new file.") from error


def _still_valid_for(path: Path, now: datetime) -> set[str]:
    """Return the names that the certificate covers until it is due for renewal; none if it is missing or damaged."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return set()
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE:
        return set()
    return {str(name.value) for name in names}


def _make(certificate: Path, key: Path, names: list[str], now: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Secure-Attend")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # clients' clocks run a little behind
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    # The certificate goes first, so that a stop between the two leaves a pair that is seen not to belong together.
    certificate.unlink(missing_ok=True)
    _write_private(
        key,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    certificate.write_bytes(builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def check_pair(certificate: Path, key: Path | None) -> str | None:
    """Return why this certificate and key can't be used, None if they can."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with contextlib.suppress(OSError):
        context.load_cert_chain(certificate, key, password="")
        return None
    return f"CERTIFICATE={certificate} cannot be used: it needs a PEM certificate and its unencrypted key"


def server_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Return the TLS context for connections: TLS 1.2 and later, HTTP/1.1."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # Debian's own Python leaves it to the system's settings
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["http/1.1"])
    return context
