// Passkeys: what the browser and the API say to each other about them (WebAuthn level 3, JSON both ways).

import { call, signIn } from "./api.js";

/** Signs in with a passkey of this device. Throws NotAllowedError if the person closes the question. */
export async function signInByPasskey() {
  await signIn("/auth/passkey-sign-in", { credential: await ask() });
}

/** Shows once more who is there. */
export const proveByPasskey = async () => signIn("/auth/passkey-step-up", { credential: await ask() });

/** Makes a passkey on this device and adds it. */
export async function addPasskey(name) {
  const { options } = await call("POST", "/auth/passkey-options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({ publicKey });
  return call("POST", "/auth/passkeys", { name, credential: credential.toJSON() });
}

async function ask() {
  const { options } = await call("POST", "/auth/passkey-sign-in/options");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}
