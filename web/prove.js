// What is dangerous asks once more who is there: by password (and code), or by passkey.

import { Problem, signIn } from "./api.js";
import { onSubmit, say, stamp, withCode } from "./page.js";
import { proveByPasskey } from "./passkeys.js";

/** Does `work`; if that takes a fresh proof, asks for one and does it again. */
export async function fresh(work) {
  try {
    return await work();
  } catch (problem) {
    if (problem.code !== "step_up_needed") throw problem;
  }
  await proof();
  return work();
}

function proof() {
  const dialog = stamp("prove");
  const form = dialog.querySelector("form");
  const byPasskey = dialog.querySelector("[data-passkey]");
  byPasskey.hidden = !window.PublicKeyCredential;
  document.body.append(dialog);
  return new Promise((resolve, reject) => {
    const done = () => {
      resolve();
      dialog.close();
    };
    onSubmit(form, async ({ password, code }) => {
      if (await withCode(form, () => signIn("/auth/step-up", { password, ...(code && { code }) }))) done();
    });
    byPasskey.onclick = () => proveByPasskey().then(done, (problem) => say(problem.message));
    dialog.addEventListener("close", () => {
      dialog.remove();
      reject(new Problem(0, { detail: "Nothing was changed." }));
    });
    dialog.showModal();
  });
}
