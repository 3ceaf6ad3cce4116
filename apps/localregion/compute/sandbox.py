"""What a training program sees of the machine, where Linux lets us choose: /opt/ml, its host's name, the network.

Namespaces of its own, made by the calling process for itself and what it starts; no container engine is needed.
Without them a program runs all the same: it finds its folders by SAGEMAKER_BASE_DIR.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

# linux/sched.h, linux/mount.h, linux/if.h
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x04000000, 0x10000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
HOSTS = Path("/etc/hosts")
OPT = Path("/opt")


def enter(ml: Path, hosts: Path, name: str, aside: Path) -> None:
    """Show `ml` as /opt/ml and `hosts` as /etc/hosts, under the host's name; `aside` is an empty folder to use.

    Raises OSError.
    """
    _unshare(CLONE_NEWNS | CLONE_NEWUTS)
    _mount(None, Path("/"), MS_REC | MS_PRIVATE)
    _show(ml, aside)
    _mount(hosts, HOSTS, MS_BIND)
    socket.sethostname(name)


def leave_network() -> None:
    """No network but the loopback for this process and what it starts; raises OSError."""
    _unshare(CLONE_NEWNET)
    with socket.socket() as any_socket:
        request = struct.pack("16sh22x", b"lo", IFF_UP | IFF_RUNNING)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)


@cache
def available() -> bool:
    """Whether programs can be run so here: tried once, by a process that does it and ends."""
    if sys.platform != "linux" or not OPT.is_dir() or not HOSTS.is_file():
        return False
    return subprocess.run([sys.executable, "-S", __file__], check=False, capture_output=True).returncode == 0


def write_hosts(path: Path, names: Sequence[str]) -> None:
    """Write the machine's hosts file with the job's instances added, each an address of the loopback."""
    lines = [f"{address(number)}\t{name}\n" for number, name in enumerate(names, 1)]
    path.write_text(HOSTS.read_text() + "\n" + "".join(lines))


def address(number: int) -> str:
    """The address of a job's instance, counted from 1."""
    return f"127.0.{number >> 8}.{number & 255}"


def _show(ml: Path, aside: Path) -> None:
    """Put /opt/ml beside what is in /opt: a folder of ours takes /opt's place, with all its entries bound in."""
    if (OPT / "ml").is_dir():
        _mount(ml, OPT / "ml", MS_BIND)
        return
    _mount(OPT, aside, MS_BIND | MS_REC)
    _mount(Path("tmpfs"), OPT, 0, "tmpfs")
    for entry in aside.iterdir():
        place = OPT / entry.name
        if entry.is_symlink():
            place.symlink_to(entry.readlink())
        elif entry.is_dir():
            place.mkdir()
            _mount(entry, place, MS_BIND | MS_REC)
        else:
            place.touch()
            _mount(entry, place, MS_BIND)
    (OPT / "ml").mkdir()
    _mount(ml, OPT / "ml", MS_BIND)


def _unshare(flags: int) -> None:
    """Unshare, by way of a user namespace of our own where we are not root."""
    if _call("unshare", ctypes.c_int(flags)):
        return
    user, group = os.geteuid(), os.getegid()
    if not _call("unshare", ctypes.c_int(flags | CLONE_NEWUSER)):
        raise OSError(ctypes.get_errno(), "namespaces are not permitted")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _mount(source: Path | None, target: Path, flags: int, kind: str | None = None) -> None:
    done = _call(
        "mount",
        None if source is None else os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        None,
    )
    if not done:
        raise OSError(ctypes.get_errno(), "mount is not permitted", str(target))


def _call(name: str, *arguments: object) -> bool:
    return bool(getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) == 0)


def _try() -> None:
    """Enter a sandbox with folders of no matter: the exit code says whether it can be done."""
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for part in ("ml", "aside"):
            (folder / part).mkdir()
        write_hosts(folder / "hosts", ["algo-1"])
        child = os.fork()
        if child == 0:
            try:
                enter(folder / "ml", folder / "hosts", "algo-1", folder / "aside")
            except OSError:
                os._exit(1)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    _try()
