"""What shoppers and the bot do, here and in channels that are not our own page."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.conversation import bodies, commands
from bot.conversation.bodies import Acted, Bound, Customer, Delivered, Means, Rated, Reach, Text, Understood
from bot.conversation.changed import Proposal
from bot.conversation.events import Kind, Role
from bot.conversation.state import Stage
from bot.errors import NothingToRateError, NotReachableError

from .played import LIN, WANG, Played, ages

WORDS = ["我的包裹在哪", "转人工", "谢谢", "退款什么时候到", "我要真人客服"]
PROPOSED = Proposal("refund", {"order": "1"}, "退款 2000 元", 200_000)
CHEN = Customer("c2", "陈先生", verified=True)


class Shopper(Played):
    """On our own page, where he is whom the shop signed for."""

    @rule(text=st.sampled_from(["在吗", "我的包裹在哪"]))
    def customer_chats(self, text: str) -> None:
        stage = self.state.stage
        self.commit(commands.CustomerSays(self.fresh(), "web", "demo", LIN, Text(text)))
        assert self.state.stage is (Stage.BOT if stage is Stage.CLOSED else stage)
        if self.state.stage is Stage.BOT:
            self.turns = [*self.turns[-3:], self.state]

    @rule(text=st.sampled_from(WORDS))
    def customer_says(self, text: str) -> None:
        before = self.state
        added = self.commit(commands.CustomerSays(self.fresh(), "web", "demo", LIN, Text(text)))
        assert added[-1].kind is Kind.SAID or added[-2].kind is Kind.SAID
        if "人工" in text or "真人" in text:
            self.asked_for_human = True
            assert self.state.stage in (Stage.WAITING, Stage.HUMAN)
        if before.stage in (Stage.WAITING, Stage.HUMAN):
            assert (self.state.stage, self.state.owner) == (before.stage, before.owner)

    @rule()
    def customer_presses_human(self) -> None:
        pressed = bodies.Choice(1, "3", "转人工")
        self.commit(commands.CustomerSays(self.fresh(), "web", "demo", LIN, pressed, Means(human=True)))
        self.asked_for_human = True
        assert self.state.stage in (Stage.WAITING, Stage.HUMAN)

    @rule()
    def customer_asks_for_a_human(self) -> None:
        self.commit(commands.CustomerAsksForHuman(self.fresh(), "web", "demo", LIN))
        self.asked_for_human = True
        assert self.state.stage in (Stage.WAITING, Stage.HUMAN)

    @rule()
    def customer_leaves_the_line(self) -> None:
        waiting = self.state.stage is Stage.WAITING
        assert self.refused(commands.CustomerLeavesLine(self.fresh())) is not waiting
        if waiting:
            self.asked_for_human = False

    @rule(stars=st.integers(1, 5))
    def customer_rates(self, stars: int) -> None:
        rateable = self.state.rateable
        rates = commands.CustomerRates(self.fresh(), Rated(stars))
        try:
            self.commit(rates)
        except NothingToRateError:
            assert not rateable
        else:
            assert rateable
            assert not self.state.rateable


class Outside(Played):
    """In WeChat, QQ and the like: who he is, what may be sent, what became of it."""

    @rule(bound=st.sampled_from([CHEN, Customer()]), notices=st.booleans())
    def shopper_is_bound(self, bound: Customer, *, notices: bool) -> None:
        """By the shop alone, whatever the conversation is at; who answers stays, what was another's does not."""
        before = self.state
        binding = Bound(bound, "link" if bound.id else "unbound", notices=notices)
        self.commit(commands.CustomerIsBound(self.fresh(), "wechat", "demo", binding, (Text("绑定成功"),)))
        now = self.state
        another = bool(before.customer.id) and bound.id != before.customer.id
        assert now.customer == bound
        assert (now.stage, now.owner) == (before.stage, before.owner)
        assert now.epoch - before.epoch == (another and now.stage is Stage.BOT), (
            "a thought for another goes on"
        )
        if another:
            assert not now.proposed
            assert not now.approved
            assert now.customer_since > before.customer_since

    @rule(most=st.integers(1, 5))
    def shopper_writes_without_saying_who_he_is(self, most: int) -> None:
        before = self.state
        reach = Reach(most, 172_800, "message")
        self.commit(commands.CustomerSays(self.fresh(), "wechat", "demo", None, Text("在吗"), reach=reach))
        assert self.state.customer == before.customer, "chat text made somebody a customer"
        assert self.state.reach_left >= most or before.reach_left

    @rule()
    def shopper_turns_up(self) -> None:
        before = self.state
        reach = Reach(3, 60, "menu")
        self.commit(
            commands.CustomerTurnsUp(self.fresh(), "wechat", "demo", reach, (Text("有什么可以帮您"),))
        )
        greeted = self.events[-1].kind is Kind.SAID
        assert greeted is (before.stage not in (Stage.WAITING, Stage.HUMAN))

    @rule()
    def house_answers(self) -> None:
        before = self.state
        self.commit(commands.HouseAnswers(self.fresh(), "wechat", "demo", (Text("验证码不对"),)))
        assert (self.state.stage, self.state.epoch) == (before.stage, before.epoch)

    @rule(late=st.booleans())
    def shop_notifies(self, *, late: bool) -> None:
        now = self.now + (200_000_000 if late else 0)
        wanted = self.state.notices and self.state.can_reach(now)
        try:
            self.commit(commands.ShopNotifies(self.fresh(), (Text("包裹延误"),), now))
        except NotReachableError:
            assert not wanted
        else:
            assert wanted

    @precondition(lambda self: self.events)
    @rule(cost=st.integers(0, 3), state=st.sampled_from(["sent", "failed", "unknown"]))
    def courier_reports(self, cost: int, state: Any) -> None:
        of = self.state.seq
        self.commit(commands.CourierReports(f"delivered:{of}", Delivered((of,), state, cost=cost)))
        assert self.state.reach_left >= 0
        assert self.state.delivered >= of


