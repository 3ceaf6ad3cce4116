"""Browser uploads to S3: a form whose policy is signed, with the file as its last field.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from werkzeug.datastructures import Headers
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import NEED_DATA, Data, Epilogue, Field, File, MultipartDecoder

from apps.localregion.answer import Answer
from apps.localregion.credentials import AccessKey
from apps.localregion.errors import AwsError
from apps.localregion.policies import check_policy
from apps.localregion.request import Request
from apps.localregion.signatures import Reason, Refused, check_expiry, require_key

LARGEST_FORM = 20_000  # bytes of the fields before the file, S3's limit
SERVICE_FIELDS = {"key", "policy", "file", "acl", "success_action_status", "success_action_redirect", "redirect"}


def is_form(request: Request) -> bool:
    """Whether the request is an upload by a form."""
    return request.method == "POST" and request.media_type == "multipart/form-data"


class Form:
    """The fields of a form as they come in, and the file's bytes, handed on to whoever takes them."""

    def __init__(self, request: Request, begin: Callable[["Form"], Callable[[bytes], None]]) -> None:
        """`begin` is called when the file starts, and answers what takes its bytes; it may raise to refuse."""
        boundary = parse_options_header(request.headers["content-type"])[1].get("boundary", "")
        if not boundary:
            raise _malformed("The form has no boundary")
        self.fields: dict[str, str] = {}
        self.filename = ""
        self.started = self.finished = False
        self._begin = begin
        self._take: Callable[[bytes], None] | None = None
        self._decoder = MultipartDecoder(boundary.encode("latin-1"))
        self._name, self._value, self._received = "", bytearray(), 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes; raises AwsError or signatures.Refused."""
        self._received += len(data)
        try:
            self._decoder.receive_data(data)
            while (event := self._decoder.next_event()) is not NEED_DATA and not isinstance(event, Epilogue):
                self._handle(event)
        except (ValueError, UnicodeDecodeError) as error:
            raise _malformed("The body of your POST request is not well-formed multipart/form-data.") from error
        if not self.started and self._received > LARGEST_FORM:
            message = "Your POST request fields preceding the upload file were too large."
            raise AwsError("MaxPostPreDataLengthExceededError", message)

    def finish(self) -> None:
        """Raise AwsError unless the whole file has come."""
        if not self.started:
            message = "POST requires exactly one file upload per request."
            raise AwsError("InvalidArgument", message, ArgumentName="file", ArgumentValue="0")
        if not self.finished:
            raise AwsError("IncompleteBody", "The request body terminated unexpectedly")

    def _handle(self, event: Any) -> None:
        if isinstance(event, Field | File):
            self._name, self._value = (event.name or "").lower(), bytearray()
            if self._name == "file" and not self.started:
                self.filename = event.filename if isinstance(event, File) else ""
                self.started = True
                self._take = self._begin(self)
        elif isinstance(event, Data):
            self._data(event)

    def _data(self, event: Data) -> None:
        if self._take is not None:
            self._take(event.data)
            if not event.more_data:
                self.finished, self._take = True, None
        elif not self.started:  # what follows the file is ignored, as S3 does
            self._value += event.data
            if not event.more_data:
                self.fields[self._name] = self._value.decode()


def check_form(form: Form, bucket: str, find: Callable[[str], AccessKey | None], now: datetime) -> AccessKey:
    """The key that signed the form's policy, whose conditions hold; raises Refused or AwsError."""
    fields = form.fields
    if "key" not in fields:
        message = "Bucket POST must contain a field named 'key'.  If it is specified, please check its order."
        raise AwsError("InvalidArgument", message, ArgumentName="key")
    if "policy" not in fields:
        raise Refused(Reason.MISSING)
    key = _signer(fields, find)
    check_expiry(key, now)
    check_policy(fields, bucket, now)
    return key


def put_request(form: Form, request: Request, bucket: str) -> Request:
    """The PutObject that the form means."""
    key = form.fields["key"].replace("${filename}", form.filename)
    named = {name: value for name, value in form.fields.items() if name not in SERVICE_FIELDS}
    signing = ("x-amz-signature", "x-amz-credential", "x-amz-algorithm", "x-amz-date", "x-amz-security-token")
    headers = {name: value for name, value in named.items() if name not in signing and "\n" not in value}
    if "tagging" in headers:
        headers["x-amz-tagging"] = _tags(headers.pop("tagging"))
    if "acl" in form.fields:
        headers["x-amz-acl"] = form.fields["acl"]
    return Request("PUT", f"/{bucket}/{quote(key)}", "", Headers(headers), request.request_id)


def form_answer(form: Form, request: Request, bucket: str, put: Answer) -> Answer:
    """The answer in the form's own manner: 204, another status, or a redirection."""
    key = form.fields["key"].replace("${filename}", form.filename)
    etag = put.headers.get("ETag", "")
    redirect = form.fields.get("success_action_redirect") or form.fields.get("redirect")
    if redirect:
        joint = "&" if "?" in redirect else "?"
        location = f"{redirect}{joint}{urlencode({'bucket': bucket, 'key': key, 'etag': etag})}"
        return Answer(303, {**put.headers, "Location": location})
    location = f"http://{request.headers.get('host', '')}/{bucket}/{quote(key)}"
    headers = {**put.headers, "Location": location}
    status = form.fields.get("success_action_status")
    if status != "201":
        return Answer(200 if status == "200" else 204, headers)
    root = ElementTree.Element("PostResponse")
    for name, text in (("Location", location), ("Bucket", bucket), ("Key", key), ("ETag", etag)):
        ElementTree.SubElement(root, name).text = text
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Answer(201, {**headers, "Content-Type": "application/xml"}, body)


def _signer(fields: dict[str, str], find: Callable[[str], AccessKey | None]) -> AccessKey:
    """The key that signed the policy, in version 4 or 2; raises Refused."""
    tokens = {name: value for name, value in fields.items() if name == "x-amz-security-token"}
    bare = Request("POST", "/", "", Headers(tokens), "")
    if "x-amz-credential" in fields:
        scope = fields["x-amz-credential"].split("/")
        if len(scope) != 5:
            raise Refused(Reason.INCOMPLETE, "x-amz-credential must have 5 parts.")
        key = require_key(bare, find(scope[0]), scope[0])
        secret = f"AWS4{key.secret_key}".encode()
        for part in scope[1:]:
            secret = hmac.digest(secret, part.encode(), "sha256")
        expected = hmac.new(secret, fields["policy"].encode(), hashlib.sha256).hexdigest()
        given = fields.get("x-amz-signature", "")
    else:
        claimed = fields.get("awsaccesskeyid", "")
        key = require_key(bare, find(claimed), claimed)
        made = hmac.digest(key.secret_key.encode(), fields["policy"].encode(), "sha1")
        expected, given = base64.b64encode(made).decode(), fields.get("signature", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Refused(Reason.MISMATCH)
    return key


def _tags(text: str) -> str:
    """The form's tags, which are XML, as the header has them."""
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - of a form under a signed policy, 20 kB at most
        pairs = [(tag.findtext("Key", ""), tag.findtext("Value", "")) for tag in root.iter("Tag")]
    except ElementTree.ParseError as error:
        raise AwsError("MalformedXML", "The XML you provided was not well-formed") from error
    return urlencode(pairs)


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPOSTRequest", message)
