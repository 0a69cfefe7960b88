"""Product pictures, drawn: one SVG per product, by category, no file and no other site needed."""

import zlib

from shop.people import Product

# Outline of a thing of the category on a 100 x 100 field.
SHAPES = {
    "数码配件": "M28 58v-8a22 22 0 0 1 44 0v8M24 56h10v20H28a4 4 0 0 1-4-4zM66 56h10v16a4 4 0 0 1-4 4h-6z",
    "家用电器": "M34 36h32l6 40H28zM40 36v-8h20v8M72 46h8v18h-6",
    "女装": "M40 24l10 8 10-8 12 10-8 10-4-2 12 34H28l12-34-4 2-8-10z",
    "男装": "M38 26l12 8 12-8 16 10-6 14-8-4v32H36V46l-8 4-6-14z",
    "鞋靴箱包": "M22 56c10 2 16-6 20-14l8 8c8 8 20 8 28 12v10H22z",
    "美妆个护": "M42 44h16v34H42zM44 44V30l12-6v20M38 78h24",
    "食品生鲜": "M50 38c-16-8-26 4-22 20s14 22 22 18c8 4 18-2 22-18s-6-28-22-20zM50 38c0-8 4-12 10-14",
    "母婴儿童": "M40 42h20l4 10v24H36V52zM42 42v-6h16v6M46 36v-8h8v8M36 60h10M36 68h10",
    "家居家纺": "M22 52h56v20H22zM28 52V38h44v14M26 72v6M74 72v6M40 38v-6h20v6",
    "运动户外": "M50 26L80 76H20zM50 26v50M50 48l14 28M50 48L36 76",
}
TINTS = (
    ("#fde7d9", "#f7b58f", "#7a3a16"),
    ("#e2eefb", "#a3c8f0", "#1d4672"),
    ("#e5f4e7", "#a5d6ad", "#1f5a2b"),
    ("#f5e6f4", "#dbaad7", "#642a5f"),
    ("#fff3d1", "#f0cf72", "#6a4c05"),
    ("#e0f3f2", "#93d0cc", "#12524e"),
)


def draw(product: Product) -> str:
    """The product as SVG; the same product always looks the same."""
    light, middle, dark = TINTS[zlib.crc32(product.id.encode()) % len(TINTS)]
    turn = zlib.adler32(product.id.encode()) % 60
    shape = SHAPES.get(product.category, SHAPES["家居家纺"])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="400" height="400">'
        f'<rect width="100" height="100" fill="{light}"/>'
        f'<circle cx="{28 + turn % 44}" cy="{30 + turn % 31}" r="{24 + turn % 12}" fill="{middle}" opacity=".45"/>'
        f'<circle cx="{74 - turn % 37}" cy="{72 - turn % 23}" r="{14 + turn % 9}" fill="{middle}" opacity=".35"/>'
        f'<path d="{shape}" fill="#fff" fill-opacity=".82" stroke="{dark}" stroke-width="2.4" '
        'stroke-linejoin="round" stroke-linecap="round"/></svg>'
    )
