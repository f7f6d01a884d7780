// The signed-in person's account: where it is open, how one gets in, and what was tried.

import { call, ended, signIn, user } from "./api.js";
import { apiKeys } from "./api-keys.js";
import { entry, tried } from "./entries.js";
import { moment, onSubmit, say, show, stamp, stampAll, withCode } from "./page.js";
import { addPasskey } from "./passkeys.js";
import { exports, leaving } from "./privacy.js";
import { fresh } from "./prove.js";
import { secondFactor } from "./second-factor.js";
import { visit } from "./sign-in.js";

const OUTCOMES = {
  signed_in: "Signed in", wrong_password: "Wrong password", wrong_code: "Wrong code", suspended: "Refused: suspended",
};
const NOBODY_KNOWS = "Unknown device";
const joined = (...parts) => parts.filter(Boolean).join(" · ");

/** By the id of their headings. */
const SECTIONS = {
  "signed-in": devices, passkeys, "second-factor": secondFactor, elsewhere: connections, "api-keys": apiKeys,
  "new-password": password, "new-address": email, tried: history, "my-data": exports, leaving,
};

/** Sections wait for no other: what is slow or fails takes nothing from the rest. */
export async function account() {
  const view = stampAll("settings");
  const shown = Object.entries(SECTIONS).map(([heading, section]) =>
    showSection(section, view.querySelector(`[aria-labelledby=${heading}]`)));
  show(view, "Your account");
  await Promise.all(shown);
}

async function showSection(section, place) {
  place.ariaBusy = "true";
  try {
    await section((name) => place.querySelector(`[data-${name}]`));
  } catch (problem) {
    const refusal = stamp("refusal");
    refusal.textContent = `This part can't be shown now: ${problem.message}`;
    place.append(refusal);
  } finally {
    place.ariaBusy = "false";
  }
}

// -- where it is open -------------------------------------------------------------------------------------------------

async function devices(part) {
  const [list, others] = [part("sessions"), part("others")];
  const fill = async () => {
    const { items } = await call("GET", "/auth/sessions");
    list.replaceChildren(...items.map((session) => device(session, fill)));
    others.hidden = items.length < 2;
  };
  others.onclick = () =>
    tried(async () => {
      await fresh(() => call("POST", "/auth/logout-others"));
      say("Every other device is signed out.");
      await fill();
    });
  part("everywhere").onclick = () =>
    tried(async () => {
      await call("POST", "/auth/logout-everywhere");
      ended();
      location.hash = "#/";
    });
  await fill();
}

function device({ id, current, origin, last_used_at }, again) {
  const title = (origin.device || NOBODY_KNOWS) + (current ? " (this one)" : "");
  const facts = joined(origin.place, origin.address, `last used ${moment(last_used_at)}`);
  return entry(title, facts, !current && ["Sign out", async () => {
    await fresh(() => call("DELETE", `/auth/sessions/${id}`));
    say("That device is signed out.");
    await again();
  }]);
}

async function history(part) {
  const [list, earlier] = [part("logins"), part("earlier")];
  const fill = async (cursor) => {
    const { items, next_cursor } = await call("GET", `/auth/login-history${cursor ? `?cursor=${cursor}` : ""}`);
    list.append(...items.map(({ at, outcome, origin }) =>
      entry(OUTCOMES[outcome] ?? outcome, joined(moment(at), origin.device || NOBODY_KNOWS, origin.place, origin.address))));
    earlier.hidden = !next_cursor;
    earlier.onclick = () => tried(() => fill(next_cursor));
  };
  await fill();
}

// -- how one gets in --------------------------------------------------------------------------------------------------

function password(part) {
  const form = part("password");
  onSubmit(form, async ({ current, chosen, code }) => {
    const change = { current_password: current, new_password: chosen, ...(code && { code }) };
    if (!(await withCode(form, () => signIn("/auth/password/change", change)))) return;
    form.reset();
    say("Your password is changed. All other devices are signed out.");
  });
}

async function passkeys(part) {
  const [list, form] = [part("passkeys"), part("add")];
  const fill = async () => {
    const { items } = await call("GET", "/auth/passkeys");
    list.replaceChildren(...items.map(({ id, name, created_at, last_used_at }) =>
      entry(name, joined(`added ${moment(created_at)}`, last_used_at && `last used ${moment(last_used_at)}`),
        ["Rename", () => rename(id, name, fill)],
        ["Delete", async () => {
          await fresh(() => call("DELETE", `/auth/passkeys/${id}`));
          await fill();
        }])));
  };
  form.hidden = !window.PublicKeyCredential;
  onSubmit(form, async ({ name }) => {
    await fresh(() => addPasskey(name));
    form.reset();
    say("This device opens your account from now on.");
    await fill();
  });
  await fill();
}

function rename(id, present, again) {
  const dialog = stamp("rename");
  const form = dialog.querySelector("form");
  form.elements.name.value = present;
  onSubmit(form, async ({ name }) => {
    await call("PATCH", `/auth/passkeys/${id}`, { name });
    dialog.close();
    await again();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function connections(part) {
  const list = part("connections");
  const fill = async () => {
    const [{ items: providers }, { items: ties }] = await Promise.all([
      call("GET", "/auth/providers"), call("GET", "/auth/connections"),
    ]);
    const tied = new Map(ties.map((tie) => [tie.provider, tie]));
    list.parentElement.hidden = !providers.length && !ties.length;
    list.replaceChildren(...providers.map(({ name, label }) => {
      const tie = tied.get(name);
      if (!tie) return entry(label, "not connected", ["Connect", () => fresh(() => visit(name, "connect"))]);
      return entry(label, joined(tie.name, `since ${moment(tie.connected_at)}`), ["Part", async () => {
        await fresh(() => call("DELETE", `/auth/connections/${name}`));
        await fill();
      }]);
    }));
  };
  await fill();
}

function email(part) {
  part("address").textContent = user().email;
  const form = part("email");
  onSubmit(form, async ({ password: known, address, code }) => {
    const change = { password: known, new_email: address, ...(code && { code }) };
    if (!(await withCode(form, () => call("POST", "/auth/email", change)))) return;
    form.reset();
    say("Both addresses get a link. The change is made once both were followed.");
  });
}

/** A link of a mail that agrees to a change of address. */
export async function agreeToEmail(query, go) {
  const { status } = await call("POST", "/auth/email/confirm", { token: query.get("token") });
  say(status === "changed" ? "Your address is changed." : "Thank you. Now the other address has to agree too.");
  go("#/");
}
