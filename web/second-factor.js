// The second factor: a picture for the app, a code to confirm it, recovery codes to write down.

import { call, user } from "./api.js";
import { onSubmit, say } from "./page.js";

export async function secondFactor(part) {
  const [setUp, confirm, disable] = [part("setup"), part("confirm"), part("disable")];
  const on = Boolean(user().second_factor);
  setUp.hidden = on;
  disable.hidden = !on;
  part("state").textContent = on ? "On: signing in takes a code of your app." : "Off: your password alone signs you in.";
  onSubmit(setUp, async ({ password }) => {
    const { secret, uri, qr } = await call("POST", "/auth/totp/set-up", { password });
    setUp.hidden = true;
    confirm.hidden = false;
    part("qr").src = qr;
    part("secret").textContent = secret;
    part("uri").href = uri;
  });
  onSubmit(confirm, async ({ code }) => {
    const { codes } = await call("POST", "/auth/totp/confirm", { code });
    confirm.hidden = true;
    part("recovery").hidden = false;
    part("codes").textContent = codes.join("\n");
    say("From now on signing in takes a code of your app.");
  });
  onSubmit(disable, async ({ password, code }) => {
    await call("POST", "/auth/totp/disable", { password, code });
    say("Signing in takes no code any more.");
    disable.hidden = true;
    setUp.hidden = false;
  });
}
