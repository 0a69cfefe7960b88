"""What people and programs ask of a conversation. Whether it may happen is decided in `rules`."""

import msgspec

from bot.conversation.bodies import (
    Acted,
    Bound,
    Customer,
    Delivered,
    Means,
    Rated,
    Reach,
    Said,
    Understood,
)
from bot.conversation.changed import Proposal
from bot.conversation.events import Sender
from bot.conversation.service_commands import (
    AgentClaims as AgentClaims,
    AgentCloses as AgentCloses,
    AgentIsSilent as AgentIsSilent,
    AgentNotes as AgentNotes,
    AgentPassesOn as AgentPassesOn,
    AgentPutsBack as AgentPutsBack,
    AgentRecalls as AgentRecalls,
    AgentReplies as AgentReplies,
    AgentTransfers as AgentTransfers,
    AgentVanished as AgentVanished,
    DeskAssigns as DeskAssigns,
    DeskTells as DeskTells,
    SupervisorTakes as SupervisorTakes,
    TicketEscalates as TicketEscalates,
    TicketIsFollowedUp as TicketIsFollowedUp,
    TicketIsNoted as TicketIsNoted,
    TicketMoves as TicketMoves,
    TicketOpens as TicketOpens,
    TicketPasses as TicketPasses,
)


class CustomerSays(msgspec.Struct, frozen=True):
    """`id` is the client's own; `means` is what the pressed offer means, when a choice was pressed.

    Without `customer` he is whoever the log says: in outside channels only a binding makes a customer.
    `reach` is what the platform allows us to send because of this message.
    """

    id: str
    channel: str
    site: str
    customer: Customer | None
    body: Said
    means: Means | None = None
    reach: Reach | None = None


class CustomerAsksForHuman(msgspec.Struct, frozen=True):
    id: str
    channel: str
    site: str
    customer: Customer | None
    reach: Reach | None = None


class CustomerTurnsUp(msgspec.Struct, frozen=True):
    """He followed, entered or pressed a menu, and said nothing; `greeting` is what he is told, if anything."""

    id: str
    channel: str
    site: str
    reach: Reach | None = None
    greeting: tuple[Said, ...] = ()


class CustomerIsBound(msgspec.Struct, frozen=True):
    """The shop says who the shopper is, or that he is nobody again; `told` is what he is told."""

    id: str
    channel: str
    site: str
    bound: Bound
    told: tuple[Said, ...] = ()
    reach: Reach | None = None


class HouseAnswers(msgspec.Struct, frozen=True):
    """The house itself answers what is not the bot's or an agent's business, such as a wrong code."""

    id: str
    channel: str
    site: str
    told: tuple[Said, ...]
    reach: Reach | None = None


class ShopNotifies(msgspec.Struct, frozen=True):
    """Something that the shopper did not ask about, such as a delay; only where he wants it and it can reach him.

    `agreed`: the shop itself says that he does.
    """

    id: str
    told: tuple[Said, ...]
    now: int
    agreed: bool = False


class CourierReports(msgspec.Struct, frozen=True):
    """What became of things on their way out."""

    id: str
    delivered: Delivered


class CustomerLeavesLine(msgspec.Struct, frozen=True):
    id: str
    reach: Reach | None = None


class CustomerRates(msgspec.Struct, frozen=True):
    id: str
    rating: Rated
    reach: Reach | None = None


class BotAnswers(msgspec.Struct, frozen=True):
    """One finished turn about customer event `of`, decided under `epoch`; `hand_off` is a reason or ""."""

    of: int
    epoch: int
    understood: Understood
    acted: tuple[Acted, ...]
    replies: tuple[Said, ...]
    hand_off: str = ""
    note: str = ""
    proposal: Proposal | None = None


class BotFails(msgspec.Struct, frozen=True):
    """The bot owes an answer to event `of` and can't give one."""

    of: int
    reason: str
    note: str = ""


class BotTakesLonger(msgspec.Struct, frozen=True):
    """The answer to event `of` takes longer, which the customer is told once."""

    of: int
    epoch: int
    text: str


class BotCarriesOut(msgspec.Struct, frozen=True):
    """What an agent approved (event `of`) was done, or could not be."""

    of: int
    acted: Acted
    replies: tuple[Said, ...]


class AgentApproves(msgspec.Struct, frozen=True):
    """The proposal of the hand-off event `of` may be carried out."""

    agent: Sender
    epoch: int
    of: int


Command = (
    BotTakesLonger
    | BotCarriesOut
    | AgentApproves
    | CustomerSays
    | CustomerAsksForHuman
    | CustomerTurnsUp
    | CustomerIsBound
    | HouseAnswers
    | ShopNotifies
    | CourierReports
    | CustomerLeavesLine
    | CustomerRates
    | BotAnswers
    | BotFails
    | AgentClaims
    | AgentCloses
    | AgentIsSilent
    | AgentNotes
    | AgentPassesOn
    | AgentPutsBack
    | AgentRecalls
    | AgentReplies
    | AgentTransfers
    | AgentVanished
    | DeskAssigns
    | DeskTells
    | SupervisorTakes
    | TicketEscalates
    | TicketIsFollowedUp
    | TicketIsNoted
    | TicketMoves
    | TicketOpens
    | TicketPasses
)
