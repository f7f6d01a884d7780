// A file to storage: announce, send what is missing, complete. The same file dropped again resumes.

import { Problem, call, user } from "./api.js";

const PARALLEL = 4;
const TRIES = 6;
const HASH_UP_TO = 16 * 1024 * 1024;
const EDGE = 64 * 1024;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const backoff = (failures) => sleep(Math.random() * Math.min(20_000, 500 * 2 ** failures));

async function sha256(data) {
  const digest = await crypto.subtle.digest("SHA-256", data);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function identity(file, generation) {
  const facts = [user().id, file.name, file.size, file.lastModified, generation].join("\0");
  return sha256(await new Blob([facts, file.slice(0, EDGE), file.slice(-EDGE)]).arrayBuffer());
}

/** One PUT with progress; resolves with the status, 0 for a lost connection. */
function put(url, headers, blob, onLeft) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) {
      if (!/^(host|content-length)$/i.test(name)) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => onLeft(event.loaded);
    request.onloadend = () => done(request.status);
    request.send(blob);
  });
}

/** Sends one blob until storage has it; `fresh` fetches another signed URL when this one has expired. */
async function deliver(signed, blob, onLeft, fresh) {
  for (let failures = 1; failures <= TRIES; failures += 1) {
    const status = await put(signed.url, signed.headers, blob, onLeft);
    if ((status >= 200 && status < 300) || status === 409 || status === 412) return onLeft(blob.size);
    onLeft(0);
    if (status === 403 || status === 400) signed = await fresh();
    else if (status !== 0 && status < 500) {
      throw new Problem(status, { detail: "Storage refused the bytes. Did the file change meanwhile?" });
    }
    await backoff(failures);
  }
  throw new Problem(0, { detail: "Storage could not be reached. What has arrived is kept: you can resume." });
}

async function announce(file, visibility) {
  const hash = file.size <= HASH_UP_TO ? { sha256: await sha256(await file.arrayBuffer()) } : {};
  for (let generation = 0; generation < 4; generation += 1) {
    const client_token = await identity(file, generation);
    const wanted = { filename: file.name, size_bytes: file.size, client_token, visibility, ...hash };
    try {
      const door = await call("POST", "/uploads", wanted);
      const status = await call("GET", `/uploads/${door.upload_id}`);
      await call("GET", `/tracks/${door.track_id}`);
      if (status.state === "open" || status.state === "completed") return { door, status };
    } catch (problem) {
      // Uploaded once and deleted since, or another content under the same name and time: a new upload then.
      if (!["track_not_found", "upload_not_found", "client_token_reused"].includes(problem.code)) throw problem;
    }
  }
  throw new Problem(0, { detail: "This file can't be announced again. Rename it and try once more." });
}

/** Uploads `file` and returns the id of its track. `onProgress(percent)` runs as bytes leave. */
export async function upload(file, visibility, onProgress) {
  const { door, status } = await announce(file, visibility);
  if (status.state === "completed") return door.track_id;
  const left = new Map(status.parts.map((part) => [part.part_number, part.size_bytes]));
  const count = (number) => (bytes) => {
    left.set(number, bytes);
    onProgress((100 * [...left.values()].reduce((sum, size) => sum + size, 0)) / file.size);
  };
  const renew = (body) => call("POST", `/uploads/${door.upload_id}/parts`, body);
  if (door.put) {
    await deliver(door.put, file, count(1), async () => (await renew({})).put);
  } else {
    await sendParts(file, door.parts, left, count, renew);
  }
  await call("POST", `/uploads/${door.upload_id}/complete`, {});
  return door.track_id;
}

async function sendParts(file, parts, left, count, renew) {
  let start = 0;
  const queue = parts
    .map((part) => ({ ...part, blob: file.slice(start, (start += part.size_bytes)) }))
    .filter((part) => !left.has(part.part_number));
  const worker = async () => {
    for (let part = queue.shift(); part; part = queue.shift()) {
      const number = part.part_number;
      const fresh = async () => (await renew({ part_numbers: [number] })).parts[0];
      await deliver(part, part.blob, count(number), fresh);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

/** Looks at a track, gently, until it is ready, rejected or failed. */
export async function follow(trackId, onLook) {
  for (let wait = 400, state = ""; ; wait = Math.min(4000, wait * 1.35)) {
    const track = await call("GET", `/tracks/${trackId}`).catch((problem) => {
      if (problem.status !== 0 && problem.status < 500) throw problem;
      return null;
    });
    if (track) {
      onLook(track);
      if (["ready", "rejected", "failed"].includes(track.state)) return track;
      if (track.state !== state) [wait, state] = [400, track.state];
    }
    await sleep(wait);
  }
}
