// Taking one's data along, and leaving.

import { call, ended, restore, user } from "./api.js";
import { moment, say, show, stamp, stampAll } from "./page.js";
import { entry, tried } from "./entries.js";
import { fresh } from "./prove.js";

const STATES = {
  waiting: "is being made; a mail tells you when it is there", ready: "ready", expired: "expired", failed: "did not work",
};
const LOOK_AGAIN_MS = 3000;
const megabytes = (bytes) => `${Math.max(1, Math.round(bytes / 1e6))} MB`;

/** The section of one's exports. */
export async function exports(part) {
  const list = part("exports");
  const fill = async () => {
    const { items } = await call("GET", "/privacy/exports");
    if (items.some(({ state }) => state === "waiting")) setTimeout(() => list.isConnected && tried(fill), LOOK_AGAIN_MS);
    list.replaceChildren(...items.map(({ id, state, asked_at, expires_at, size_bytes }) => {
      if (state !== "ready") return entry(`Asked for ${moment(asked_at)}`, STATES[state]);
      return entry(`Asked for ${moment(asked_at)}`, `${megabytes(size_bytes)} · until ${moment(expires_at)}`, ["Download", async () => {
        const { url } = await fresh(() => call("POST", `/privacy/exports/${id}/link`));
        location.assign(url);
      }]);
    }));
  };
  part("export").onclick = () =>
    tried(async () => {
      await fresh(() => call("POST", "/privacy/exports"));
      await fill();
    });
  await fill();
}

/** The section that begins a farewell. */
export function leaving(part) {
  part("leave").onclick = () => {
    const dialog = stamp("leave");
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.querySelector("[data-stay]").onclick = () => dialog.close();
    dialog.querySelector("[data-go]").onclick = () =>
      tried(async () => {
        dialog.close();
        const { closing_at } = await fresh(() => call("POST", "/privacy/closing"));
        ended();
        say(`Your account will be erased on ${moment(closing_at)}. Sign in before, and you can keep it.`);
        location.hash = "#/";
      });
    dialog.showModal();
  };
}

/** All there is for who is leaving: the way back, and their data. */
export async function closing(go) {
  const view = stampAll("closing");
  const part = (name) => view.querySelector(`[data-${name}]`);
  part("when").textContent = moment(user().closing_at);
  part("keep").onclick = () =>
    tried(async () => {
      await call("DELETE", "/privacy/closing");
      await restore();
      say("How good that you stay. Everything is as before.");
      go("#/");
    });
  await exports(part);
  show(view, "Your account is closing");
}
