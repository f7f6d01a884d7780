// Small pieces every view is made of.

const main = document.querySelector("#main");
const said = document.querySelector("#said");
let silence = 0;

/** A fresh copy of a template's only element. */
export const stamp = (id) => document.querySelector(`template#${id}`).content.firstElementChild.cloneNode(true);

/** A fresh copy of all of a template, in an element of its own: its parts can be found before and after it is shown. */
export function stampAll(id) {
  const view = document.createElement("div");
  view.append(document.querySelector(`template#${id}`).content.cloneNode(true));
  return view;
}

/** Makes `content` the page. */
export function show(content, title) {
  main.replaceChildren(content);
  document.title = title ? `${title} · Veza` : "Veza";
}

/** A short sentence at the foot of the page, read out by screen readers. */
export function say(sentence) {
  said.textContent = sentence;
  said.classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => said.classList.remove("shown"), 5000);
}

const inWords = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
export const moment = (iso) => inWords.format(new Date(iso));

export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The cover, or a colour that is always the same for the same track. */
export function paintCover(element, track) {
  element.classList.toggle("bare", !track.cover_url);
  if (track.cover_url) element.style.backgroundImage = `url("${track.cover_url}")`;
  else {
    element.style.backgroundImage = "";
    const hue = parseInt(track.id.replaceAll("-", "").slice(-6), 16) % 360;
    element.style.setProperty("--hue", hue);
  }
}

/** Runs `work` for a form: no second press meanwhile, the refusal shown below the fields. */
export function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector(".problem");
    const button = form.querySelector("button.primary");
    problem.textContent = "";
    button.disabled = true;
    try {
      await work(Object.fromEntries(new FormData(form)));
    } catch (refusal) {
      problem.textContent = refusal.message;
    } finally {
      button.disabled = false;
    }
  });
}

/** Does `attempt`; if a code is asked for too, shows the form's field for it. Answers whether it was done. */
export async function withCode(form, attempt) {
  try {
    await attempt();
  } catch (problem) {
    if (problem.code !== "second_factor_required") throw problem;
    const field = form.querySelector("[data-code]");
    field.hidden = false;
    field.querySelector("input").focus();
    return false;
  }
  return true;
}
