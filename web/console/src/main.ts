import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "./App.vue";
import "./element";
import { i18n } from "./i18n";
import { guardComposition } from "./keys";
import { makeRouter } from "./routes";
import { usePreferences } from "./stores/preferences";
import "./style/tokens.css";
import "./style/base.css";

guardComposition();
const app = createApp(App);
app.use(createPinia());
usePreferences(); // sets theme and language before the first paint
app.use(i18n);
app.use(makeRouter());
app.mount("#console");
