// Routes: #/ (welcome or studio) · #/tracks/{id} · #/account · #/verify?token=… (also /verify?token=… of a mail)

import { account as devices } from "./account.js";
import * as api from "./api.js";
import { startBar } from "./bar.js";
import { listen } from "./listen.js";
import { onSubmit, say, show, stamp } from "./page.js";
import { forget } from "./player.js";
import { studio } from "./studio.js";

const account = document.querySelector("#account");

async function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [place, id] = path.split("/");
  try {
    if (place === "tracks" && id) await listen(id);
    else if (place === "verify") await verify(new URLSearchParams(query).get("token"));
    else if (api.user() && place === "account") await devices();
    else if (api.user()) await studio();
    else welcome();
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

function welcome() {
  const view = stamp("welcome");
  const tabs = [...view.querySelectorAll("[data-tab]")];
  const forms = [...view.querySelectorAll("[data-form]")];
  for (const tab of tabs) {
    tab.onclick = () => {
      tabs.forEach((other) => other.setAttribute("aria-pressed", String(other === tab)));
      forms.forEach((form) => (form.hidden = form.dataset.form !== tab.dataset.tab));
    };
  }
  onSubmit(forms[0], async ({ email, password, remember }) => {
    await api.login(email, password, remember === "on");
    go("#/");
  });
  onSubmit(forms[1], async ({ email, username, password }) => {
    await api.register(email, username, password);
    await api.login(email, password);
    go("#/verify");
  });
  const bars = view.querySelector(".bars");
  for (let bar = 0; bar < 48; bar += 1) {
    const line = document.createElement("i");
    const hill = Math.sin((Math.PI * (bar + 1)) / 49);
    line.style.setProperty("--tall", 0.08 + 0.92 * hill * Math.abs(Math.sin(bar * 0.83) * Math.cos(bar * 0.19)));
    line.style.setProperty("--turn", bar);
    bars.append(line);
  }
  show(view);
}

async function verify(token) {
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
  account.replaceChildren();
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
  account.append(name, out);
  if (!user.email_verified) {
    const confirm = document.createElement("a");
    confirm.href = "#/verify";
    confirm.textContent = "Confirm your address";
    account.prepend(confirm);
  }
}

if (location.pathname === "/verify") history.replaceState(null, "", `/#/verify${location.search}`);
api.onSession(showAccount);
addEventListener("hashchange", () => {
  document.querySelector("#main").focus({ preventScroll: true });
  route();
});
startBar();
await api.restore();
await route();
