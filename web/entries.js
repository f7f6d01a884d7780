// Lists of things that something can be done with.

import { say, stamp } from "./page.js";

/** A line with a title, some facts, and perhaps one action: [label, work]. */
export function entry(title, facts, action) {
  const item = stamp("entry");
  item.querySelector("strong").textContent = title;
  item.querySelector(".facts").textContent = facts;
  if (action) {
    const button = item.querySelector("button");
    button.hidden = false;
    button.textContent = action[0];
    button.onclick = () => tried(async () => action[1]());
  }
  return item;
}

/** Does `work`; a refusal is said at the foot of the page. */
export const tried = (work) => work().catch((problem) => say(problem.message));
