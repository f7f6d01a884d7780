// The signed-in person's account: the devices it is open on, and the latest sign-ins.

import { call, ended } from "./api.js";
import { say, show, stamp, stampAll } from "./page.js";

const OUTCOMES = { signed_in: "Signed in", wrong_password: "Wrong password", suspended: "Refused: suspended" };
const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const when = (iso) => moment.format(new Date(iso));
const NOBODY_KNOWS = "Unknown device";
const joined = (...parts) => parts.filter(Boolean).join(" · ");

export async function account() {
  const view = stampAll("devices");
  const part = (name) => view.querySelector(`[data-${name}]`);
  const [sessions, others, logins, earlier] = ["sessions", "others", "logins", "earlier"].map(part);
  part("everywhere").onclick = () =>
    tried(async () => {
      await call("POST", "/auth/logout-everywhere");
      ended();
      location.hash = "#/";
    });
  others.onclick = () =>
    tried(async () => {
      await call("POST", "/auth/sessions/revoke-others");
      say("Every other device is signed out.");
      await listSessions();
    });
  const listSessions = async () => {
    const { items } = await call("GET", "/auth/sessions");
    sessions.replaceChildren(...items.map((session) => device(session, listSessions)));
    others.hidden = items.length < 2;
  };
  const listLogins = async (cursor) => {
    const { items, next_cursor } = await call("GET", `/auth/login-history${cursor ? `?cursor=${cursor}` : ""}`);
    logins.append(...items.map(({ at, outcome, origin }) => entry(
          OUTCOMES[outcome] ?? outcome,
          joined(when(at), origin.device || NOBODY_KNOWS, origin.place, origin.address),
        )));
    earlier.hidden = !next_cursor;
    earlier.onclick = () => tried(() => listLogins(next_cursor));
  };
  await Promise.all([listSessions(), listLogins()]);
  show(view, "Your account");
}

function device({ id, current, origin, last_used_at }, again) {
  const facts = joined(origin.place, origin.address, `last used ${when(last_used_at)}`);
  const item = entry(origin.device || NOBODY_KNOWS, facts);
  const out = item.querySelector("button");
  if (current) {
    item.querySelector("strong").append(" (this one)");
    return item;
  }
  out.hidden = false;
  out.onclick = () =>
    tried(async () => {
      await call("DELETE", `/auth/sessions/${id}`);
      say("That device is signed out.");
      await again();
    });
  return item;
}

function entry(title, facts) {
  const item = stamp("entry");
  item.querySelector("strong").textContent = title;
  item.querySelector(".facts").textContent = facts;
  return item;
}

const tried = (work) => work().catch((problem) => say(problem.message));
