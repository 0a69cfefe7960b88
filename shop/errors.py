"""What the shop answers when it can't do as asked: a status, a stable code, a sentence in Chinese."""


class ShopError(Exception):
    """Refused: `status` is the HTTP status, `code` is for programs, the message is for people."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class BadInputError(ShopError):
    """The request itself is wrong."""


class UnauthorizedError(ShopError):
    """The API key is missing or wrong."""

    status = 401
    code = "unauthorized"


class NotFoundError(ShopError):
    """Not there, or not this customer's: the two look the same."""

    status = 404
    code = "not_found"

    def __init__(self) -> None:
        super().__init__("没有找到您要查询的内容，请核对后再试。")


class ConflictError(ShopError):
    """The state of things forbids it; `code` says which rule."""

    status = 409
    code = "conflict"


class KeyReusedError(ShopError):
    """The same Idempotency-Key came with something else."""

    status = 422
    code = "key_reused"


class SettingsError(Exception):
    """The shop can't start as it is configured; the message says what to do."""
