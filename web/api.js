// The public API on this very origin. The session is in cookies that no script can read; every change carries the proof
// that it is our page that asks, from the one cookie that it can.

const BASE = "/api/v1";
const HINT = "veza.signed-in"; // no secret: only says that asking for a refresh is worth it
const RENEW_BEFORE_MS = 30_000;
const AGAIN = new Set([502, 503, 504]);
const ENDED = new Set(["not_authenticated", "token_expired", "token_invalid", "token_revoked"]); // a wrong code is none
const TRIES = 3;

let session = null; // { expiresAt, user }
const listeners = new Set();

/** A refusal of the API (problem+json), or no answer at all (status 0). */
export class Problem extends Error {
  constructor(status, { detail, code = "", request_id = "" }) {
    super(detail);
    Object.assign(this, { status, code, requestId: request_id });
  }
}

export const user = () => session?.user ?? null;
export const onSession = (listener) => listeners.add(listener);

function keep(answer) {
  session = answer && {
    expiresAt: Date.now() + answer.expires_in * 1000,
    user: answer.user,
  };
  if (session) localStorage.setItem(HINT, "1");
  else localStorage.removeItem(HINT);
  listeners.forEach((listener) => listener(user()));
}

const proof = () => document.cookie.match(/(?:^|; )veza_csrf=([^;]*)/)?.[1];

async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && proof()) headers["X-CSRF-Token"] = proof();
  let response;
  try {
    response = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Problem(0, { detail: "Veza can't be reached. Are you online?" });
  }
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("Content-Type") ?? "");
  const answer = isJson && text ? JSON.parse(text) : {};
  if (!response.ok) throw new Problem(response.status, { detail: `The server answered ${response.status}.`, ...answer });
  return answer;
}

// Tabs share the cookie: one of them refreshes at a time, so that none presents a token twice.
const alone = (work) => (navigator.locks ? navigator.locks.request("veza-refresh", work) : work());
let refreshing = null;

function refresh() {
  refreshing ??= alone(() => send("POST", "/auth/refresh", {}))
    .then(keep, async (problem) => {
      if (problem.status === 401) await logout(); // takes back the cookies too, else they would be asked about again
      throw problem;
    })
    .finally(() => (refreshing = null));
  return refreshing;
}

/** Asks the API as whoever is signed in, or as anybody. Throws Problem. Every call may safely be repeated. */
export async function call(method, path, body) {
  if (session && session.expiresAt - RENEW_BEFORE_MS < Date.now()) await refresh().catch(() => {});
  for (let failures = 1; ; failures += 1) {
    try {
      return await send(method, path, body);
    } catch (problem) {
      if (ENDED.has(problem.code) && session && failures === 1) await refresh();
      else if (AGAIN.has(problem.status) && failures < TRIES) await new Promise((done) => setTimeout(done, 700 * failures));
      else throw problem;
    }
  }
}

/** Brings a session back after a reload; quietly does nothing if there is none. */
export async function restore() {
  if (localStorage.getItem(HINT)) await refresh().catch(() => {});
}

/** Everything that ends in a session: a password, a link, a passkey, an identity elsewhere. */
export const signIn = async (path, body) => keep(await send("POST", path, body));
export const login = (credentials) => signIn("/auth/login", credentials);
export const register = (email, username, password) => send("POST", "/auth/register", { email, username, password });
export const verify = (token) => send("POST", "/auth/verify-email", { token });

export async function logout() {
  await send("POST", "/auth/logout", {}).catch(() => {});
  ended();
}

/** The session is over; whoever ended it. */
export const ended = () => keep(null);
