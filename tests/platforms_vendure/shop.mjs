// A real Vendure shop in memory, for the tests: it prints READY when it answers, and forgets everything when it ends.
import { bootstrap, DefaultLogger, dummyPaymentHandler, LogLevel } from "@vendure/core";
import { populate } from "@vendure/core/cli/index.js";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const port = Number(process.env.PORT);
const config = {
    apiOptions: { hostname: "127.0.0.1", port, adminApiPath: "admin-api", shopApiPath: "shop-api" },
    authOptions: {
        tokenMethod: ["bearer"],
        requireVerification: false,
        superadminCredentials: { identifier: process.env.ADMIN, password: process.env.PASSWORD },
        cookieOptions: { secret: "of-a-test" },
    },
    dbConnectionOptions: { type: "sqljs", synchronize: true, logging: false },
    paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
    logger: new DefaultLogger({ level: LogLevel.Error, timestamp: false }),
    importExportOptions: { importAssetsDir: mkdtempSync(join(tmpdir(), "vendure-")) },
    plugins: [],
};

const initialData = {
    defaultLanguage: "zh_Hans",
    defaultZone: "Asia",
    countries: [{ name: "中国", code: "CN", zone: "Asia" }],
    taxRates: [{ name: "Zero", percentage: 0 }],
    shippingMethods: [{ name: "标准快递", price: 600 }],
    paymentMethods: [
        {
            name: "支付宝",
            handler: { code: "dummy-payment-handler", arguments: [{ name: "automaticSettle", value: "true" }] },
        },
    ],
    collections: [],
};

const csv = join(mkdtempSync(join(tmpdir(), "vendure-")), "products.csv");
writeFileSync(
    csv,
    "name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets\n" +
        "羽绒服,down-jacket,九成白鸭绒,,,尺码,M,DJ-M,399.00,standard,100,true,,\n" +
        ",,,,,,L,DJ-L,399.00,standard,100,true,,\n" +
        "陶瓷杯,cup,手工陶瓷,,,,,CUP,29.90,standard,100,true,,\n",
);
await populate(() => bootstrap(config), initialData, csv);
console.log("READY");
