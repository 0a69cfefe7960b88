"""The shop's SQLite database. An order is one row: what it is searched by, and itself as JSON."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from shop import parts
from shop.moments import CHINA, Moment
from shop.people import Customer, Product, give_coupons_back
from shop.progress import advance
from shop.tickets import Ticket
from shop.values import Order

SCHEMA = """
CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, doc BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS products (id TEXT PRIMARY KEY, doc BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY, customer TEXT NOT NULL, created INTEGER NOT NULL, next_at INTEGER,
    doc BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS orders_of_customer ON orders (customer, created DESC);
CREATE INDEX IF NOT EXISTS orders_due ON orders (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS answers (
    customer TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, status INTEGER NOT NULL,
    body BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (customer, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tickets (
    id TEXT PRIMARY KEY, customer TEXT NOT NULL, doc BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tickets_of_customer ON tickets (customer);
CREATE TABLE IF NOT EXISTS news (
    at INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body BLOB NOT NULL, told INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS seeded (at INTEGER NOT NULL, version INTEGER NOT NULL);
"""
SAVE = "INSERT OR REPLACE INTO orders (number, customer, created, next_at, doc) VALUES (?, ?, ?, ?, ?)"
_orders = msgspec.json.Decoder(Order)
_customers = msgspec.json.Decoder(Customer)
_tickets = msgspec.json.Decoder(Ticket)
_products = msgspec.json.Decoder(Product)


class Answer(msgspec.Struct, frozen=True):
    """The first answer to an Idempotency-Key."""

    digest: str
    status: int
    body: bytes


class Store:
    """Reads and writes of one process; every call is a fraction of a millisecond on the loop."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)
        self._catalogue: dict[str, Product] = {}
        self.watch: Callable[[Order, Order], None] = lambda _before, _after: None
        """Hears of every order that time has moved, just before it is kept."""

    def close(self) -> None:
        """Ends the connection; nothing is lost, every write was its own transaction."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes within, or none."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def seeded_at(self, version: int) -> datetime | None:
        """When this database was filled by that version of the seed; None when it was not."""
        row = self._db.execute("SELECT at FROM seeded WHERE version = ?", (version,)).fetchone()
        return datetime.fromtimestamp(row[0], CHINA) if row else None

    def forget(self) -> None:
        """Empties the database."""
        for table in ("customers", "products", "orders", "answers", "tickets", "news", "seeded"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 — names from this line
        self._catalogue = {}

    def mark_seeded(self, at: datetime, version: int) -> None:
        """Remembers that the seed is in."""
        self._db.execute("INSERT INTO seeded VALUES (?, ?)", (int(at.timestamp()), version))

    def count_orders(self) -> int:
        """How many orders there are."""
        row = self._db.execute("SELECT count(*) FROM orders").fetchone()
        return int(row[0])

    def add_customers(self, customers: Iterable[Customer]) -> None:
        """Writes customers, new or changed."""
        self._db.executemany(
            "INSERT OR REPLACE INTO customers VALUES (?, ?)",
            ((c.id, msgspec.json.encode(c)) for c in customers),
        )

    def add_products(self, products: Iterable[Product]) -> None:
        """Writes products, new or changed."""
        self._db.executemany(
            "INSERT OR REPLACE INTO products VALUES (?, ?)",
            ((p.id, msgspec.json.encode(p)) for p in products),
        )
        self._catalogue = {}

    def save(self, *orders: Order) -> None:
        """Writes orders, new or changed."""
        self._db.executemany(
            SAVE,
            (
                (
                    o.number,
                    o.customer,
                    int(o.created.timestamp()),
                    int(o.next_at.timestamp()) if o.next_at is not None else None,
                    msgspec.json.encode(o),
                )
                for o in orders
            ),
        )

    def customer(self, customer_id: str) -> Customer | None:
        """The customer with that id."""
        row = self._db.execute("SELECT doc FROM customers WHERE id = ?", (customer_id,)).fetchone()
        return _customers.decode(row[0]) if row else None

    def customers(self) -> list[Customer]:
        """Everybody."""
        return [
            _customers.decode(row[0]) for row in self._db.execute("SELECT doc FROM customers ORDER BY id")
        ]

    @property
    def catalogue(self) -> dict[str, Product]:
        """All products by id; read once, for they are few."""
        if not self._catalogue:
            rows = self._db.execute("SELECT doc FROM products ORDER BY id")
            self._catalogue = {p.id: p for p in (_products.decode(row[0]) for row in rows)}
        return self._catalogue

    def orders(self, customer_id: str, moment: Moment) -> list[Order]:
        """A customer's orders as they are at `moment`, newest first, with money that has no order."""
        rows = self._db.execute(
            "SELECT doc FROM orders WHERE customer = ? ORDER BY created DESC, number DESC", (customer_id,)
        )
        return [self._caught_up(_orders.decode(row[0]), moment) for row in rows.fetchall()]

    def order(self, customer_id: str, number: str, moment: Moment) -> Order | None:
        """That order as it is at `moment`, if it is that customer's."""
        row = self._db.execute(
            "SELECT doc FROM orders WHERE number = ? AND customer = ?", (number, customer_id)
        ).fetchone()
        if row is None:
            return None
        found = self._caught_up(_orders.decode(row[0]), moment)
        return found if found.placed else None

    def catch_up(self, moment: Moment, most: int = 200) -> int:
        """Advances up to `most` orders for which something is due; how many there were."""
        rows = self._db.execute(
            "SELECT doc FROM orders WHERE next_at <= ? ORDER BY next_at LIMIT ?",
            (int(moment.now.timestamp()), most),
        ).fetchall()
        if rows:
            with self.transaction():
                for row in rows:
                    self._move(_orders.decode(row[0]), moment)
        return len(rows)

    def _caught_up(self, order: Order, moment: Moment) -> Order:
        if order.next_at is None or order.next_at > moment.now:
            return order
        return self._move(order, moment)

    def _move(self, order: Order, moment: Moment) -> Order:
        moved = advance(order, moment)
        with self._together():
            if parts.is_paid_back(moved) and not parts.is_paid_back(order):
                moved = self.with_coupons_back(moved)
            self.watch(order, moved)
            self.save(moved)
        return moved

    def with_coupons_back(self, order: Order) -> Order:
        """The order, once its customer has the coupons again that he spent on it."""
        customer = self.customer(order.customer)
        if customer is None:
            return order
        customer, names = give_coupons_back(customer, order.number)
        if not names:
            return order
        self.add_customers([customer])
        return replace(order, coupons_back=names)

    @contextmanager
    def _together(self) -> Iterator[None]:
        """All writes within, or none, whether or not a transaction is under way."""
        self._db.execute("SAVEPOINT together")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO together")
            self._db.execute("RELEASE together")
            raise
        self._db.execute("RELEASE together")

    def note_news(self, identifier: str, body: bytes) -> None:
        """Writes down something to be told; the same thing only once, also after it was told."""
        self._db.execute("INSERT OR IGNORE INTO news (id, body, told) VALUES (?, ?, 0)", (identifier, body))

    def news(self, most: int) -> list[tuple[str, bytes]]:
        """What is still to be told, oldest first: identifier and body."""
        asked = "SELECT id, body FROM news WHERE told = 0 ORDER BY at LIMIT ?"
        return [(row[0], row[1]) for row in self._db.execute(asked, (most,)).fetchall()]

    def mark_told(self, identifier: str) -> None:
        """That was heard."""
        self._db.execute("UPDATE news SET told = 1 WHERE id = ?", (identifier,))

    def add_ticket(self, ticket: Ticket) -> None:
        """Writes a new ticket."""
        row = (ticket.id, ticket.customer, msgspec.json.encode(ticket))
        self._db.execute("INSERT INTO tickets VALUES (?, ?, ?)", row)

    def save_ticket(self, ticket: Ticket) -> None:
        """Writes a ticket that is there already."""
        row = (msgspec.json.encode(ticket), ticket.id)
        self._db.execute("UPDATE tickets SET doc = ? WHERE id = ?", row)

    def tickets(self, customer_id: str) -> list[Ticket]:
        """A customer's tickets, newest first."""
        rows = self._db.execute(
            "SELECT doc FROM tickets WHERE customer = ? ORDER BY id DESC", (customer_id,)
        ).fetchall()
        return [_tickets.decode(row[0]) for row in rows]

    def answer(self, customer_id: str, key: str) -> Answer | None:
        """What was first answered to that key."""
        row = self._db.execute(
            "SELECT digest, status, body FROM answers WHERE customer = ? AND key = ?", (customer_id, key)
        ).fetchone()
        return Answer(*row) if row else None

    def remember(self, customer_id: str, key: str, answer: Answer, at: datetime) -> None:
        """Keeps the answer to a key for retries."""
        self._db.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)",
            (customer_id, key, answer.digest, answer.status, answer.body, int(at.timestamp())),
        )
