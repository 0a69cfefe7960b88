// What not every conversation needs; fetched once the window stands.

import css from "../styles/parts.css?inline";

export { Attach } from "./attach";
export { CardView, OrderPicker } from "./card";
export { place } from "./place";
export { Rare } from "./rare";
export { RatingForm } from "./rating";
export { css };
