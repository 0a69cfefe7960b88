"""The command `xiaoer`."""

import argparse
import gc
import getpass
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import XiaoerError
from bot.model_commands import add_model_commands
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.process import Process

ROOT = Path(__file__).resolve().parent.parent


def main(argv: list[str] | None = None) -> int:
    """Runs one command; the exit status. An error is one sentence, with the mend."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == ["shop"]:  # its options are its own
        words = ["shop", "--", *words[1:]]
    parsed = _parser().parse_args(words)
    os.chdir(ROOT)  # models, pages and data lie beside the code
    try:
        return int(parsed.run(parsed) or 0)
    except XiaoerError as error:
        print(f"xiaoer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xiaoer", description="店小二: customer service for e-commerce")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="run everything on this machine")
    _with_place(up)
    up.add_argument("--no-make", action="store_true", help="don't train or build, even what is out of date")
    up.add_argument("--action-server", action="store_true", help="run the actions in a process of their own")
    up.set_defaults(run=_up)

    for name, told in (
        ("gateway", "widget, console and their sockets"),
        ("brain", "answers for its share of the conversations"),
        ("followers", "desk and archive"),
    ):
        one = commands.add_parser(name, help=f"process: {told}")
        one.set_defaults(run=_process, part=name)
        one.add_argument(
            "--kept", action="store_true", help="work in a child whose heir is ready when it dies"
        )

    shop = commands.add_parser("shop", help="process: the demo shop", add_help=False)
    shop.add_argument("words", nargs=argparse.REMAINDER)
    shop.set_defaults(run=_shop)

    make = commands.add_parser("make", help="train or build what is missing or out of date")
    make.add_argument("what", choices=["model", "pages", "pages-checked"])
    make.set_defaults(run=_make)

    parse = commands.add_parser("parse", help="read messages: JSON lines in, JSON lines out")
    parse.add_argument("--model", type=Path, default=None, help="a model archive (default: the newest)")
    parse.set_defaults(run=_parse)
    add_model_commands(commands)
    faq = commands.add_parser("faq", help="search the FAQ: JSON lines in, JSON lines out")
    faq.set_defaults(run=_faq)

    channels = commands.add_parser("channels", help="WeChat and QQ").add_subparsers(required=True)
    check = channels.add_parser("check", help="what is set up, and whether the platforms agree")
    _with_place(check)
    check.set_defaults(run=_channels_check)

    platform = commands.add_parser("platform", help="the shop that is asked").add_subparsers(required=True)
    check = platform.add_parser("check", help="tell what works with the shop, and what to do about the rest")
    check.add_argument("--customer", default="", help="a customer id of the shop, to read an order of")
    check.set_defaults(run=_platform_check)

    agent = commands.add_parser("agent", help="the people at the desk").add_subparsers(required=True)
    add = agent.add_parser("add", help="add one")
    add.add_argument("name", help="what he signs in with: letters, digits, - and _")
    add.add_argument("--role", choices=["agent", "supervisor", "admin"], required=True)
    add.add_argument("--display", default="", help="the name that shoppers see")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.add_argument("--or-set", action="store_true", help="when the name exists, set its password")
    add.set_defaults(run=_agent_add)
    forget = agent.add_parser("forget-code", help="take the second factor from one who lost his phone")
    forget.add_argument("name", help="what he signs in with")
    forget.set_defaults(run=_agent_forget_code)
    return parser


def _with_place(command: argparse.ArgumentParser) -> None:
    """Where `xiaoer up` runs its house."""
    command.add_argument("--port", type=int, default=8000, help="first of four ports of `up` (default 8000)")
    command.add_argument("--data", type=Path, default=Path("var"), help="data folder of `up` (default var/)")


def _up(parsed: argparse.Namespace) -> int:
    from bot.up import up  # noqa: PLC0415 - each command imports only what it needs

    made = not parsed.no_make
    return up(ROOT, parsed.data, parsed.port, make=made, action_server=parsed.action_server)


def _process(parsed: argparse.Namespace) -> int:
    # One message is a small sum: threads of BLAS and of the FAQ's tokenizer would spin longer than they work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from bot import process  # noqa: PLC0415

    if parsed.part == "brain":
        return _brain(kept=parsed.kept)
    from bot.nursery import ORPHAN_S, Nursery  # noqa: PLC0415

    main = _main_of(parsed.part)
    settings = read_settings()
    gc.collect()
    gc.freeze()  # what is imported stays: looking through it takes a tenth of a second each time, and memory of its own
    if not parsed.kept:
        process.run(parsed.part, settings, main)
        return 0
    # A gateway that holds its own port must be gone before the next one can take it.
    leaves_at_once = parsed.part == "gateway" and settings.listen_fd < 0
    nursery = Nursery(
        parsed.part,
        lambda cradle: process.run(parsed.part, settings, main, cradle),
        orphan_s=0 if leaves_at_once else ORPHAN_S,
    )
    return nursery.run()


def _brain(*, kept: bool) -> int:
    # It does without the gateway's libraries, and the others do without Rasa.
    from bot.thinking import brain, kept_brain  # noqa: PLC0415

    if kept:
        return kept_brain(read_settings())
    from bot import process  # noqa: PLC0415

    process.run("brain", read_settings(), brain)
    return 0


def _shop(parsed: argparse.Namespace) -> int:
    from shop.command import main as shop_main  # noqa: PLC0415

    return shop_main([word for word in parsed.words if word != "--"])


def _make(parsed: argparse.Namespace) -> None:
    from bot.setting_up import missing  # noqa: PLC0415

    settings = _data_made(read_settings())
    logs = settings.data / "log"
    if parsed.what == "model":
        missing.make_models(ROOT, logs, settings.seal_key())
    elif parsed.what == "pages":
        missing.make_pages(ROOT, logs)
    else:
        missing.check_pages(ROOT, logs)


def _parse(parsed: argparse.Namespace) -> None:
    from bot.nlu.parse import parse_lines  # noqa: PLC0415

    for line in parse_lines(parsed.model or read_settings().models, sys.stdin):
        print(line, flush=True)


def _main_of(part: str) -> "Callable[[Process], Coroutine[Any, Any, None]]":
    # Each process loads what it is made of, and no more.
    if part == "gateway":
        from bot.app import gateway  # noqa: PLC0415

        return gateway
    from bot.followers import followers  # noqa: PLC0415

    return followers


def _faq(_: argparse.Namespace) -> None:
    from faq.command import main as faq_main  # noqa: PLC0415

    faq_main()


def _channels_check(parsed: argparse.Namespace) -> int:
    from bot.outlets_check import check_channels  # noqa: PLC0415
    from bot.setting_up.of_up import variables_beside_up  # noqa: PLC0415

    # Who has a Redis of his own does not run `up`, whatever lies in the folder.
    beside = {} if "REDIS_URL" in os.environ else variables_beside_up(parsed.data, parsed.port)
    found = check_channels(read_settings({**os.environ, **beside}))
    for one in found:
        print(f"{'✓' if one.ok else '✗'} {one.name}: {one.zh}\n    {one.en}")
    return 0 if all(one.ok for one in found) else 1


def _platform_check(parsed: argparse.Namespace) -> int:
    # As a program of its own: what asks the shop is no part of `bot`.
    words = [sys.executable, "-m", "actions.platforms.check"]
    words += ["--customer", parsed.customer] if parsed.customer else []
    return subprocess.run(words, check=False).returncode  # noqa: S603 - our own module


def _agent_add(parsed: argparse.Namespace) -> None:
    from bot.app import add_agent  # noqa: PLC0415

    password = sys.stdin.readline().rstrip("\n") if parsed.password_stdin else _asked_twice()
    add_agent(_data_made(read_settings()), parsed, password)
    print(f"{parsed.name} can sign in ({parsed.role}).")


def _agent_forget_code(parsed: argparse.Namespace) -> None:
    from bot.app import forget_code  # noqa: PLC0415

    forget_code(read_settings(), parsed.name)
    print(f"{parsed.name} signs in with the password alone, until a new second factor is set up.")


def _asked_twice() -> str:
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Again: "):
        raise XiaoerError("the two passwords differ")
    return password


def _data_made(settings: Settings) -> Settings:
    settings.data.mkdir(parents=True, exist_ok=True)
    return settings


if __name__ == "__main__":
    sys.exit(main())
