"""WeChat Pay, API v3: charges and refunds, and what it tells by itself; all signed, all verified.

Own signing on `cryptography` and not the wechatpayv3 library: that one brings an HTTP client of its own,
and every call here goes through ours, with its time limits, breaker and logs.
"""

import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from actions.platforms.base import NotFound, PlatformBusy, PlatformError, PlatformGarbage, Refused
from actions.platforms.client import Answer, Call, Client, decoded
from actions.platforms.paying import Charge, GivenBack, Repayment

ADDRESS = "https://api.mch.weixin.qq.com"
FRESH_S = 300
CHARGES: dict[str, Any] = {
    "SUCCESS": "succeeded", "REFUND": "refunded", "NOTPAY": "pending", "USERPAYING": "pending",
    "CLOSED": "failed", "REVOKED": "failed", "PAYERROR": "failed",
}  # fmt: skip
REFUNDS: dict[str, Any] = {
    "SUCCESS": "arrived", "PROCESSING": "processing", "CLOSED": "failed", "ABNORMAL": "failed",
}  # fmt: skip


class WeChatPayAccount(msgspec.Struct, frozen=True):
    """The merchant's number, certificate serial and private key; WeChat Pay's public keys by their ids."""

    merchant: str
    serial: str
    key: RSAPrivateKey
    theirs: Mapping[str, RSAPublicKey]
    api_v3_key: bytes
    url: str = ADDRESS


class _Amount(msgspec.Struct, frozen=True):
    total: int = 0
    refund: int = 0


class _Transaction(msgspec.Struct, frozen=True):
    out_trade_no: str
    trade_state: str
    transaction_id: str = ""
    success_time: str = ""
    amount: _Amount = _Amount()


class _Refund(msgspec.Struct, frozen=True):
    out_refund_no: str
    amount: _Amount
    status: str = ""
    refund_status: str = ""
    user_received_account: str = ""
    success_time: str = ""


class _Fault(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Resource(msgspec.Struct, frozen=True):
    ciphertext: str
    nonce: str
    associated_data: str = ""
    algorithm: str = ""


class _Notice(msgspec.Struct, frozen=True):
    id: str
    event_type: str
    resource: _Resource


class WeChatPay:
    """Believes only what is signed by one of WeChat Pay's keys, and fresh."""

    name = "wechat_pay"

    def __init__(self, account: WeChatPayAccount, client: Client) -> None:
        self._account = account
        self._client = client

    async def charge(self, payment: str) -> Charge:
        path = f"/v3/pay/transactions/out-trade-no/{_safe(payment)}?mchid={self._account.merchant}"
        return _charge(decoded(_Transaction, await self._ask("charge", "GET", path)))

    async def refund(self, wish: Repayment) -> GivenBack:
        """Accepted is not arrived. The same number is never paid twice: sent again it answers what became of it."""
        body = msgspec.json.encode(
            {
                "out_trade_no": _safe(wish.payment),
                "out_refund_no": _safe(wish.number),
                "reason": wish.reason[:26],  # 80 bytes
                "amount": {"refund": wish.amount_fen, "total": wish.total_fen, "currency": "CNY"},
            }
        )
        return _given_back(
            decoded(_Refund, await self._ask("refund", "POST", "/v3/refund/domestic/refunds", body))
        )

    async def refunded(self, payment: str, number: str) -> GivenBack:
        del payment  # their refund numbers are unique by themselves
        path = f"/v3/refund/domestic/refunds/{_safe(number)}"
        return _given_back(decoded(_Refund, await self._ask("refunded", "GET", path)))

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> tuple[str, Charge | GivenBack]:
        """The id and content of what WeChat Pay tells by itself. Raises PlatformGarbage when it is not theirs."""
        self._verify({name.lower(): value for name, value in headers.items()}, body)
        notice = decoded(_Notice, body)
        told = notice.resource
        if told.algorithm != "AEAD_AES_256_GCM":
            raise PlatformGarbage("algorithm")
        try:
            content = AESGCM(self._account.api_v3_key).decrypt(
                told.nonce.encode(), base64.b64decode(told.ciphertext), told.associated_data.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise PlatformGarbage("notice") from error
        if notice.event_type.startswith("REFUND."):
            return notice.id, _given_back(decoded(_Refund, content))
        return notice.id, _charge(decoded(_Transaction, content))

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, what: str, method: str, path: str, body: bytes = b"") -> bytes:
        def make() -> Call:
            headers = {
                "Authorization": self._signed(method, path, body),
                "Accept": "application/json",
                "Content-Type": "application/json",
                "User-Agent": "xiaoer",
            }
            return Call(what, method, f"{self._account.url}{path}", headers, body)

        answer = await self._client.send(make, again=True)  # a refund is known by its number
        if answer.status >= 400:
            raise _refusal(answer)
        self._verify(answer.headers, answer.body)
        return answer.body

    def _signed(self, method: str, path: str, body: bytes) -> str:
        at, nonce = str(int(time.time())), secrets.token_hex(16)
        told = f"{method}\n{path}\n{at}\n{nonce}\n".encode() + body + b"\n"
        mark = base64.b64encode(self._account.key.sign(told, PKCS1v15(), SHA256())).decode()
        return (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self._account.merchant}",nonce_str="{nonce}",'
            f'signature="{mark}",timestamp="{at}",serial_no="{self._account.serial}"'
        )

    def _verify(self, headers: Mapping[str, str], body: bytes) -> None:
        at, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
        key = self._account.theirs.get(headers.get("wechatpay-serial", ""))
        if key is None or not at.isdigit() or abs(time.time() - int(at)) > FRESH_S:
            raise PlatformGarbage("unsigned")
        try:
            mark = base64.b64decode(headers.get("wechatpay-signature", ""), validate=True)
            key.verify(mark, f"{at}\n{nonce}\n".encode() + body + b"\n", PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error) as error:
            raise PlatformGarbage("forged") from error


def _refusal(answer: Answer) -> PlatformError:
    code = decoded(_Fault, answer.body).code
    if answer.status == 404 or code in {"RESOURCE_NOT_EXISTS", "ORDER_NOT_EXIST"}:
        return NotFound("payment")
    if code in {"FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"}:
        return PlatformBusy(code)
    told = {
        "NOT_ENOUGH": "商户账户余额不足，退款暂时无法发起，请联系人工客服。",
        "INVALID_REQUEST": "微信支付没有受理这笔退款，请联系人工客服。",
    }
    return Refused(code.lower(), told.get(code, "微信支付没有受理，请联系人工客服。"))


def _charge(told: _Transaction) -> Charge:
    if told.trade_state not in CHARGES:
        raise PlatformGarbage("trade_state")
    return Charge(
        told.out_trade_no,
        told.transaction_id,
        CHARGES[told.trade_state],
        told.amount.total,
        _time(told.success_time),
    )


def _given_back(told: _Refund) -> GivenBack:
    state = REFUNDS.get(told.status or told.refund_status)
    if state is None:
        raise PlatformGarbage("refund status")
    return GivenBack(
        told.out_refund_no, state, told.amount.refund, told.user_received_account, _time(told.success_time)
    )


def _time(text: str) -> datetime | None:
    try:
        time_told = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise PlatformGarbage("time") from error
    if time_told is not None and time_told.tzinfo is None:
        raise PlatformGarbage("time")
    return time_told


def _safe(number: str) -> str:
    # What can be no number of theirs reads like one that is not there.
    if not (number.isascii() and 1 <= len(number) <= 64 and all(c.isalnum() or c in "_-|*@" for c in number)):
        raise NotFound("payment")
    return number
