"""The whole error tree. An error carries a code for programs and a sentence for the reader.

Everybody imports from here; the rooms are by what goes wrong.
"""

from bot.errors.console import (
    BadCallError as BadCallError,
    HookAddressError as HookAddressError,
    HookTakenError as HookTakenError,
    NoSuchAgentError as NoSuchAgentError,
    NoSuchCallError as NoSuchCallError,
    NoSuchHookError as NoSuchHookError,
    NotAllowedError as NotAllowedError,
)
from bot.errors.conversation import (
    AlreadyOutError as AlreadyOutError,
    LostRaceError as LostRaceError,
    NoSuchEventError as NoSuchEventError,
    NoSuchTicketError as NoSuchTicketError,
    NotOwnerError as NotOwnerError,
    NotReachableError as NotReachableError,
    TooLateError as TooLateError,
    TooLongPutOffError as TooLongPutOffError,
    TooManyTicketsError as TooManyTicketsError,
    UnknownConversationError as UnknownConversationError,
)
from bot.errors.message import (
    BadFileError as BadFileError,
    BadFrameError as BadFrameError,
    BadKindError as BadKindError,
    CallbackRefusedError as CallbackRefusedError,
    EmptyTextError as EmptyTextError,
    NoFilesThereError as NoFilesThereError,
    NoSuchFileError as NoSuchFileError,
    NothingToRateError as NothingToRateError,
    NotOfferedError as NotOfferedError,
    OverloadedError as OverloadedError,
    TooFastError as TooFastError,
    TooLargeError as TooLargeError,
    TooLongError as TooLongError,
    UnavailableError as UnavailableError,
)
from bot.errors.own_words import (
    CannedTakenError as CannedTakenError,
    EntryIncompleteError as EntryIncompleteError,
    NoSuchCannedError as NoSuchCannedError,
    NoSuchEntryError as NoSuchEntryError,
    StaleCannedError as StaleCannedError,
    StaleEntryError as StaleEntryError,
    TooManyCannedError as TooManyCannedError,
    UnknownGapError as UnknownGapError,
    WorkshopError as WorkshopError,
)
from bot.errors.parts import (
    ArchiveUnavailableError as ArchiveUnavailableError,
    BrainError as BrainError,
    ChannelError as ChannelError,
    FelledError as FelledError,
    LogUnavailableError as LogUnavailableError,
    NoAnswerError as NoAnswerError,
    NobodyThereError as NobodyThereError,
    NoModelError as NoModelError,
    RefusedModelError as RefusedModelError,
)
from bot.errors.people import (
    AccountError as AccountError,
    BadNameError as BadNameError,
    CodeWantedError as CodeWantedError,
    FactorIsSetError as FactorIsSetError,
    FactorIsWantedError as FactorIsWantedError,
    FactorMissingError as FactorMissingError,
    IdentityError as IdentityError,
    LockedOutError as LockedOutError,
    NameTakenError as NameTakenError,
    NoFactorError as NoFactorError,
    NotProvenError as NotProvenError,
    SignInError as SignInError,
    UnknownAgentError as UnknownAgentError,
    WeakPasswordError as WeakPasswordError,
    WrongCodeError as WrongCodeError,
)
from bot.errors.root import (
    RefusedError as RefusedError,
    SetupError as SetupError,
    StaleError as StaleError,
    XiaoerError as XiaoerError,
)
from bot.errors.teaching import (
    BusyTeachingError as BusyTeachingError,
    NoSuchReadingError as NoSuchReadingError,
    NothingTaughtError as NothingTaughtError,
    NothingTrainedError as NothingTrainedError,
    TooFewTaughtError as TooFewTaughtError,
)
