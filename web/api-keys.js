// Keys for programs: made, shown once, listed, taken away.

import { call, user } from "./api.js";
import { entry } from "./entries.js";
import { moment, onSubmit, stamp } from "./page.js";
import { fresh } from "./prove.js";

const SCOPES = { read: "see what you see", write: "upload and change your music", admin: "do what your roles allow" };
const STAFF = new Set(["moderator", "admin", "superadmin"]);
const DAY_S = 24 * 3600;

export async function apiKeys(part) {
  const [list, form] = [part("keys"), part("key")];
  const fill = async () => {
    const { items } = await call("GET", "/auth/api-keys");
    list.replaceChildren(...items.map((key) => entry(key.name, facts(key), ["Delete", async () => {
      await call("DELETE", `/auth/api-keys/${key.id}`);
      await fill();
    }])));
  };
  const offered = Object.entries(SCOPES).filter(([scope]) => scope !== "admin" || user().roles.some((role) => STAFF.has(role)));
  part("scopes").append(...offered.map(([scope, words]) => tick(scope, words)));
  onSubmit(form, async ({ name, days }) => {
    const scopes = new FormData(form).getAll("scope");
    if (!scopes.length) throw new Error("Please tick what it may do.");
    const { key } = await fresh(() => call("POST", "/auth/api-keys", { name, scopes, expires_in: days * DAY_S }));
    form.reset();
    part("made").hidden = false;
    part("secret-key").textContent = key;
    await fill();
  });
  await fill();
}

function facts({ scopes, expires_at, last_used_at }) {
  const may = scopes.map((scope) => SCOPES[scope] ?? scope).join(", ");
  return `${may} · until ${moment(expires_at)} · ${last_used_at ? `last used ${moment(last_used_at)}` : "never used"}`;
}

function tick(scope, words) {
  const label = stamp("scope");
  label.querySelector("input").value = scope;
  label.querySelector("span").textContent = words;
  return label;
}
