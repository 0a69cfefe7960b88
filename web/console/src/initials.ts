const STARTS = [..."阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀"];
const LETTERS = "abcdefghjklmnopqrstwxyz";
const bySound = new Intl.Collator("zh-Hans-CN-u-co-pinyin");
const isHan = /^\p{Script=Han}$/u;
const known = new Map<string, string>();

/** The first letter of a character's pinyin, by where the browser's own dictionary sorts it. */
function initialOf(character: string): string {
  let letter = known.get(character);
  if (letter === undefined) {
    const at = STARTS.findLastIndex((start) => bySound.compare(start, character) <= 0);
    letter = isHan.test(character) ? (LETTERS[at] ?? "") : character.toLowerCase();
    known.set(character, letter);
  }
  return letter;
}

/** `退款时效` as `tksx`, so that it is found without an input method. */
export const initials = (text: string): string => [...text].map(initialOf).join("");

/** Whether what was typed is in the text, or in its initials: 0 for its beginning, 1 for within, null for not. */
export function found(typed: string, text: string): 0 | 1 | null {
  const wanted = typed.toLowerCase();
  const ways = [text.toLowerCase(), /^[a-z0-9 ]+$/.test(wanted) ? initials(text) : ""];
  if (ways.some((way) => way.startsWith(wanted))) return 0;
  return ways.some((way) => way.includes(wanted)) ? 1 : null;
}
