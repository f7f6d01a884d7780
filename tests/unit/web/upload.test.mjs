// The page's uploads against a storage in memory. Run by test_scripts.py with `node --test`.

import assert from "node:assert";
import { beforeEach, test } from "node:test";

const PART = 1024;
const USER = { id: "ana", email: "ana@veza.test", username: "ana", email_verified: true };
let veza;

class Veza {
  single = false;
  state = "open";
  signature = 0;
  stored = new Map();
  puts = [];
  verdicts = []; // statuses the next PUTs get instead of being stored

  answer(method, path, body) {
    if (path === "/auth/login") return { access_token: "t", expires_in: 900, user: USER };
    if (path.startsWith("/tracks/")) return { id: "track", state: "ready", title: "Night Drive" };
    if (path === "/uploads") this.announced = body;
    if (path.endsWith("/complete")) this.state = "completed";
    const { size_bytes: size } = this.announced;
    const numbers = Array.from({ length: Math.ceil(size / PART) }, (_, index) => index + 1);
    const door = (part_number) => ({
      part_number,
      size_bytes: Math.min(PART, size - (part_number - 1) * PART),
      url: `${part_number}?s=${this.signature}`,
      headers: { Host: "storage", "Content-Length": "1", "If-None-Match": "*" },
    });
    const parts = [...this.stored].map(([part_number, bytes]) => ({ part_number, size_bytes: bytes.length }));
    if (method === "GET") return { state: this.state, parts: this.single ? [] : parts };
    const common = { upload_id: "upload", track_id: "track" };
    return this.single ? { ...common, put: door(1) } : { ...common, parts: (body.part_numbers ?? numbers).map(door) };
  }

  async store(url, headers, blob) {
    const [number, signature] = url.split("?s=").map(Number);
    this.puts.push(number);
    this.headers = headers;
    if (this.verdicts.length) return this.verdicts.shift();
    if (signature !== this.signature) return 403;
    this.stored.set(number, new Uint8Array(await blob.arrayBuffer()));
    return 200;
  }

  get content() {
    return Buffer.concat([...this.stored].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
  }
}

globalThis.document = { cookie: "veza_csrf=proof" };
globalThis.localStorage = { setItem() {}, getItem: () => null, removeItem() {} };
globalThis.fetch = async (url, { method, body }) =>
  Response.json(veza.answer(method, url.replace("/api/v1", ""), body && JSON.parse(body)));
globalThis.XMLHttpRequest = class {
  upload = {};
  headers = {};
  open(_, url) { this.url = url; }
  setRequestHeader(name, value) { this.headers[name] = value; }
  async send(blob) {
    this.upload.onprogress({ loaded: blob.size });
    this.status = await veza.store(this.url, this.headers, blob);
    this.onloadend();
  }
};
Math.random = () => 0; // no waiting between tries

const { login } = await import("../../../web/api.js");
const { upload } = await import("../../../web/upload.js");
const bytes = Buffer.from(Array.from({ length: 3 * PART + 10 }, (_, index) => index % 251));
const song = () => new File([bytes], "night.wav", { lastModified: 1 });

beforeEach(async () => {
  veza = new Veza();
  await login({ email: "ana@veza.test", password: "right horse" });
});

test("a large file arrives whole, and the last thing said is 100 %", async () => {
  let last = 0;
  assert.equal(await upload(song(), "private", (percent) => (last = percent)), "track");
  assert.deepEqual(veza.content, bytes);
  assert.equal(veza.state, "completed");
  assert.equal(last, 100);
});

test("a small file goes in one PUT, without headers that only browsers may set", async () => {
  veza.single = true;
  await upload(song(), "private", () => {});
  assert.deepEqual(veza.content, bytes);
  assert.deepEqual(veza.headers, { "If-None-Match": "*" });
  assert.match(veza.announced.sha256, /^[0-9a-f]{64}$/);
});

test("what is in storage is not sent again", async () => {
  veza.stored.set(1, bytes.subarray(0, PART));
  veza.stored.set(3, bytes.subarray(2 * PART, 3 * PART));
  await upload(song(), "private", () => {});
  assert.deepEqual(veza.puts.sort(), [2, 4]);
  assert.deepEqual(veza.content, bytes);
});

test("a completed upload is not touched", async () => {
  veza.state = "completed";
  await upload(song(), "private", () => {});
  assert.deepEqual(veza.puts, []);
});

test("an expired address is replaced, a stumbling storage asked again", async () => {
  veza.verdicts = [403, 503, 0];
  await upload(song(), "private", () => {});
  assert.deepEqual(veza.content, bytes);
  assert.equal(veza.puts.length, 7);
});

test("bytes that storage refuses end in a sentence", async () => {
  veza.verdicts = [413, 413, 413, 413];
  await assert.rejects(upload(song(), "private", () => {}), /refused/);
  assert.equal(veza.state, "open");
});

test("the same file is the same upload, another one is another", async () => {
  await upload(song(), "private", () => {});
  const first = veza.announced.client_token;
  await upload(song(), "private", () => {});
  assert.equal(veza.announced.client_token, first);
  await upload(new File([bytes], "night.wav", { lastModified: 2 }), "private", () => {});
  assert.notEqual(veza.announced.client_token, first);
});
