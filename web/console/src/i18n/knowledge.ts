import { i18n } from ".";
import en from "./knowledge.en";
import zh from "./knowledge.zh-CN";

/** Words of the pages for who is in charge; they come with these pages, and not with an agent's first one. */
i18n.global.mergeLocaleMessage("zh-CN", zh as never);
i18n.global.mergeLocaleMessage("en", en as never);
