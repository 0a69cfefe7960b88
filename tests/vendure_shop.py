"""A real Vendure shop on a loopback port, and its merchant, who does what a merchant does in its admin."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import aiohttp

FOLDER = Path(__file__).parent / "platforms_vendure"
ADMIN, PASSWORD = "xiaoer-in-tests", "password-of-a-test"
ADDRESS = {
    "fullName": "林小雨", "streetLine1": "文三路 90 号 3 栋 1201 室", "city": "杭州市",
    "province": "浙江省", "postalCode": "310012", "countryCode": "CN", "phoneNumber": "13812345678",
}  # fmt: skip


class Vendure:
    """The process; it forgets everything when it ends."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.admin_api = f"{self.url}/admin-api"
        self._port = port
        self._process: subprocess.Popen[str] | None = None

    def start(self, within_s: float = 180) -> None:
        env = os.environ | {
            "PORT": str(self._port), "ADMIN": ADMIN, "PASSWORD": PASSWORD,
            "VENDURE_DISABLE_TELEMETRY": "true", "NODE_ENV": "test",
        }  # fmt: skip
        self._process = subprocess.Popen(
            ["node", "shop.mjs"], cwd=FOLDER, env=env, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said, until = [], time.monotonic() + within_s
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said.append(line)
            if line.strip() == "READY":
                return
            if time.monotonic() > until:
                break
        self.stop()
        raise AssertionError(f"Vendure did not start: {''.join(said[-20:])}")

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(10)
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()


class Merchant:
    """Speaks GraphQL to the admin and to the shop, as the admin's pages and the storefront would."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session
        self._token = ""

    async def ask(
        self, query: str, api: str = "admin-api", token: str | None = None, **variables: Any
    ) -> Any:
        used = self._token if token is None else token
        headers = {"Authorization": f"Bearer {used}"} if used else {}
        body = {"query": query, "variables": variables}
        async with self._session.post(f"{self._url}/{api}", json=body, headers=headers) as answer:
            told = await answer.json()
            self.last_token = answer.headers.get("vendure-auth-token", used)
        assert "errors" not in told, told["errors"]
        return told["data"]

    async def sign_in(self) -> None:
        await self.ask(
            "mutation($u:String!,$p:String!){login(username:$u,password:$p){__typename ...on ErrorResult{message}}}",
            u=ADMIN, p=PASSWORD,
        )  # fmt: skip
        self._token = self.last_token

    async def customer(self, name: str, email: str) -> str:
        told = await self.ask(
            'mutation($i:CreateCustomerInput!){createCustomer(input:$i,password:"secret-1234")'
            "{...on Customer{id} ...on ErrorResult{message}}}",
            i={"firstName": "", "lastName": name, "emailAddress": email, "phoneNumber": "13812345678"},
        )  # fmt: skip
        return str(told["createCustomer"]["id"])

    async def variants(self) -> dict[str, str]:
        told = await self.ask("{productVariants{items{id sku}}}")
        return {each["sku"]: each["id"] for each in told["productVariants"]["items"]}

    async def order(self, email: str, lines: dict[str, int], *, paid: bool = True) -> str:
        """The code of an order that the customer places in the shop, by variant ids and quantities."""
        await self.ask(
            'mutation($u:String!){login(username:$u,password:"secret-1234"){__typename}}',
            "shop-api", "", u=email,
        )  # fmt: skip
        token = self.last_token
        for variant, quantity in lines.items():
            await self.ask(
                "mutation($v:ID!,$q:Int!){addItemToOrder(productVariantId:$v,quantity:$q)"
                "{__typename ...on ErrorResult{message}}}",
                "shop-api", token, v=variant, q=quantity,
            )  # fmt: skip
        await self.ask(
            "mutation($i:CreateAddressInput!){setOrderShippingAddress(input:$i){__typename}}",
            "shop-api", token, i=ADDRESS,
        )  # fmt: skip
        told = await self.ask("{eligibleShippingMethods{id}}", "shop-api", token)
        method = told["eligibleShippingMethods"][0]["id"]
        await self.ask("mutation($m:[ID!]!){setOrderShippingMethod(shippingMethodId:$m){__typename}}",
                       "shop-api", token, m=[method])  # fmt: skip
        await self.ask(
            'mutation{transitionOrderToState(state:"ArrangingPayment"){__typename}}', "shop-api", token
        )
        told = await self.ask("{activeOrder{code}}", "shop-api", token)
        code = str(told["activeOrder"]["code"])
        if paid:
            told = await self.ask("{eligiblePaymentMethods{code}}", "shop-api", token)
            pays = {"method": told["eligiblePaymentMethods"][0]["code"], "metadata": {}}
            await self.ask("mutation($i:PaymentInput!){addPaymentToOrder(input:$i){__typename"
                           " ...on ErrorResult{message}}}", "shop-api", token, i=pays)  # fmt: skip
        return code

    async def _found(self, code: str) -> Any:
        told = await self.ask(
            "query($c:String!){orders(options:{filter:{code:{eq:$c}}}){items{id state lines{id quantity}"
            " payments{id amount} fulfillments{id}}}}", c=code,
        )  # fmt: skip
        return told["orders"]["items"][0]

    async def ships(self, code: str, courier: str, tracking_number: str) -> None:
        found = await self._found(code)
        lines = [{"orderLineId": line["id"], "quantity": line["quantity"]} for line in found["lines"]]
        handler = {"code": "manual-fulfillment", "arguments": [
            {"name": "method", "value": courier}, {"name": "trackingCode", "value": tracking_number},
        ]}  # fmt: skip
        told = await self.ask(
            "mutation($i:FulfillOrderInput!){addFulfillmentToOrder(input:$i)"
            "{...on Fulfillment{id} ...on ErrorResult{message}}}",
            i={"lines": lines, "handler": handler},
        )  # fmt: skip
        await self._moves(told["addFulfillmentToOrder"]["id"], "Shipped")

    async def delivers(self, code: str) -> None:
        await self._moves((await self._found(code))["fulfillments"][0]["id"], "Delivered")

    async def _moves(self, fulfilment: str, state: str) -> None:
        told = await self.ask(
            "mutation($i:ID!,$s:String!){transitionFulfillmentToState(id:$i,state:$s)"
            "{__typename ...on ErrorResult{message}}}", i=fulfilment, s=state,
        )  # fmt: skip
        assert told["transitionFulfillmentToState"]["__typename"] == "Fulfillment", told

    async def refunds(self, code: str, pieces: int) -> None:
        """Gives the money of so many pieces of the first line back, and settles it."""
        found = await self._found(code)
        line, payment = found["lines"][0], found["payments"][0]
        told = await self.ask(
            "mutation($i:RefundOrderInput!){refundOrder(input:$i){__typename ...on Refund{id}"
            " ...on ErrorResult{message}}}",
            i={"lines": [{"orderLineId": line["id"], "quantity": pieces}], "shipping": 0, "adjustment": 0,
               "paymentId": payment["id"], "reason": "质量问题"},
        )  # fmt: skip
        refund = told["refundOrder"]["id"]
        await self.ask("mutation($i:SettleRefundInput!){settleRefund(input:$i){__typename}}",
                       i={"id": refund, "transactionId": "RF-1"})  # fmt: skip

    async def opens(self) -> None:
        """Has the shop ask its prices in yuan; the seed's are in dollars."""
        told = await self.ask("{activeChannel{id} productVariants{items{id price}}}")
        await self.ask(
            "mutation($i:UpdateChannelInput!){updateChannel(input:$i){__typename ...on ErrorResult{message}}}",
            i={"id": told["activeChannel"]["id"], "availableCurrencyCodes": ["CNY", "USD"],
               "defaultCurrencyCode": "CNY"},
        )  # fmt: skip
        prices = [{"id": each["id"], "price": each["price"]} for each in told["productVariants"]["items"]]
        await self.ask(
            "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id}}", i=prices
        )
