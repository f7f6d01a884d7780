// Lists of things that something can be done with.

import { say, stamp } from "./page.js";

const TAKES_AWAY = new Set(["Delete", "Part", "Sign out"]);

/** A line with a title, some facts, and what can be done: [label, work] each, the one that takes something away last. */
export function entry(title, facts, ...actions) {
  const item = stamp("entry");
  item.querySelector("strong").textContent = title;
  item.querySelector(".facts").textContent = facts;
  item.querySelector(".actions").append(...actions.filter(Boolean).map(([label, work]) => {
    const button = stamp("action");
    button.textContent = label;
    button.classList.toggle("danger", TAKES_AWAY.has(label));
    button.onclick = () => tried(async () => work());
    return button;
  }));
  return item;
}

/** Does `work`; a refusal is said at the foot of the page. */
export const tried = (work) => work().catch((problem) => say(problem.message));
