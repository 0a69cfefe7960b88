"""What a shopper is told who calls by name and asks nothing."""

GREETING = "您好，我是智能客服小二。订单、支付、物流、退换货都可以问我；想找真人客服，请回复「转人工」。"
