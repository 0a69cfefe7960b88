"""The OpenAPI 3.1 document of the console's calls, made from the table of them and from their values' types."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

import msgspec
from aiohttp import web

from bot.archive.accounts import AgentRole
from bot.console.door import CSRF, Handler, signed_in, verb_of
from bot.console.roles import MAY, Verb
from bot.console.shapes import Event, Refusal
from bot.conversation.events import BODY_OF

ROOT = "/api/console"
OPENAPI: "web.AppKey[bytes]" = web.AppKey("console_openapi")

_REF = "#/components/schemas/{name}"
_WRONG = {
    400: "the call is not as this document says",
    401: "nobody is signed in",
    403: "the role may not, the CSRF token is missing, or the page is not ours",
    404: "there is no such thing",
    409: "somebody else was first; `error.state` is how it is now",
    429: "too often; `Retry-After` says when again",
    503: "the log or the archive does not answer: try again",
}
_IN_PATH = {
    "reply": "A canned reply's id.",
    "id": "the conversation",
    "ticket": "the ticket's number",
    "agent": "the agent's id",
    "entry": "the FAQ entry's id, like returns.freight",
}


@dataclass(frozen=True)
class Query:
    """One thing that may stand behind the question mark, with its JSON schema."""

    name: str
    schema: dict[str, Any]
    required: bool = False


@dataclass(frozen=True)
class Call:
    """One operation: where it is, what it takes (`given`), what it answers; no `answers` is 204 or `media`."""

    method: str
    path: str
    handler: Handler
    answers: Any = None
    given: Any = None
    query: tuple[Query, ...] = ()
    media: str = "application/json"

    @property
    def address(self) -> str:
        return f"{ROOT}/{self.path}"

    @property
    def verb(self) -> Verb | None:
        """What its role must be allowed to do; None when nobody has to be signed in."""
        return verb_of(self.handler)


@signed_in(Verb.LOOK)
async def openapi(request: web.Request, _: object) -> web.StreamResponse:
    """This document."""
    return web.Response(body=request.app[OPENAPI], content_type="application/json")


def document(calls: Sequence[Call]) -> dict[str, Any]:
    """OpenAPI 3.1, with every call of the table and every value that they take and answer."""
    types = {id(kind): kind for call in calls for kind in (call.given, call.answers) if kind is not None}
    listed = [*types.values(), Refusal, Event, *BODY_OF.values()]
    schemas, components = msgspec.json.schema_components(listed, ref_template=_REF)
    of = {id(kind): schema for kind, schema in zip(listed, schemas, strict=True)}
    bodies = {kind.value: of[id(body)] for kind, body in BODY_OF.items()}
    components["Event"]["oneOf"] = [
        {"properties": {"kind": {"const": kind}, "body": body}} for kind, body in bodies.items()
    ]
    paths: dict[str, Any] = {}
    for call in calls:
        paths.setdefault(call.address, {})[call.method.lower()] = _operation(call, of)
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "店小二 console",
            "version": "1",
            "description": "Everything that 店小二's own console does. How to use it: docs/api/README.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-xiaoer"},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF},
            },
        },
        "security": [{"session": []}],
    }
    return _plain_names(made)


def _operation(call: Call, of: dict[int, Any]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "done"}
    if call.answers is not None:
        done["content"] = {call.media: {"schema": of[id(call.answers)]}}
    elif call.media != "application/json":
        done["content"] = {call.media: {"schema": {"type": "string"}}}
    elif call.handler is openapi:
        done["content"] = {call.media: {"schema": {"type": "object"}}}
    status = "200" if "content" in done else "204"
    refused = {
        str(code): {
            "description": why,
            "content": {"application/json": {"schema": of[id(Refusal)]}},
        }
        for code, why in _WRONG.items()
    }
    told: dict[str, Any] = {
        "operationId": _name(call),
        "summary": cleandoc(call.handler.__doc__ or _name(call).replace("_", " ")).split("\n")[0],
        "responses": {status: done, **refused},
    }
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _IN_PATH[name],
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        }
        for name in re.findall(r"{(\w+)}", call.path)
    ]
    parameters += [
        {"name": one.name, "in": "query", "required": one.required, "schema": one.schema}
        for one in call.query
    ]
    if parameters:
        told["parameters"] = parameters
    if call.given is not None:
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": of[id(call.given)]}},
        }
    if call.verb is None:
        told["security"] = []
    else:
        told["x-roles"] = [role.value for role in AgentRole if role in MAY[call.verb]]
        if call.method != "GET":
            told["security"] = [{"session": [], "csrf": []}]
    return told


def _name(call: Call) -> str:
    words = re.sub(r"{\w+}/?", "", call.path).rstrip("/")
    one = "_one" if call.path.endswith("}") else ""
    return re.sub(r"\W+", "_", f"{call.method.lower()}_{words}") + one


def _plain_names(made: dict[str, Any]) -> dict[str, Any]:
    """With `TeachingReading` for what msgspec calls `bot.archive.teaching.Reading` among several Readings."""
    text = msgspec.json.encode(made).decode()
    for name in made["components"]["schemas"]:
        if "." in name:
            room, kind = name.split(".")[-2:]
            text = text.replace(f'"{name}"', f'"{room.capitalize()}{kind}"')
            text = text.replace(f'/{name}"', f'/{room.capitalize()}{kind}"')
    plain: dict[str, Any] = msgspec.json.decode(text)
    schemas = plain["components"]["schemas"]
    plain["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas)}
    return plain
