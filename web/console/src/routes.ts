import { createRouter, createWebHashHistory, type Router } from "vue-router";
import { useSession } from "./stores/session";

/** Pages an agent can switch between; the top bar lists them once there is more than one. */
export const SECTIONS: { name: string; label: string; inCharge?: boolean }[] = [
  { name: "desk", label: "top.desk" },
  { name: "tickets", label: "top.tickets" },
  { name: "reports", label: "top.reports", inCharge: true },
  { name: "teaching", label: "top.teaching", inCharge: true },
  { name: "faq", label: "top.faq", inCharge: true },
  { name: "canned", label: "top.canned", inCharge: true },
  { name: "hooks", label: "top.hooks", inCharge: true },
  { name: "team", label: "top.team", inCharge: true },
];

/** Routes of the console; everything but the sign-in needs an agent. */
export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHashHistory("/console/"),
    routes: [
      { path: "/sign-in", name: "sign-in", component: () => import("./pages/SignInPage.vue"), meta: { open: true } },
      { path: "/desk/:id?/:pane(facts)?", name: "desk", component: () => import("./pages/DeskPage.vue") },
      { path: "/tickets/:ticket?", name: "tickets", component: () => import("./pages/TicketsPage.vue") },
      { path: "/reports", name: "reports", component: () => import("./pages/ReportsPage.vue"), meta: { inCharge: true } },
      { path: "/teaching", name: "teaching", component: () => import("./pages/TeachingPage.vue"), meta: { inCharge: true } },
      { path: "/faq/:entry?", name: "faq", component: () => import("./pages/FaqPage.vue"), meta: { inCharge: true } },
      { path: "/canned/:reply?", name: "canned", component: () => import("./pages/CannedPage.vue"), meta: { inCharge: true } },
      { path: "/webhooks", name: "hooks", component: () => import("./pages/HooksPage.vue"), meta: { inCharge: true } },
      { path: "/team", name: "team", component: () => import("./pages/TeamPage.vue"), meta: { inCharge: true } },
      { path: "/account", name: "account", component: () => import("./pages/AccountPage.vue") },
      { path: "/audit", name: "audit", component: () => import("./pages/AuditPage.vue"), meta: { inCharge: true } },
      { path: "/:rest(.*)*", redirect: { name: "desk" } },
    ],
  });
  let restored = false;
  router.beforeEach(async (to) => {
    const session = useSession();
    if (!restored) {
      restored = true;
      await session.restore().catch(() => false);
    }
    if (session.agent && session.unsecured) return to.name === "account" ? true : { name: "account" };
    if (to.meta.open) return session.agent ? { name: "desk" } : true;
    if (to.meta.inCharge && session.agent?.role === "agent") return { name: "desk" };
    return session.agent ? true : { name: "sign-in", query: to.fullPath === "/desk" ? {} : { to: to.fullPath } };
  });
  return router;
}
