"""Fills an empty shop with people, goods and orders in every state; the same ones every time."""
