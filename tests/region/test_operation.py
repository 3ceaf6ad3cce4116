"""A region for a team: TLS, keys, the log of requests, the status page, backup, the schema."""

import hashlib
import http.client
import os
import re
import sqlite3
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from apps.localregion import status_links
from apps.localregion.credentials import AccessKey
from apps.localregion.identity import local_user
from apps.localregion.region import lock_home, open_region
from apps.localregion.store.database import STEPS
from apps.localregion.store.logs import EARLIEST, LATEST, StoredLogs
from apps.localregion.store.metrics import Metric, Sample, StoredMetrics
from apps.localregion.store.trail import Entry, Trail
from apps.localregion.upkeep import sweep
from tests.region.conftest import RegionProcess, free_port
from tests.region.raw import send
from tests.stack import CHECKOUT


def run(module: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program of the region, to its end."""
    command = [sys.executable, "-m", f"apps.localregion{module}", "--home", str(home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)


def made_key(home: Path, name: str) -> dict[str, str]:
    """The exports of a new key."""
    added = run(".keys", home, "add", name)
    assert added.returncode == 0, added.stderr
    return dict(re.findall(r"export (\w+)=(\S+)", added.stdout))


def client(region: RegionProcess, service: str, keys: dict[str, str]) -> Any:
    """A boto3 client with these keys."""
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=region.url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        region_name=keys["AWS_DEFAULT_REGION"],
    )


def status_page(region: RegionProcess, target: str = "/_status", **headers: str) -> tuple[int, str]:
    """Status and text of the page."""
    status, _, body = send(region, "GET", target, {name.replace("_", "-"): value for name, value in headers.items()})
    return status, body.decode()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "gpu-box"])  # noqa: S104 - that is what is refused
def test_a_host_that_others_reach_needs_tls_or_an_explicit_flag(tmp_path: Path, host: str) -> None:
    refused = run("", tmp_path / "home", "--port", "1", "--host", host)
    assert refused.returncode == 2
    assert (
        f"--host {host} can be reached by others: give --tls-cert and --tls-key, or --insecure-http" in refused.stderr
    )
    assert not (tmp_path / "home").exists()


def test_half_of_tls_and_files_that_are_not_there_are_refused_by_name(tmp_path: Path) -> None:
    half = run("", tmp_path, "--port", "1", "--tls-cert", "cert.pem")
    assert "--tls-cert and --tls-key go together" in half.stderr
    absent = run("", tmp_path, "--port", "1", "--tls-cert", "no.pem", "--tls-key", "no.pem")
    assert "there is no file no.pem" in absent.stderr


def test_the_region_is_served_over_tls_by_the_consoles_command(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    port = free_port()
    command = [
        sys.executable, "manage.py", "region", "--home", str(tmp_path / "home"), "--port", str(port),
        "--tls-cert", str(cert), "--tls-key", str(key),
    ]  # fmt: skip
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        trust = ssl.create_default_context(cafile=str(cert))
        deadline = time.monotonic() + 150
        while True:
            connection = http.client.HTTPSConnection("localhost", port, timeout=5, context=trust)
            try:
                connection.request("GET", "/_health")
                assert connection.getresponse().status == 200
                break
            except (ConnectionError, TimeoutError):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            finally:
                connection.close()
    finally:
        process.terminate()
        process.wait(timeout=30)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, and its key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    cert_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_path, key_path


def test_a_key_made_by_command_has_its_users_identity_until_it_is_revoked(region: RegionProcess) -> None:
    keys = made_key(region.home, "alice")
    sts = client(region, "sts", keys)
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/alice"
    client(region, "s3", keys).create_bucket(Bucket="made-by-alice")
    (event,) = region.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": "made-by-alice"}]
    )["Events"]
    assert (event["Username"], event["AccessKeyId"]) == ("alice", keys["AWS_ACCESS_KEY_ID"])
    listed = run(".keys", region.home, "list").stdout
    assert re.search(rf"{keys['AWS_ACCESS_KEY_ID']}  alice  Active", listed)
    assert re.search(rf"{region.keys()[0]}  local  Active", listed)
    assert keys["AWS_SECRET_ACCESS_KEY"] not in listed
    assert run(".keys", region.home, "revoke", keys["AWS_ACCESS_KEY_ID"]).returncode == 0
    with pytest.raises(ClientError) as refused:
        sts.get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_keys_that_cannot_be_made_or_revoked_are_refused_by_name(region: RegionProcess, tmp_path: Path) -> None:
    assert "cannot be a user's name" in run(".keys", region.home, "add", "a b").stderr
    assert "there is no key AKIANONE to revoke" in run(".keys", region.home, "revoke", "AKIANONE").stderr
    assert "is not a region's folder" in run(".keys", tmp_path, "list").stderr
    for _ in range(2):
        made_key(region.home, "bob")
    assert "Cannot exceed quota for AccessKeysPerUser: 2" in run(".keys", region.home, "add", "bob").stderr


def test_the_log_tells_who_asked_what_and_no_secret(private_region: RegionProcess) -> None:
    s3 = private_region.client("s3")
    s3.create_bucket(Bucket="logged")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "logged", "Key": "absent"})
    assert send(private_region, "GET", url.removeprefix(private_region.url), {})[0] == 404
    send(private_region, "GET", "/%0aforged%09line", {"Authorization": "stolen"})
    private_region.stop()
    text = (private_region.home / "requests.log").read_text()
    lines = [line.split("\t") for line in text.splitlines()]
    assert [(line[1], line[2], line[3], line[4]) for line in lines[:2]] == [
        ("127.0.0.1", "local", "s3:CreateBucket /logged", "200"),
        ("127.0.0.1", "local", "s3:GetObject /logged/absent", "404 NoSuchKey"),
    ]
    assert all(re.fullmatch(r"\d+\.\d ms", line[5]) for line in lines)
    assert len(lines) == 3
    assert not any(secret in text for secret in ("Signature", "stolen", *private_region.keys()))


def test_the_status_page_tells_people_what_there_is_and_what_failed(region: RegionProcess) -> None:
    with pytest.raises(ClientError):
        region.client("iam").get_role(RoleName="absent-role")
    status, text = status_page(region)
    assert status == 200
    assert "Region us-east-1, account 123456789012" in text
    assert "iam:GetRole" in text
    assert "404 NoSuchEntity" in text
    assert f"schema {len(STEPS)}" in text
    assert "prefers-color-scheme: dark" in text


def test_the_status_page_takes_a_link_from_elsewhere(region: RegionProcess) -> None:
    elsewhere = {"Host": "gpu-box:8001"}
    assert status_page(region, **elsewhere)[0] == 403
    assert status_page(region, X_Forwarded_For="192.0.2.7")[0] == 403
    printed = run(".status_links", region.home, "--address", "https://gpu-box:8001")
    link = urlsplit(printed.stdout.strip())
    assert (link.scheme, link.netloc, link.path) == ("https", "gpu-box:8001", "/_status")
    assert region.keys()[1] not in link.query
    assert status_page(region, f"/_status?{link.query}", **elsewhere)[0] == 200
    assert status_page(region, f"/_status?{link.query}0", **elsewhere)[0] == 403
    assert status_page(region, f"/_status?{link.query.replace('until=1', 'until=2')}", **elsewhere)[0] == 403


def test_the_consoles_commands_are_those_of_the_region(region: RegionProcess, tmp_path: Path) -> None:
    def manage(*arguments: str) -> str:
        command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments, "--home", "region"]
        environment = {**os.environ, "MLCONSOLE_HOME": str(tmp_path / "console")}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=150, check=True
        ).stdout

    (tmp_path / "region").symlink_to(region.home)  # a relative path is meant where the command is given
    assert f"{region.keys()[0]}  local  Active" in manage("region_keys", "list")
    assert manage("region_status", "--address", "https://box").startswith("https://box/_status?key=")
    assert manage("region_backup", "copy").startswith(f"{tmp_path / 'copy'}: the database, ")
    assert (tmp_path / "copy" / "region.sqlite3").is_file()


def test_a_link_is_no_longer_good_after_a_day(region: RegionProcess) -> None:
    key = AccessKey(*region.keys(), local_user("123456789012"))
    old = urlsplit(status_links.make_link("http://x", key, time.time() - status_links.LIFETIME - 1))
    new = urlsplit(status_links.make_link("http://x", key, time.time()))
    assert status_page(region, f"/_status?{old.query}", Host="x")[0] == 403
    assert status_page(region, f"/_status?{new.query}", Host="x")[0] == 200


def test_a_backup_of_a_running_region_is_a_region(private_region: RegionProcess, tmp_path: Path) -> None:
    s3, logs = private_region.client("s3"), private_region.client("logs")
    s3.create_bucket(Bucket="kept")
    sent = {f"k{number}": f"{number} ".encode() * 10_000 for number in range(20)}
    for name, body in sent.items():
        s3.put_object(Bucket="kept", Key=name, Body=body)
    logs.create_log_group(logGroupName="/kept")
    backup = tmp_path / "backup"
    done = run(".backup", private_region.home, "--to", str(backup))
    assert done.returncode == 0, done.stderr
    assert "20 blobs" in done.stdout
    s3.delete_object(Bucket="kept", Key="k0")
    assert backup.stat().st_mode & 0o777 == 0o700
    again = run(".backup", private_region.home, "--to", str(backup))
    assert "is there already: name a new folder" in again.stderr
    restored = RegionProcess(backup, free_port())
    restored.start()
    try:
        assert restored.keys() == private_region.keys()
        found = restored.client("s3")
        for name, body in sent.items():
            got = found.get_object(Bucket="kept", Key=name)["Body"].read()
            assert hashlib.sha256(got).digest() == hashlib.sha256(body).digest()
        assert restored.client("logs").describe_log_groups(logGroupNamePrefix="/kept")["logGroups"]
    finally:
        restored.stop()


def test_a_backup_of_a_damaged_region_is_made_and_tells_what_is_missing(
    private_region: RegionProcess, tmp_path: Path
) -> None:
    s3 = private_region.client("s3")
    s3.create_bucket(Bucket="kept")
    for name in ("lost", "kept"):
        s3.put_object(Bucket="kept", Key=name, Body=name.encode() * 10_000)
    digest = hashlib.sha256(b"lost" * 10_000).hexdigest()
    (private_region.home / "blobs" / digest[:2] / digest).unlink()
    done = run(".backup", private_region.home, "--to", str(tmp_path / "backup"))
    assert done.returncode == 1
    assert "1 blobs, jobs and logs" in done.stdout
    assert "1 blobs are missing in the region itself: region_fsck tells whose" in done.stderr


def test_a_newer_schema_is_refused_by_name_and_an_older_one_is_brought_up(private_region: RegionProcess) -> None:
    private_region.stop()
    path = private_region.home / "region.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=999")
    connection.close()
    refused = run("", private_region.home, "--port", str(free_port()))
    assert f"region.sqlite3 has schema 999, newer than this program's {len(STEPS)}: update it" in refused.stderr
    path.unlink()
    for left in private_region.home.glob("region.sqlite3-*"):
        left.unlink()
    with sqlite3.connect(path) as connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        connection.execute("INSERT INTO buckets VALUES ('old', 1.0)")
        connection.execute("PRAGMA user_version=1")
    connection.close()
    private_region.start()
    assert [each["Name"] for each in private_region.client("s3").list_buckets()["Buckets"]] == ["old"]
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(STEPS)
    connection.close()


def test_what_can_no_longer_be_asked_for_is_removed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lock_home(home).close()
    region = open_region(home)
    database, now = region.objects.database, time.time()
    trail, metrics, logs = Trail(database), StoredMetrics(database), StoredLogs(database)
    metric = Metric("n", "m", ())
    for age in (0, 89, 91, 456):
        moment = now - age * 24 * 3600
        trail.append(Entry(f"{age}", moment, "CreateRole", "iam.amazonaws.com", "u", "k", "false", [], "{}"))
        metrics.append([(metric, Sample(moment, "None", 1.0, 1.0, 1.0, 1.0))])
    region.documents.insert("log-group", "g", {"logGroupName": "g", "retentionInDays": 1})
    logs.create("g", "s")
    stream = logs.stream("g", "s")
    assert stream is not None
    logs.append(stream.id, [(int(now * 1000) - 2 * 24 * 3600 * 1000, "old"), (int(now * 1000), "new")])
    for age in (31, 0):
        body = {"Name": f"{age} a", "AlarmName": "a", "CreationTime": now - age * 24 * 3600, "Status": "Action"}
        region.documents.insert("alarm-history", f"{age} a", body)
    sweep(region)
    assert [entry.id for entry in trail.page(0, now, None, None, 9)[0]] == ["0", "89"]
    assert len(metrics.samples(metric, 0, now + 1)) == 3
    assert [row.message for row in logs.rows(stream.id, EARLIEST, LATEST)] == ["new"]
    assert [body["Name"] for body in region.documents.all("alarm-history")] == ["0 a"]
