"""A merchant's own system in front of the demo shop: it believes docs/platforms/openapi.yaml and nothing else.

Each request is checked against that document, and its signature by what the document says of it; then it is
passed on to the demo shop, and the shop's answer is checked against the document as well.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import yaml
from aiohttp import web

DOCUMENT = yaml.safe_load(
    (Path(__file__).parents[1] / "docs/platforms/openapi.yaml").read_text(encoding="utf-8")
)
PREFIX = "/xiaoer/v1"


class MerchantSystem:
    """Knows its own key id and secret; `complaints` are what did not keep to the document, `heard` what did."""

    def __init__(self, shop_url: str, shop_key: str, key_id: str, secret: str) -> None:
        self.complaints: list[str] = []
        self.heard: list[str] = []
        self._shop_url = shop_url
        self._shop_key = shop_key
        self._key_id = key_id
        self._secret = secret
        self._nonces: set[str] = set()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", PREFIX + "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if not self._is_ours(request, body):
            return web.json_response({"error": {"code": "denied", "message": "签名不正确。"}}, status=401)
        path = request.path.removeprefix(PREFIX)
        operation = _operation(request.method.lower(), path)
        if operation is None:
            self.complaints.append(f"{request.method} {path}: no such operation")
            return web.json_response({"error": {"code": "not_found", "message": "没有。"}}, status=404)
        self.heard.append(operation["operationId"])
        self._check_request(request, body, operation)
        headers = {"Authorization": f"Bearer {self._shop_key}", "Content-Type": "application/json"}
        if "Idempotency-Key" in request.headers:
            headers["Idempotency-Key"] = request.headers["Idempotency-Key"]
        url = f"{self._shop_url}/api/v1{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, url, params=request.query, data=body or None, headers=headers
            ) as told,
        ):
            answer = await told.read()
            self._check_answer(operation, told.status, await told.json())
            return web.Response(body=answer, status=told.status, content_type="application/json")

    def _is_ours(self, request: web.Request, body: bytes) -> bool:
        head = request.headers
        lines = [
            "v1", request.method, request.raw_path, head.get("X-Xiaoer-Timestamp", ""),
            head.get("X-Xiaoer-Nonce", ""), head.get("Idempotency-Key", ""), hashlib.sha256(body).hexdigest(),
        ]  # fmt: skip
        expected = hmac.digest(self._secret.encode(), "\n".join(lines).encode(), "sha256").hex()
        nonce = head.get("X-Xiaoer-Nonce", "")
        new = nonce not in self._nonces
        self._nonces.add(nonce)
        return (
            head.get("X-Xiaoer-Key") == self._key_id
            and hmac.compare_digest(head.get("X-Xiaoer-Signature", ""), f"v1={expected}")
            and abs(time.time() - int(head["X-Xiaoer-Timestamp"])) <= 300
            and new
        )

    def _check_request(self, request: web.Request, body: bytes, operation: dict[str, Any]) -> None:
        known = {"header": request.headers, "query": request.query}
        declared = [_resolved(each) for each in operation["parameters"]]
        for each in declared:
            if each["in"] == "path":
                continue
            given = known[each["in"]].get(each["name"])
            if given is None:
                if each.get("required"):
                    self._complain(operation, f"{each['name']} is missing")
                continue
            value: Any = int(given) if each["schema"].get("type") == "integer" else given
            self._validate(operation, value, each["schema"])
        for name in request.query:
            if name not in {each["name"] for each in declared}:
                self._complain(operation, f"{name} is not declared")
        if "requestBody" in operation:
            if request.content_type != "application/json":
                self._complain(operation, "the body is not declared as JSON")
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self._validate(operation, yaml.safe_load(body), schema)
        elif body:
            self._complain(operation, "a body that is not declared")

    def _check_answer(self, operation: dict[str, Any], status: int, value: Any) -> None:
        told = operation["responses"].get(str(status))
        if told is None:
            self._complain(operation, f"{status} is not declared")
            return
        self._validate(operation, value, _resolved(told)["content"]["application/json"]["schema"])

    def _validate(self, operation: dict[str, Any], value: Any, schema: Mapping[str, Any]) -> None:
        try:
            jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)
        except jsonschema.ValidationError as error:
            self._complain(operation, f"{error.json_path}: {error.message[:300]}")

    def _complain(self, operation: dict[str, Any], what: str) -> None:
        self.complaints.append(f"{operation['operationId']}: {what}")


def _operation(method: str, path: str) -> dict[str, Any] | None:
    asked = path.split("/")
    for template, methods in DOCUMENT["paths"].items():
        parts = template.split("/")
        if len(parts) == len(asked) and all("{" in a or a == b for a, b in zip(parts, asked, strict=True)):
            found: dict[str, Any] | None = methods.get(method)
            return found
    return None


def _resolved(value: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in value:
        return value
    found: Any = DOCUMENT
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
