import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { initials } from "../initials";
import { keep, recall } from "../storage";
import { usePreferences } from "./preferences";

export interface Canned {
  title: string;
  text: string;
  /** Pinyin and its initials, by which it is found as well. */
  keys: string;
}

const BUILT_IN: Canned[] = [
  { title: "问好", keys: "wenhao wh nihao nh", text: "{客户}您好，我是人工客服{客服}，很高兴为您服务。您的问题我正在看，请稍等。" },
  { title: "稍等", keys: "shaodeng sd", text: "好的，我这就为您核实，请您稍等一两分钟。" },
  { title: "要订单号", keys: "yaodingdanhao ydd dingdan dd", text: "方便发一下订单号吗？在「我的订单」里可以直接复制。" },
  { title: "核对订单", keys: "heduidingdan hddd dingdan dd", text: "我看到您的订单 {订单号}，是这一单的问题吗？" },
  { title: "催快递", keys: "cuikuaidi ckd wuliu wl", text: "我已经联系快递公司加急核实包裹位置，有结果会第一时间告诉您。" },
  { title: "催发货", keys: "cuifahuo cfh", text: "我已经帮您催促仓库尽快发货，发出后您会收到通知。" },
  { title: "退款时效", keys: "tuikuanshixiao tksx", text: "退款已经提交，原路退回；到账时间以支付渠道为准，一般 1 至 3 个工作日。" },
  { title: "退货流程", keys: "tuihuoliucheng thlc", text: "您在订单里点「申请售后」选择退货，审核通过后按地址寄回并填写运单号，仓库签收后为您退款。" },
  { title: "发票", keys: "fapiao fp", text: "电子发票可以在订单详情里申请，请核对好抬头和税号，开好后会发到您的邮箱。" },
  { title: "致歉", keys: "zhiqian zq baoqian bq", text: "给您添麻烦了，非常抱歉。这件事由我负责跟进到解决为止。" },
  { title: "升级处理", keys: "shengjichuli sjcl", text: "这个情况我需要请主管一起核实，最晚今天之内给您答复。" },
  { title: "还有问题吗", keys: "haiyouwentima hywt", text: "请问还有什么可以帮您的吗？" },
  { title: "结束语", keys: "jieshuyu jsy", text: "感谢您的耐心，祝您生活愉快！之后有问题随时找我们。" },
];

const BUILT_IN_EN: Canned[] = [
  { title: "Hello", keys: "hi", text: "Hello {customer}, this is {agent}. I am looking at your question now, one moment please." },
  { title: "One moment", keys: "wait", text: "I will check that for you; please give me a minute or two." },
  { title: "Ask for the order number", keys: "order", text: "Could you send me the order number? You can copy it from “My orders”." },
  { title: "Confirm the order", keys: "order", text: "I see your order {order}. Is this the one you mean?" },
  { title: "Chase the parcel", keys: "parcel courier", text: "I have asked the courier to find your parcel at once and will tell you as soon as I hear back." },
  { title: "Chase the dispatch", keys: "ship", text: "I have asked the warehouse to send it as soon as possible; you will be notified when it leaves." },
  { title: "When the refund arrives", keys: "refund", text: "Your refund is on its way to the account you paid with. It usually takes 1 to 3 working days." },
  { title: "How to return", keys: "return", text: "Please choose “After sales” in the order, send the goods to the address shown and fill in the tracking number; the refund follows once they arrive." },
  { title: "Invoice", keys: "invoice", text: "You can ask for an electronic invoice in the order's details; please check the title and tax number. It is sent to your e-mail address." },
  { title: "Apology", keys: "sorry", text: "I am very sorry for the trouble. I will follow this up until it is solved." },
  { title: "Escalate", keys: "boss", text: "I need to check this with my supervisor and will answer you today at the latest." },
  { title: "Anything else", keys: "else", text: "Is there anything else I can help you with?" },
  { title: "Goodbye", keys: "bye", text: "Thank you for your patience. Have a nice day, and write to us at any time." },
];

/** The gaps of canned replies, as agents write them in either language. */
export const GAPS = { customer: ["{客户}", "{customer}"], order: ["{订单号}", "{order}"], agent: ["{客服}", "{agent}"] } as const;
type Filling = Partial<Record<keyof typeof GAPS, string>>;

/** The text with everything filled that is known; a gap that is left stands where it was. */
export function fillGaps(text: string, filling: Filling): string {
  const names = Object.keys(GAPS) as (keyof typeof GAPS)[];
  return names.reduce((filled, name) => GAPS[name].reduce((so, gap) => so.replaceAll(gap, filling[name] || gap), filled), text);
}

/** Where the first gap that is left stands, or null. */
export function gapIn(text: string): [number, number] | null {
  const found = Object.values(GAPS)
    .flat()
    .map((gap) => [text.indexOf(gap), gap.length] as const)
    .filter(([at]) => at >= 0)
    .sort(([a], [b]) => a - b)[0];
  return found ? [found[0], found[0] + found[1]] : null;
}

/** Replies to pick by `/`; an agent's own list in this browser takes the built-in one's place. */
export const useCanned = defineStore("canned", () => {
  const preferences = usePreferences();
  const own = ref<Canned[] | null>(recall<Canned[] | null>("canned", null));
  const list = computed(() => own.value ?? (preferences.chosen.language === "en" ? BUILT_IN_EN : BUILT_IN));
  const titles = computed(() => list.value.map((canned) => canned.title));

  function matching(typed: string): Canned[] {
    const wanted = typed.trim().toLowerCase();
    if (!wanted) return list.value;
    const rank = (canned: Canned): number => {
      if (canned.title.includes(wanted)) return 0;
      if (canned.keys.split(" ").some((key) => key.startsWith(wanted)) || initials(canned.title).startsWith(wanted)) return 1;
      return canned.text.toLowerCase().includes(wanted) ? 2 : 3;
    };
    return list.value
      .map((canned) => ({ canned, at: rank(canned) }))
      .filter(({ at }) => at < 3)
      .sort((a, b) => a.at - b.at)
      .map(({ canned }) => canned);
  }

  function replace(by: Canned[]): void {
    own.value = by;
    keep("canned", by);
  }

  return { list, titles, matching, replace };
});
