"""What the bot can do for a shopper. Run by the action server (`python -m actions`) or by the brain itself."""


def get_ready() -> None:
    """Reads the settings and loads the FAQ, so that the first shopper need not wait. Raises what must be mended."""
    from actions.knowledge import FAQ  # noqa: PLC0415 - a name of the package, and not all of it
    from actions.labels import labels  # noqa: PLC0415
    from actions.settings import settings  # noqa: PLC0415

    settings()
    labels()
    FAQ.near("退货")


async def close() -> None:
    """Ends the connections to the shop."""
    from actions.action import configured_shop  # noqa: PLC0415 - see above

    if configured_shop.cache_info().currsize:
        await configured_shop().close()
