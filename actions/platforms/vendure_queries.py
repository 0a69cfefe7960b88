"""What we ask Vendure's Admin API."""

SIGN_IN = """
mutation($user: String!, $password: String!) { login(username: $user, password: $password) { __typename } }
"""
ORDERS = """
query($id: ID!, $options: OrderListOptions) { customer(id: $id) { orders(options: $options) { items {
  id code state currencyCode createdAt orderPlacedAt subTotalWithTax shippingWithTax totalWithTax
  shippingAddress { fullName city province phoneNumber }
  lines { id quantity unitPriceWithTax discountedLinePriceWithTax featuredAsset { preview }
          productVariant { id name product { id name } } }
  payments { id createdAt method amount state transactionId
             refunds { id createdAt updatedAt total state reason } }
  fulfillments { id state method trackingCode createdAt lines { orderLineId quantity } }
  history(options: { take: 100 }) { items { type createdAt data } }
} } } }
"""
MEMBER = """
query($id: ID!) { customer(id: $id) { id firstName lastName phoneNumber emailAddress createdAt groups { name } } }
"""
_PRODUCT = """
  id name description featuredAsset { preview }
  variants { name sku priceWithTax currencyCode stockLevels { stockOnHand stockAllocated } }
"""
PRODUCTS = """
query($words: String!, $take: Int!) { products(options: { take: $take, sort: { name: ASC },
  filter: { enabled: { eq: true }, name: { contains: $words } } }) { items { %s } } }
""".replace("%s", _PRODUCT)
PRODUCT = "query($id: ID!) { product(id: $id) { %s } }".replace("%s", _PRODUCT)
CANCEL = """
mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename ... on ErrorResult { errorCode } } }
"""
REFUND = """
mutation($input: RefundOrderInput!) { refundOrder(input: $input) { __typename ... on ErrorResult { errorCode } } }
"""
NOTE = "mutation($input: AddNoteToOrderInput!) { addNoteToOrder(input: $input) { __typename } }"
