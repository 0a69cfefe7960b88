"""Alipay's open platform: charges and refunds, signed and verified with RSA2.

A refund that was accepted (code 10000) is not a refund that arrived: only `refund_status` says so.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from actions.platforms.base import (
    NotFound,
    PlatformBusy,
    PlatformDenied,
    PlatformDown,
    PlatformError,
    PlatformGarbage,
    Refused,
)
from actions.platforms.client import Call, Client, decoded
from actions.platforms.paying import Charge, GivenBack, Repayment

CHINA = timezone(timedelta(hours=8))
ADDRESS = "https://openapi.alipay.com/gateway.do"
CHARGES: dict[str, Any] = {
    "WAIT_BUYER_PAY": "pending", "TRADE_SUCCESS": "succeeded", "TRADE_FINISHED": "succeeded", "TRADE_CLOSED": "failed",
}  # fmt: skip
ROUTE = "原路退回支付宝付款账户"


class AlipayAccount(msgspec.Struct, frozen=True):
    """The application's id and private key, and Alipay's public key."""

    app_id: str
    key: RSAPrivateKey
    theirs: RSAPublicKey
    url: str = ADDRESS


class Alipay:
    """Believes only what is signed by Alipay's key."""

    name = "alipay"

    def __init__(self, account: AlipayAccount, client: Client) -> None:
        self._account = account
        self._client = client

    async def charge(self, payment: str) -> Charge:
        told = await self._ask("alipay.trade.query", {"out_trade_no": payment})
        state = CHARGES.get(told.get("trade_status", ""))
        if state is None:
            raise PlatformGarbage("trade_status")
        paid = told.get("send_pay_date", "")
        return Charge(
            payment,
            told.get("trade_no", ""),
            state,
            _fen(told.get("total_amount", "")),
            _time(paid) if paid else None,
        )

    async def refund(self, wish: Repayment) -> GivenBack:
        """The same number is never paid twice; what became of it is asked for at once."""
        await self._ask(
            "alipay.trade.refund",
            {
                "out_trade_no": wish.payment,
                "out_request_no": wish.number,
                "refund_amount": f"{wish.amount_fen // 100}.{wish.amount_fen % 100:02d}",
                "refund_reason": wish.reason[:256],
            },
        )
        try:
            return await self.refunded(wish.payment, wish.number)
        except NotFound:  # accepted, and not yet in their books
            return GivenBack(wish.number, "processing", wish.amount_fen, ROUTE, None)

    async def refunded(self, payment: str, number: str) -> GivenBack:
        told = await self._ask(
            "alipay.trade.fastpay.refund.query",
            {"out_trade_no": payment, "out_request_no": number, "query_options": ["gmt_refund_pay"]},
        )
        if not told.get("out_request_no"):
            raise NotFound("refund")
        arrived = told.get("refund_status") == "REFUND_SUCCESS"
        at = told.get("gmt_refund_pay", "")
        return GivenBack(
            number, "arrived" if arrived else "processing", _fen(told.get("refund_amount", "0")), ROUTE,
            _time(at) if arrived and at else None,
        )  # fmt: skip

    def read_notice(self, form: Mapping[str, str]) -> Mapping[str, str]:
        """What Alipay tells by itself, verified. Raises PlatformGarbage when it is not theirs, or not for us."""
        told = "&".join(f"{n}={form[n]}" for n in sorted(form) if n not in {"sign", "sign_type"} and form[n])
        self._verify(told.encode(), form.get("sign", ""))
        if form.get("app_id") != self._account.app_id:
            raise PlatformGarbage("for somebody else")
        return form

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, method: str, content: dict[str, Any]) -> dict[str, Any]:
        def make() -> Call:
            form = {
                "app_id": self._account.app_id,
                "method": method,
                "format": "JSON",
                "charset": "utf-8",
                "sign_type": "RSA2",
                "timestamp": datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
                "version": "1.0",
                "biz_content": msgspec.json.encode(content).decode(),
            }
            told = "&".join(f"{name}={form[name]}" for name in sorted(form))
            mark = self._account.key.sign(told.encode(), PKCS1v15(), SHA256())
            form["sign"] = base64.b64encode(mark).decode()
            headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
            return Call(method, "POST", self._account.url, headers, urlencode(form).encode())

        answer = await self._client.send(make, again=True)  # a refund is known by its number
        node = f"{method.replace('.', '_')}_response"
        told = decoded(dict[str, Any], answer.body)
        if "error_response" in told:
            raise _refusal(told["error_response"])
        self._verify(_raw(answer.body, node), str(told.get("sign", "")))
        found = told.get(node)
        if not isinstance(found, dict):
            raise PlatformGarbage("answer")
        if found.get("code") != "10000":
            raise _refusal(found)
        return found

    def _verify(self, told: bytes, mark: str) -> None:
        try:
            self._account.theirs.verify(base64.b64decode(mark, validate=True), told, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error) as error:
            raise PlatformGarbage("forged") from error


def _raw(body: bytes, node: str) -> bytes:
    """The bytes of the node as they were sent, for those were signed."""
    found = re.search(rb'"' + node.encode() + rb'"\s*:\s*', body)
    if found is None:
        raise PlatformGarbage("answer")
    rest = body[found.end() :]
    depth, quoted, escaped = 0, False, False
    for at, byte in enumerate(rest):
        if quoted:
            quoted = escaped or byte != 0x22
            escaped = byte == 0x5C and not escaped
        elif byte == 0x22:
            quoted = True
        elif byte in b"{[":
            depth += 1
        elif byte in b"}]":
            depth -= 1
            if depth == 0:
                return rest[: at + 1]
    raise PlatformGarbage("answer")


def _refusal(told: dict[str, Any]) -> PlatformError:
    code, sub = str(told.get("code", "")), str(told.get("sub_code", ""))
    if sub in {"ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"}:
        return NotFound("payment")
    if code == "20000" or sub in {"ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error"}:
        return PlatformDown(sub or code)
    if code == "40005" or "call-limited" in sub:
        return PlatformBusy(sub or code)
    if code in {"20001", "40006"} or sub.startswith(("isv.invalid-sign", "isv.invalid-app-id")):
        return PlatformDenied(sub or code)
    words = {
        "ACQ.SELLER_BALANCE_NOT_ENOUGH": "商户账户余额不足，退款暂时无法发起，请联系人工客服。",
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "退款金额超过了付款金额，请联系人工客服。",
        "ACQ.TRADE_HAS_FINISHED": "这笔交易已超过可退款的期限，请联系人工客服。",
    }
    return Refused((sub or code).lower(), words.get(sub, "支付宝没有受理，请联系人工客服。"))


def _fen(yuan: str) -> int:
    try:
        fen = Decimal(yuan) * 100
    except InvalidOperation as error:
        raise PlatformGarbage("amount") from error
    if fen != int(fen) or fen < 0:
        raise PlatformGarbage("amount")
    return int(fen)


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError as error:
        raise PlatformGarbage("time") from error