class Bot(Played):
    """The bot's turns, however late, and as often as two processes believe that they are theirs."""

    @precondition(lambda self: self.state.unanswered_since)
    @rule()
    def bot_begins_a_turn(self) -> None:
        self.turns = [*self.turns[-3:], self.state]

    @precondition(lambda self: self.turns)
    @rule(data=st.data())
    def bot_takes_longer(self, data: Any) -> None:
        seen = data.draw(st.sampled_from(self.turns))
        of, now = seen.last_customer_seq, self.state
        told = f"bot:{of}:wait" in self.ids
        if not told:
            outdated = now.stage is not Stage.BOT or now.epoch != seen.epoch or now.brain >= of
            assert self.refused(commands.BotTakesLonger(of, seen.epoch, "请稍等")) is outdated

    @precondition(lambda self: self.turns)
    @rule(data=st.data(), hand_off=st.sampled_from(["", "", "complaint", "second_miss", "approval"]))
    def bot_ends_a_turn(self, data: Any, hand_off: str) -> None:
        seen = data.draw(st.sampled_from(self.turns))
        of, now = seen.last_customer_seq, self.state
        understood = Understood(of, "logistics_track", 0.9)
        proposal = PROPOSED if hand_off == "approval" else None
        answer = commands.BotAnswers(
            of, seen.epoch, understood, (), (Text("已到杭州"),), hand_off, proposal=proposal
        )
        outdated = now.epoch != seen.epoch or now.brain >= of
        assert self.refused(answer) is outdated
        if not outdated and hand_off:
            assert self.state.stage is Stage.WAITING
            assert bool(self.state.proposed) is (proposal is not None)
        assert self.refused(answer), "the same turn was told twice"

    @rule()
    def bot_proposes_more_than_it_may(self) -> None:
        """The short way to a proposal that waits for whoever has the conversation."""
        if self.state.stage in (Stage.BOT, Stage.CLOSED):
            self.commit(commands.CustomerSays(self.fresh(), "web", "demo", LIN, Text("退款")))
            of, epoch = self.state.last_customer_seq, self.state.epoch
            understood = Understood(of, "refund", 0.9)
            self.commit(commands.BotAnswers(of, epoch, understood, (), (), "approval", proposal=PROPOSED))
            assert self.state.proposed
            self.commit(commands.AgentClaims(WANG, self.state.epoch))

    @rule(age=ages)
    def bot_fails(self, age: int) -> None:
        seen = self.seen(age)
        if seen.last_customer_seq:
            owed = self.state.stage is Stage.BOT and self.state.brain < seen.last_customer_seq
            fails = commands.BotFails(seen.last_customer_seq, "brain_unavailable")
            assert self.refused(fails) is not owed

    @rule(age=ages)
    def bot_carries_out(self, age: int) -> None:
        """What an agent approved, and nothing else; once, whoever has the conversation by then."""
        of = self.seen(age).approved
        allowed = bool(of) and self.state.approved == of
        done = commands.BotCarriesOut(of, Acted(of, "refund"), (Text("已为您退款"),))
        if not of or f"approved:{of}:acted" not in self.ids:
            assert self.refused(done) is not allowed
        if allowed:
            assert self.refused(done), "an approved change was carried out twice"

    def bot_spoke_wrongly(self) -> list[int]:
        """Seqs at which the bot spoke while a human had the conversation, but for what an agent approved."""
        return [
            event.seq
            for before, event in self.replayed()
            if event.sender.role is Role.BOT
            and event.kind is Kind.SAID
            and event.id.startswith("bot:")
            and before.stage is not Stage.BOT
        ]
