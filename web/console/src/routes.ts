import { createRouter, createWebHashHistory, type Router } from "vue-router";
import { useSession } from "./stores/session";

/** Pages an agent can switch between; the top bar lists them once there is more than one. */
export const SECTIONS = [{ name: "desk", label: "top.desk" }] as const;

/** Routes of the console; everything but the sign-in needs an agent. */
export function makeRouter(): Router {
  const router = createRouter({
    history: createWebHashHistory("/console/"),
    routes: [
      { path: "/sign-in", name: "sign-in", component: () => import("./pages/SignInPage.vue"), meta: { open: true } },
      { path: "/desk/:id?/:pane(facts)?", name: "desk", component: () => import("./pages/DeskPage.vue") },
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
    if (to.meta.open) return session.agent ? { name: "desk" } : true;
    return session.agent ? true : { name: "sign-in", query: to.fullPath === "/desk" ? {} : { to: to.fullPath } };
  });
  return router;
}
