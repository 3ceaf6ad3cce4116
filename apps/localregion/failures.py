"""Error answers in each protocol's form: the service models describe few of AWS's errors, so these are written here.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization and its neighbours;
S3's: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import json
import re
from xml.etree import ElementTree

from apps.localregion import cbor
from apps.localregion.answer import Answer, request_id_header
from apps.localregion.errors import AwsError

XML = "text/xml"
# Characters that XML 1.0 cannot hold, not even escaped.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def internal_failure(protocol: str) -> AwsError:
    """The answer to anything unexpected: no details, they are in the log under the request's id."""
    if protocol == "rest-xml":
        return AwsError("InternalError", "We encountered an internal error. Please try again.", 500)
    return AwsError("InternalFailure", "The request processing has failed because of an unknown error.", 500)


def failure(error: AwsError, protocol: str, request_id: str) -> Answer:
    """The answer that tells a client of this protocol of the error."""
    fault = "Sender" if error.status < 500 else "Receiver"
    headers = error.headers | request_id_header(protocol, request_id)
    texts = {"__type": error.code, "message": error.message}
    if protocol == "json":
        headers |= {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": error.code}
        return Answer(error.status, headers, json.dumps(texts | error.members, default=str).encode())
    if protocol == "smithy-rpc-v2-cbor":
        headers |= {"Content-Type": cbor.CONTENT_TYPE, "smithy-protocol": "rpc-v2-cbor"}
        headers["x-amzn-query-error"] = f"{error.code};{fault}"
        return Answer(error.status, headers, cbor.dump_texts(texts))
    if protocol == "query":
        root = ElementTree.Element("ErrorResponse")
        _fill(ElementTree.SubElement(root, "Error"), {"Type": fault, "Code": error.code, "Message": error.message})
        _fill(root, {"RequestId": request_id})
    else:
        root = ElementTree.Element("Error")
        members = {name: str(value) for name, value in error.members.items()}
        _fill(root, {"Code": error.code, "Message": error.message, **members, "RequestId": request_id})
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Answer(error.status, {**headers, "Content-Type": XML}, body)


def _fill(parent: ElementTree.Element, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = NOT_XML.sub("\ufffd", text)
