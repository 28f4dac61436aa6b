"""The platform's HTTP services as small real servers that hold state: users, contents, registries, notices.

``python platform_server.py PORT STATE.db`` runs it; what it holds survives being killed. Faults are asked for
over HTTP: ``POST /faults {"kind": …, "times": n, "path": prefix}``.
"""

import base64
import json
import sqlite3
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SLOW_SECONDS = 0.3
ENC_KEYS = ("1", "2")
_PSS = padding.PSS(padding.MGF1(SHA256()), 16)


class State:
    """JSON objects by kind and id, in a file."""

    def __init__(self, file: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS objects (kind, id, body, PRIMARY KEY (kind, id))"
        )

    def get(self, kind: str, identifier: str) -> Any:
        with self._lock:
            row = self._connection.execute(
                "SELECT body FROM objects WHERE kind = ? AND id = ?", (kind, identifier)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, kind: str, identifier: str, body: Any) -> None:
        with self._lock:
            self._connection.execute(
                "INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", (kind, identifier, json.dumps(body))
            )

    def add(self, kind: str, identifier: str, body: Any) -> bool:
        """Store an object unless its id exists. Return True if it was stored."""
        with self._lock:
            made = self._connection.execute(
                "INSERT OR IGNORE INTO objects VALUES (?, ?, ?)", (kind, identifier, json.dumps(body))
            )
        return made.rowcount == 1

    def drop(self, kind: str, identifier: str) -> None:
        with self._lock:
            self._connection.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, identifier))

    def all(self, kind: str) -> dict[str, Any]:
        with self._lock:
            rows = self._connection.execute("SELECT id, body FROM objects WHERE kind = ?", (kind,)).fetchall()
        return {identifier: json.loads(body) for identifier, body in rows}


@dataclass
class Fault:
    """A fault of the next requests whose paths begin with ``path``, and how often it occurs.

    ``503`` and ``429`` answer so; ``cut`` does what is asked and then cuts the connection; ``slow`` and ``html``
    answer late, or with a page that is no JSON, having done what is asked.
    """

    kind: str
    times: int
    path: str = "/"


class PlatformServer(ThreadingHTTPServer):
    """All services on one port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, state_file: str, *, asynchronous: bool = False) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.state = State(state_file)
        self.asynchronous = asynchronous
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, str]] = []
        self.keys: list[str | None] = []
        self.posted: list[tuple[str, Any]] = []
        self.lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_fault(self, path: str) -> str:
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and path.startswith(fault.path):
                    fault.times -= 1
                    return fault.kind
        return ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PlatformServer

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, *_: Any) -> None:
        """Log nothing; tests check the recorded calls."""

    def _serve(self, method: str) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.calls.append((method, self.path))
        self.server.keys.append(self.headers.get("Authorization"))
        fault = self.server.next_fault(path)
        if fault in ("503", "429"):
            return self._answer(int(fault), {})
        try:
            parsed = json.loads(body) if body else {}
        except ValueError:
            return self._answer(400, _error("INVALID_REQUEST", "the body is not JSON"))
        if method == "POST":
            self.server.posted.append((path, parsed))
        status, answer = route(self.server, method, path, parsed)
        if fault == "cut":
            self.close_connection = True
            self.connection.close()
            return None
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        if fault == "html":
            return self._send(200, b"<html>It works!</html>", "text/html")
        if isinstance(answer, str):
            return self._send(status, answer.encode(), "text/html")
        return self._answer(status, answer)

    def _answer(self, status: int, answer: Any) -> None:
        self._send(status, json.dumps(answer).encode(), "application/json")

    def _send(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def route(server: PlatformServer, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Handle a request as docs/contracts.md describes."""
    folder, _, name = path.rpartition("/")
    if not isinstance(body, dict):
        return 400, _error("INVALID_REQUEST", "the body is not an object")
    if method == "GET" and folder == "/private/user/v1/read":
        return _user(server.state, name)
    if method == "GET" and folder == "/content/v3/read":
        return _content(server.state, name)
    if method == "POST" and path == "/certs/v2/registry/add":
        return _certreg_add(server.state, body)
    if method == "POST" and path == "/api/v1/TrainingCertificate":
        return _rc_create(server, body)
    if method == "POST" and path == "/api/v1/TrainingCertificate/search":
        return _rc_search(server.state, body)
    if method == "DELETE" and folder == "/api/v1/TrainingCertificate":
        return _rc_delete(server.state, name)
    if method == "POST" and path in ("/v2/notification", "/private/user/feed/v1/create"):
        return _notice(server.state, path, body)
    if method == "POST" and path == "/faults":
        server.faults.append(Fault(**body))
        return 200, {}
    return _route_to_enc_service(server.state, method, path, body)


