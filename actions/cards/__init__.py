"""Cards (docs/wire.md) made from what the shop told us; an order picker's tiles too."""
