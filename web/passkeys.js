// Passkeys: what the browser and the API say to each other about them (WebAuthn level 3, JSON both ways).

import { call, signIn } from "./api.js";

/** Signs in with a passkey of this device. */
export async function signInByPasskey() {
  await signIn("/auth/passkey-sign-in", { credential: await ask() });
}

/** Shows once more who is there. */
export const proveByPasskey = async () => signIn("/auth/passkey-step-up", { credential: await ask() });

/** Makes a passkey on this device and adds it. */
export async function addPasskey(name) {
  const { options } = await call("POST", "/auth/passkey-options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await asked(navigator.credentials.create({ publicKey }));
  return call("POST", "/auth/passkeys", { name, credential: credential.toJSON() });
}

async function ask() {
  const { options } = await call("POST", "/auth/passkey-sign-in/options");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await asked(navigator.credentials.get({ publicKey }))).toJSON();
}

// What the browser says of these is for programmers (WebAuthn level 3, §5.1.3 and §5.1.4.1).
const REFUSALS = {
  NotAllowedError: "No passkey was used.",
  InvalidStateError: "This device has a passkey for your account already.",
};

const asked = (device) =>
  device.catch((refusal) => {
    throw new Error(REFUSALS[refusal.name] ?? refusal.message);
  });
