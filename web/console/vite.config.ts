import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const GATEWAY = process.env.XIAOER_GATEWAY ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/console/",
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: "true", // Element Plus has parts that need it
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: {
    target: ["chrome100", "safari15.4", "firefox100"],
    cssTarget: ["chrome100", "safari15.4"],
    assetsInlineLimit: 0, // data: addresses would break default-src 'self'
    modulePreload: { polyfill: false }, // it is an inline script
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      "/api": GATEWAY,
      "/ws": { target: GATEWAY, ws: true },
    },
  },
});
