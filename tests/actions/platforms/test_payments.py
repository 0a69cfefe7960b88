"""WeChat Pay and Alipay as their documents describe them: hand-written servers that really sign and verify."""

import base64
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from actions.platforms import base
from actions.platforms.alipay import Alipay, AlipayAccount
from actions.platforms.client import Client, Limits
from actions.platforms.paying import Repayment
from actions.platforms.wechat_pay import WeChatPay, WeChatPayAccount

API_V3_KEY = b"0123456789abcdef0123456789abcdef"
WISH = Repayment("PAY1", "xr1", 1290, 80400, "重复扣款退款")


def signed(key: rsa.RSAPrivateKey, told: bytes) -> str:
    return base64.b64encode(key.sign(told, padding.PKCS1v15(), SHA256())).decode()


@pytest.fixture(scope="module")
def keys() -> list[rsa.RSAPrivateKey]:
    """Ours, theirs and a stranger's."""
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)]


class WeChatPayServer:
    """Refunds by out_refund_no, in memory; checks our signature, signs its answers."""

    def __init__(self, keys: list[rsa.RSAPrivateKey]) -> None:
        self.ours, self.theirs = keys[0].public_key(), keys[1]
        self.serial, self.late, self.spoil, self.falls_over = "PUB_KEY_ID_1", 0, b"", 0
        self.refunds: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self._check(request, body)
        self.asked.append(f"{request.method} {request.path}")
        if self.falls_over:
            self.falls_over -= 1
            return web.json_response({"code": "SYSTEM_ERROR", "message": "系统错误"}, status=500)
        if request.method == "POST":
            return self._told(self._refund(json.loads(body)))
        number = request.path.rpartition("/")[2]
        if "out-trade-no" in request.path:
            if number != "PAY1" or request.query["mchid"] != "1900000001":
                return web.json_response({"code": "ORDER_NOT_EXIST", "message": "订单不存在"}, status=404)
            return self._told(
                {
                    "out_trade_no": "PAY1", "transaction_id": "4200001", "trade_state": "SUCCESS",
                    "success_time": "2026-11-20T10:00:00+08:00", "amount": {"total": 80400, "payer_total": 80400},
                }
            )  # fmt: skip
        if number not in self.refunds:
            return web.json_response({"code": "RESOURCE_NOT_EXISTS", "message": "退款单不存在"}, status=404)
        return self._told(self.refunds[number])

    def _refund(self, wish: dict[str, Any]) -> dict[str, Any]:
        assert wish["amount"]["currency"] == "CNY"
        return self.refunds.setdefault(
            wish["out_refund_no"],
            {
                "refund_id": f"5000{len(self.refunds)}", "out_refund_no": wish["out_refund_no"],
                "status": "PROCESSING", "user_received_account": "支付用户零钱", "amount": wish["amount"],
            },
        )  # fmt: skip

    def _check(self, request: web.Request, body: bytes) -> None:
        scheme, _, rest = request.headers["Authorization"].partition(" ")
        given = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        assert scheme == "WECHATPAY2-SHA256-RSA2048"
        assert (given["mchid"], given["serial_no"]) == ("1900000001", "OUR-SERIAL")
        told = f"{request.method}\n{request.path_qs}\n{given['timestamp']}\n{given['nonce_str']}\n".encode()
        self.ours.verify(
            base64.b64decode(given["signature"]), told + body + b"\n", padding.PKCS1v15(), SHA256()
        )

    def _told(self, value: dict[str, Any]) -> web.Response:
        body = json.dumps(value, ensure_ascii=False).encode()
        return web.Response(
            body=body + self.spoil, headers=self.headers(body), content_type="application/json"
        )

    def headers(self, body: bytes) -> dict[str, str]:
        at = str(int(time.time()) - self.late)
        mark = signed(self.theirs, f"{at}\nnonce\n".encode() + body + b"\n")
        return {
            "Wechatpay-Timestamp": at, "Wechatpay-Nonce": "nonce", "Wechatpay-Serial": self.serial,
            "Wechatpay-Signature": mark,
        }  # fmt: skip

    def notice(self, kind: str, content: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        secret = AESGCM(API_V3_KEY).encrypt(b"nonce-of-12b", json.dumps(content).encode(), b"refund")
        body = json.dumps(
            {
                "id": "N1", "event_type": kind, "resource_type": "encrypt-resource",
                "resource": {
                    "algorithm": "AEAD_AES_256_GCM", "ciphertext": base64.b64encode(secret).decode(),
                    "nonce": "nonce-of-12b", "associated_data": "refund", "original_type": "refund",
                },
            }
        ).encode()  # fmt: skip
        return self.headers(body), body


class AlipayServer:
    """Refunds by out_request_no; answers like Alipay, with the signature over the node as it is sent."""

    def __init__(self, keys: list[rsa.RSAPrivateKey]) -> None:
        self.ours, self.theirs = keys[0].public_key(), keys[1]
        self.arrived = False
        self.answer_code: dict[str, str] = {}
        self.refunds: dict[str, str] = {}

    async def answer(self, request: web.Request) -> web.Response:
        form = dict(parse_qsl((await request.read()).decode()))
        told = "&".join(f"{name}={form[name]}" for name in sorted(form) if name != "sign")
        try:
            self.ours.verify(base64.b64decode(form["sign"]), told.encode(), padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return web.json_response(
                {"error_response": {"code": "40002", "sub_code": "isv.invalid-signature"}}
            )
        node = form["method"].replace(".", "_") + "_response"
        value = {"code": "10000", "msg": "Success"} | self._said(
            form["method"], json.loads(form["biz_content"])
        )
        raw = json.dumps(value | self.answer_code, ensure_ascii=False)
        return web.Response(
            text=f'{{"{node}":{raw},"sign":"{signed(self.theirs, raw.encode())}"}}', content_type="text/html"
        )

    def _said(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["out_trade_no"] != "PAY1":
            return {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_NOT_EXIST"}
        match method:
            case "alipay.trade.query":
                return {
                    "out_trade_no": "PAY1", "trade_no": "2026112022", "trade_status": "TRADE_SUCCESS",
                    "total_amount": "804.00", "send_pay_date": "2026-11-20 10:00:00", "buyer": 'a "quoted} name',
                }  # fmt: skip
            case "alipay.trade.refund":
                first = asked["out_request_no"] not in self.refunds
                self.refunds.setdefault(asked["out_request_no"], asked["refund_amount"])
                return {"fund_change": "Y" if first else "N", "refund_fee": asked["refund_amount"]}
            case _ if asked["out_request_no"] in self.refunds:
                found = {"out_request_no": asked["out_request_no"], "refund_amount": self.refunds["xr1"]}
                done = {"refund_status": "REFUND_SUCCESS", "gmt_refund_pay": "2026-11-21 10:00:00"}
                return found | (done if self.arrived else {})
            case _:
                return {}


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    runners = []

    async def start(answer: Any) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def wechat(keys: Any, serve: Any) -> AsyncIterator[tuple[WeChatPay, WeChatPayServer]]:
    server = WeChatPayServer(keys)
    account = WeChatPayAccount(
        "1900000001", "OUR-SERIAL", keys[0], {"PUB_KEY_ID_1": keys[1].public_key()}, API_V3_KEY,
        await serve(server.answer),
    )  # fmt: skip
    pay = WeChatPay(account, Client("wechat_pay", Limits()))
    yield pay, server
    await pay.close()


@pytest.fixture
async def alipay(keys: Any, serve: Any) -> AsyncIterator[tuple[Alipay, AlipayServer]]:
    server = AlipayServer(keys)
    account = AlipayAccount("2021000", keys[0], keys[1].public_key(), await serve(server.answer))
    pay = Alipay(account, Client("alipay", Limits()))
    yield pay, server
    await pay.close()


async def test_wechat_pay_says_what_was_charged_and_when(wechat: Any) -> None:
    charge = await wechat[0].charge("PAY1")

    assert (charge.state, charge.amount_fen, charge.trade) == ("succeeded", 80400, "4200001")
    assert charge.paid_at.isoformat() == "2026-11-20T10:00:00+08:00"
    for unknown in ("PAY2", "../x", "", "a b"):
        with pytest.raises(base.NotFound):
            await wechat[0].charge(unknown)


async def test_a_refund_by_wechat_pay_is_accepted_first_and_made_once_also_when_its_answer_was_lost(
    wechat: Any,
) -> None:
    pay, server = wechat
    server.falls_over = 1

    told = [await pay.refund(WISH), await pay.refund(WISH)]

    assert [each.state for each in told] == ["processing", "processing"]
    assert list(server.refunds) == ["xr1"]
    assert server.asked == ["POST /v3/refund/domestic/refunds"] * 3
    server.refunds["xr1"] |= {"status": "SUCCESS", "success_time": "2026-11-22T10:00:00+08:00"}
    arrived = await pay.refunded("PAY1", "xr1")
    assert (arrived.state, arrived.amount_fen, arrived.route) == ("arrived", 1290, "支付用户零钱")


@pytest.mark.parametrize("spoil", ["body", "stranger", "stale", "serial"])
async def test_an_answer_that_is_not_wechat_pays_is_not_believed(wechat: Any, keys: Any, spoil: str) -> None:
    pay, server = wechat
    match spoil:
        case "body":
            server.spoil = b" "
        case "stranger":
            server.theirs = keys[2]
        case "stale":
            server.late = 301
        case "serial":
            server.serial = "PUB_KEY_ID_2"

    with pytest.raises(base.PlatformGarbage):
        await pay.charge("PAY1")


async def test_a_notice_of_wechat_pay_is_read_only_when_it_is_theirs(wechat: Any, keys: Any) -> None:
    pay, server = wechat
    content = {"out_refund_no": "xr1", "refund_status": "SUCCESS", "amount": {"refund": 1290, "total": 80400}}
    headers, body = server.notice("REFUND.SUCCESS", content)

    identifier, told = pay.read_notice(headers, body)

    assert (identifier, told.number, told.state, told.amount_fen) == ("N1", "xr1", "arrived", 1290)
    with pytest.raises(base.PlatformGarbage):
        pay.read_notice(headers, body.replace(b"N1", b"N2"))
    server.theirs = keys[2]
    with pytest.raises(base.PlatformGarbage):
        pay.read_notice(*server.notice("REFUND.SUCCESS", content))


async def test_alipay_says_what_was_charged_in_fen(alipay: Any) -> None:
    charge = await alipay[0].charge("PAY1")

    assert (charge.state, charge.amount_fen, charge.trade) == ("succeeded", 80400, "2026112022")
    assert charge.paid_at.isoformat() == "2026-11-20T10:00:00+08:00"
    with pytest.raises(base.NotFound):
        await alipay[0].charge("PAY2")


async def test_alipays_success_is_not_a_refund_before_it_says_that_it_arrived(alipay: Any) -> None:
    pay, server = alipay

    told = [await pay.refund(WISH), await pay.refund(WISH)]

    assert [(each.state, each.amount_fen) for each in told] == [("processing", 1290)] * 2
    assert server.refunds == {"xr1": "12.90"}
    server.arrived = True
    arrived = await pay.refunded("PAY1", "xr1")
    assert (arrived.state, arrived.arrived_at.isoformat()) == ("arrived", "2026-11-21T10:00:00+08:00")


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"}, base.Refused),
        ({"code": "20000", "sub_code": "isp.unknow-error"}, base.PlatformDown),
        ({"code": "40005", "sub_code": "isv.app-call-limited"}, base.PlatformBusy),
        ({"code": "40006", "sub_code": "isv.insufficient-isv-permissions"}, base.PlatformDenied),
        ({"trade_status": "NEW_ONE"}, base.PlatformGarbage),
        ({"total_amount": "8.045"}, base.PlatformGarbage),
    ],
)
async def test_alipays_own_codes_become_the_contracts_errors(alipay: Any, told: Any, error: Any) -> None:
    alipay[1].answer_code = told

    with pytest.raises(error) as raised:
        await alipay[0].charge("PAY1")

    assert type(raised.value) is error


async def test_an_answer_or_notice_that_is_not_alipays_is_not_believed(alipay: Any, keys: Any) -> None:
    pay, server = alipay
    form = {"app_id": "2021000", "out_trade_no": "PAY1", "trade_status": "TRADE_SUCCESS", "sign_type": "RSA2"}
    told = "&".join(f"{name}={form[name]}" for name in sorted(form) if name != "sign_type").encode()

    assert pay.read_notice(form | {"sign": signed(keys[1], told)})["out_trade_no"] == "PAY1"
    for forged in (
        form | {"sign": signed(keys[2], told)},
        form | {"sign": signed(keys[1], told), "out_trade_no": "PAY2"},
        form | {"sign": ""},
        form,
    ):
        with pytest.raises(base.PlatformGarbage):
            pay.read_notice(forged)
    server.theirs = keys[2]
    with pytest.raises(base.PlatformGarbage):
        await pay.charge("PAY1")


def test_no_more_than_was_paid_is_ever_asked_back() -> None:
    for amount in (0, -1, 80401):
        with pytest.raises(base.Refused):
            Repayment("PAY1", hashlib.sha256(b"x").hexdigest(), amount, 80400, "x")
