// Routes: #/ (welcome or studio) · #/tracks/{id} · #/account · those of OPEN, most of them from mails

import { account, agreeToEmail } from "./account.js";
import * as api from "./api.js";
import { startBar } from "./bar.js";
import { listen } from "./listen.js";
import { onSubmit, say, show, stamp } from "./page.js";
import { forget } from "./player.js";
import { closing } from "./privacy.js";
import { followLink, forgot, reset, signInFailed, welcome, welcomeBack } from "./sign-in.js";
import { startSession } from "./session.js";
import { studio } from "./studio.js";
import { startTogether, together } from "./together.js";

const bar = document.querySelector("#account");
const OPEN = {
  verify, forgot, reset, "sign-in": followLink, email: agreeToEmail,
  "welcome-back": welcomeBack, "sign-in-failed": signInFailed,
};

async function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [place, id] = path.split("/");
  try {
    if (place === "tracks" && id) await listen(id);
    else if (place === "together" && id) together(id);
    else if (place in OPEN) await OPEN[place](new URLSearchParams(query), go);
    else if (api.user()?.closing_at) await closing(go);
    else if (api.user() && place === "account") await account();
    else if (api.user()) await studio();
    else welcome(go);
  } catch (problem) {
    const note = document.createElement("p");
    note.className = "empty";
    note.textContent = problem.message;
    show(note);
  }
}

function go(hash) {
  if (location.hash === hash) route();
  else location.hash = hash;
}

async function verify(query) {
  const token = query.get("token");
  const view = stamp("verify");
  const form = view.querySelector("form");
  onSubmit(form, async ({ token: pasted }) => {
    await api.verify(pasted.trim().replace(/^.*[?&]token=/, ""));
    say("Your address is confirmed. You can upload now.");
    await api.restore();
    go("#/");
  });
  show(view, "Confirm your address");
  if (!token) return;
  form.elements.token.value = token;
  form.requestSubmit();
}

function showAccount(user) {
  bar.replaceChildren();
  document.querySelector("#together-start").hidden = !user;
  if (!user) return;
  const name = document.createElement("a");
  name.href = "#/account";
  name.textContent = user.username;
  const out = document.createElement("button");
  out.className = "quiet";
  out.textContent = "Sign out";
  out.onclick = async () => {
    await api.logout();
    forget();
    go("#/");
  };
  bar.append(name, out);
  if (!user.email_verified) {
    const confirm = document.createElement("a");
    confirm.href = "#/verify";
    confirm.textContent = "Confirm your address";
    bar.prepend(confirm);
  }
}

if (location.pathname === "/verify") history.replaceState(null, "", `/#/verify${location.search}`);
api.onSession(showAccount);
addEventListener("hashchange", () => {
  document.querySelector("#main").focus({ preventScroll: true });
  route();
});
startBar();
startSession();
startTogether();
await api.restore();
await route();
