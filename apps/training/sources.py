"""Users' training programs: from a file or a git repository to the archive that script mode wants."""

import gzip
import io
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from dulwich.archive import tar_stream
from dulwich.client import HTTPUnauthorized, Urllib3HttpGitClient
from dulwich.errors import GitProtocolError, NotGitRepository
from dulwich.objects import Commit, Tree
from dulwich.repo import Repo
from urllib3.exceptions import HTTPError

from apps.aws.errors import Passing
from apps.core.errors import Refusal

MAX_BYTES = 50_000_000
NETWORK_SECONDS = 20
ARCHIVES = (".tar.gz", ".tgz")


class NoSuchSource(Refusal):
    """The program, the repository or its branch, tag or commit does not exist."""


@dataclass(frozen=True)
class Source:
    """A tar.gz of a program, named as SageMaker wants it: `program` lies in it; `commit` where git gave it."""

    program: str
    archive: bytes
    commit: str = ""


def from_upload(filename: str, content: bytes, program: str) -> Source:
    """The archive of an uploaded train.py or tar.gz; raises Refusal for another file or a program not in it."""
    if filename.endswith(ARCHIVES):
        name = program or "train.py"
        if name not in (names := _names(content)):
            raise NoSuchSource(
                f"{filename} has no {name}; it has {', '.join(sorted(names)[:10]) or 'nothing'}.", "program"
            )
        return Source(name, content)
    if not filename.endswith(".py"):
        raise Refusal("Upload a Python program (.py) or a .tar.gz that holds one.", "script")
    name = PurePosixPath(filename).name
    return Source(name, _packed(name, content))


def _packed(name: str, content: bytes) -> bytes:
    """One file as tar.gz; the same file gives the same bytes."""
    buffer, member = io.BytesIO(), tarfile.TarInfo(name)
    member.size = len(content)
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _names(content: bytes) -> set[str]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            return {member.name.removeprefix("./") for member in archive if member.isfile()}
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Refusal(f"This is no tar.gz that can be read: {error}", "script") from error


def from_git(url: str, ref: str, program: str, folder: str = "") -> Source:
    """The archive of a repository (or a folder in it) at a branch, tag or commit.

    Raises NoSuchSource when one of them is not there, Passing when the repository does not answer.
    """
    with TemporaryDirectory(prefix="mlconsole-git-") as place, closing(Repo.init_bare(place)) as repo:
        try:
            commit = _fetched(url, ref, repo)
        except (NotGitRepository, HTTPUnauthorized) as error:
            raise NoSuchSource(f"There is no git repository at {url}, or it may not be read.", "git_url") from error
        except (GitProtocolError, HTTPError, OSError) as error:
            raise Passing(f"{url} does not answer: {error}") from error
        tree = _subtree(repo, commit.tree, folder)
        if not _has(repo, tree, program):
            where = f"{folder}/{program}" if folder else program
            raise NoSuchSource(f"{url} has no {where} at {ref or 'its default branch'}.", "program")
        stream = tar_stream(repo.object_store, tree, commit.commit_time, format="gz")
        return Source(program, _limited(stream, url), commit.id.decode())


def _fetched(url: str, ref: str, repo: Repo) -> Commit:
    """Fetch what is needed: one commit of a branch or tag; all of them for a commit that no branch ends in."""
    client = Urllib3HttpGitClient(url, timeout=NETWORK_SECONDS)
    refs: dict[bytes, Any] = {bytes(name): sha for name, sha in client.get_refs(b"").refs.items() if sha}
    names = (f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}") if ref else ("HEAD",)
    ends: list[Any] = [refs[name] for text in names if (name := text.encode()) in refs]
    if ends:
        client.fetch(b"", repo, determine_wants=lambda refs, depth=None: ends[:1], depth=1)
        return _commit(repo, ends[0])
    client.fetch(b"", repo, determine_wants=lambda refs, depth=None: list(set(filter(None, refs.values()))))
    matches = set(repo.object_store.iter_prefix(ref.encode())) if _is_sha(ref) else set()
    commits = [found for sha in matches if isinstance(found := repo[sha], Commit)]
    if len(commits) != 1:
        raise NoSuchSource(f"{url} has no branch, tag or commit {ref!r}.", "git_ref")
    return commits[0]


def _commit(repo: Repo, sha: bytes) -> Commit:
    found: Any = repo[sha]
    while not isinstance(found, Commit):
        found = repo[found.object[1]]  # an annotated tag names what it tags
    return found


def _is_sha(text: str) -> bool:
    return len(text) >= 7 and not set(text) - set("0123456789abcdef")


def _subtree(repo: Repo, sha: bytes, folder: str) -> Tree:
    tree: Any = repo[sha]
    for part in PurePosixPath(folder).parts:
        try:
            tree = repo[tree[part.encode()][1]]
        except KeyError as error:
            raise NoSuchSource(f"The repository has no folder {folder}.", "git_folder") from error
    if not isinstance(tree, Tree):
        raise NoSuchSource(f"{folder} is no folder of the repository.", "git_folder")
    return tree


def _has(repo: Repo, tree: Tree, program: str) -> bool:
    try:
        tree.lookup_path(repo.__getitem__, program.encode())
    except (KeyError, NotADirectoryError):
        return False
    return True


def _limited(stream: Iterator[bytes], url: str) -> bytes:
    whole = bytearray()
    for piece in stream:
        whole += piece
        if len(whole) > MAX_BYTES:
            raise Refusal(f"{url} is larger than {MAX_BYTES // 1_000_000} MB; name a folder in it.", "git_folder")
    return bytes(whole)
