// The door: sign in by password, passkey, mailed link or an identity elsewhere; create an account; choose a new password.

import * as api from "./api.js";
import { onSubmit, say, show, stamp, withCode } from "./page.js";
import { signInByPasskey } from "./passkeys.js";

const REFUSALS = {
  email_taken: "There is an account with your address. Sign in to it, then connect the other one in your account.",
  identity_unverified: "The other side does not vouch for your address. Please create an account here, then connect it.",
  identity_taken: "That identity is connected to another account.",
  connection_there: "Your account has a connection there already.",
  provider_refused: "The other side refused. Please try again.",
  provider_unavailable: "The other side does not answer. Please try again later.",
  state_invalid: "That took too long, or was begun in another browser. Please try again.",
};

export function welcome(go) {
  const view = stamp("welcome");
  const forms = Object.fromEntries([...view.querySelectorAll("form")].map((form) => [form.dataset.form, form]));
  const tabs = [...view.querySelectorAll("[data-tab]")];
  for (const tab of tabs) {
    tab.onclick = () => {
      tabs.forEach((other) => other.setAttribute("aria-pressed", String(other === tab)));
      view.querySelectorAll("[data-pane]").forEach((pane) => (pane.hidden = pane.dataset.pane !== tab.dataset.tab));
    };
  }
  onSubmit(forms.login, ({ email, password, code, remember }) =>
    signedIn(forms.login, () => api.login({ email, password, ...(code && { code }), remember: remember === "on" }), go));
  onSubmit(forms.register, async ({ email, username, password }) => {
    await api.register(email, username, password);
    await api.login({ email, password });
    go("#/verify");
  });
  offerPasskey(view.querySelector("[data-passkey]"), go);
  offerProviders(view.querySelector("[data-providers]"));
  raiseBars(view.querySelector(".bars"));
  show(view);
}

async function signedIn(form, attempt, go) {
  if (await withCode(form, attempt)) go("#/");
}

function offerPasskey(button, go) {
  button.hidden = !window.PublicKeyCredential;
  button.onclick = () => signInByPasskey().then(() => go("#/"), (problem) => say(problem.message));
}

async function offerProviders(list) {
  const { items } = await api.call("GET", "/auth/providers").catch(() => ({ items: [] }));
  list.replaceChildren(
    ...items.map(({ name, label }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = `Continue with ${label}`;
      button.onclick = () => visit(name, "sign_in").catch((problem) => say(problem.message));
      return button;
    }),
  );
}

/** Goes to an identity provider; the browser comes back by itself. */
export async function visit(provider, purpose) {
  const { authorize_url } = await api.call("POST", `/auth/providers/${provider}/visit`, { purpose });
  location.assign(authorize_url);
}

/** Back from an identity provider. */
export function welcomeBack(query, go) {
  const view = stamp("code");
  const form = view.querySelector("form");
  const ticket = query.get("ticket");
  onSubmit(form, ({ code }) => signedIn(form, () => api.signIn("/auth/providers/sign-in", { ticket, ...(code && { code }) }), go));
  show(view, "Sign in");
  form.requestSubmit();
}

export function signInFailed(query, go) {
  say(REFUSALS[query.get("code")] ?? "Signing in did not work. Please try again.");
  go("#/");
}

/** Mails a link: to choose a new password, or to sign in. */
export function forgot() {
  const view = stamp("forgot");
  onSubmit(view.querySelector("form"), async ({ email, what }) => {
    await api.call("POST", what === "link" ? "/auth/magic-link" : "/auth/password/forgot", { email });
    say("If there is an account with that address, a mail is on its way.");
  });
  show(view, "Forgot password");
}

export function reset(query, go) {
  const view = stamp("reset");
  onSubmit(view.querySelector("form"), async ({ password, evict }) => {
    const chosen = { token: query.get("token"), new_password: password, evict: evict === "on" };
    await api.call("POST", "/auth/password/reset", chosen);
    say("Your password is changed. Please sign in with it.");
    go("#/");
  });
  show(view, "Choose a new password");
}

/** The link of a mail that signs in, followed. */
export function followLink(query, go) {
  const view = stamp("code");
  const form = view.querySelector("form");
  const token = query.get("token");
  onSubmit(form, ({ code }) => signedIn(form, () => api.signIn("/auth/magic-link/sign-in", { token, ...(code && { code }) }), go));
  show(view, "Sign in");
  form.requestSubmit();
}

function raiseBars(bars) {
  for (let bar = 0; bar < 48; bar += 1) {
    const line = document.createElement("i");
    const hill = Math.sin((Math.PI * (bar + 1)) / 49);
    line.style.setProperty("--tall", 0.08 + 0.92 * hill * Math.abs(Math.sin(bar * 0.83) * Math.cos(bar * 0.19)));
    line.style.setProperty("--turn", bar);
    bars.append(line);
  }
}