def _route_to_enc_service(state: State, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    folder, _, name = path.rpartition("/")
    if method == "POST" and folder == "/sign":
        return _sign(state, name, body)
    if method == "POST" and path == "/verify":
        return _verify(state, body)
    if method == "GET" and folder == "/keys":
        return _public_key(state, name)
    return 404, _error("RESOURCE_NOT_FOUND", "there is no such API")


def _user(state: State, identifier: str) -> tuple[int, Any]:
    record = state.get("user", identifier)
    if record is None:
        return 404, _error("UOS_USRRED0003", "the user does not exist")
    if record.get("status") == 0:
        return 400, _error("UOS_USRRED0006", "the account is blocked")
    return 200, _ok({"response": record})


def _content(state: State, identifier: str) -> tuple[int, Any]:
    record = state.get("content", identifier)
    return (200, _ok({"content": record})) if record else (404, _error("RESOURCE_NOT_FOUND", "no content"))


def _certreg_add(state: State, body: dict[str, Any]) -> tuple[int, Any]:
    request = body.get("request")
    if not isinstance(request, dict):
        return 400, _error("INVALID_REQUEST", "request is missing")
    for field in ("id", "accessCode", "jsonUrl"):
        if not isinstance(request.get(field), str) or not request[field].strip():
            return 400, _error("MANDATORY_PARAMETER_MISSING", f"{field} is missing")
    data, related = request.get("jsonData"), request.get("related")
    if not isinstance(data, dict) or not data:
        return 400, _error("MANDATORY_PARAMETER_MISSING", "jsonData is missing")
    if related is not None and not (isinstance(related, dict) and related.get("type")):
        return 400, _error("INVALID_REQUEST", "related.type is missing")
    if state.get("certreg", request["id"]):
        return 400, _error("INVALID_REQUEST", f"id {request['id']} already exists")
    if request.get("oldId"):
        old = state.get("certreg", str(request["oldId"]))
        if old is None or str(old.get("recipientId")).lower() != str(request.get("recipientId")).lower():
            return 400, _error("INVALID_REQUEST", "the old certificate is not the recipient's")
        state.drop("certreg", request["oldId"])
    request["jsonData"] = {name: value for name, value in data.items() if name != "printUri"}
    state.add("certreg", request["id"], request)
    return 200, _ok({"id": request["id"]})


def _rc_create(server: PlatformServer, body: dict[str, Any]) -> tuple[int, Any]:
    for part, fields in {"recipient": ("id",), "training": ("id", "type")}.items():
        if not isinstance(body.get(part), dict) or not all(body[part].get(field) for field in fields):
            return 400, {"params": {"status": "UNSUCCESSFUL", "errmsg": f"{part} is not as the schema asks"}}
    osid = f"1-{uuid.uuid4()}"
    entity = {**body, "osid": osid}
    if server.asynchronous:
        threading.Timer(SLOW_SECONDS, server.state.put, ("rc", osid, entity)).start()
        return 200, {"result": {"transactionId": str(uuid.uuid4())}}
    server.state.put("rc", osid, entity)
    return 200, {"result": {"TrainingCertificate": {"osid": osid}}}


def _rc_search(state: State, body: dict[str, Any]) -> tuple[int, Any]:
    filters = body.get("filters")
    if not isinstance(filters, dict) or not all(isinstance(one, dict) for one in filters.values()):
        return 400, {"params": {"status": "UNSUCCESSFUL", "errmsg": "filters are missing"}}
    found = [
        entity
        for entity in state.all("rc").values()
        if all(_matches(entity.get(field), one) for field, one in filters.items())
    ]
    limit = body.get("limit")
    return 200, found[: limit if isinstance(limit, int) and limit >= 0 else 100]


def _matches(value: Any, wanted: dict[str, Any]) -> bool:
    text = value if isinstance(value, str) else ""
    tests = {"eq": text.__eq__, "endsWith": lambda end: text.endswith(str(end))}
    return all(operator in tests and tests[operator](operand) for operator, operand in wanted.items())


def _rc_delete(state: State, osid: str) -> tuple[int, Any]:
    entity = state.get("rc", osid)
    if entity is None:
        return 404, {"params": {"status": "UNSUCCESSFUL", "errmsg": "not found"}}
    state.put("rc", osid, {**entity, "status": "REVOKED"})
    return 200, {"params": {"status": "SUCCESSFUL"}}


@cache
def _new_key(key_id: str) -> str:
    """Generate the key of this process; done for the first request only, because it is slow."""
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _sign(state: State, key_id: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Sign as the README of the service describes: RSA-PSS over JSON with sorted members and lists."""
    key, entity = _key(state, key_id), body.get("entity")
    if key is None or not isinstance(entity, dict) or not entity:
        return 400, _error("INVALID_REQUEST", "there is no such key, or no entity")
    signature = base64.b64encode(key.sign(_sorted(entity), _PSS, SHA256())).decode()
    return 200, {"signatureValue": f"v1|{key_id}|PKCS1|{signature}", "keyId": int(key_id)}


def _verify(state: State, body: dict[str, Any]) -> tuple[int, Any]:
    entity = body.get("entity")
    if not isinstance(entity, dict) or not isinstance(entity.get("claim"), dict):
        return 400, _error("INVALID_REQUEST", "claim is missing")
    try:
        _, key_id, _, signature = str(entity.get("signatureValue")).split("|")
        key = _key(state, key_id)
        if key is None or key_id != str(entity.get("keyId", key_id)):
            return 200, False
        key.public_key().verify(base64.b64decode(signature), _sorted(entity["claim"]), _PSS, SHA256())
    except (ValueError, InvalidSignature):
        return 200, False
    return 200, True


def _public_key(state: State, key_id: str) -> tuple[int, Any]:
    key = _key(state, key_id)
    if key is None:
        return 200, ""
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return 200, pem.decode()


def _key(state: State, key_id: str) -> rsa.RSAPrivateKey | None:
    if key_id in ENC_KEYS and state.get("key", key_id) is None:
        state.add("key", key_id, _new_key(key_id))
    pem = state.get("key", key_id)
    key = load_pem_private_key(pem.encode(), None) if pem else None
    return key if isinstance(key, rsa.RSAPrivateKey) else None


def _sorted(value: Any) -> bytes:
    return json.dumps(_in_order(value), sort_keys=True).encode()


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_order(member) for name, member in value.items()}
    if isinstance(value, list):
        return sorted(
            (_in_order(member) for member in value), key=lambda one: json.dumps(one, sort_keys=True)
        )
    return value


def _notice(state: State, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    if not isinstance(body.get("request"), dict):
        return 400, _error("INVALID_REQUEST", "request is missing")
    state.put("notice", str(uuid.uuid4()), {"path": path, **body})
    return 200, _ok({"response": "SUCCESS"})


def _ok(result: Any) -> dict[str, Any]:
    return {"responseCode": "OK", "params": {"status": "success"}, "result": result}


def _error(code: str, message: str) -> dict[str, Any]:
    params = {"status": "FAILED", "err": code, "errmsg": message}
    return {"responseCode": "CLIENT_ERROR", "params": params, "result": {}}


def main() -> None:
    port, state_file = sys.argv[1:]
    Path(state_file).parent.mkdir(parents=True, exist_ok=True)
    PlatformServer(int(port), state_file).serve_forever()


if __name__ == "__main__":
    main()
