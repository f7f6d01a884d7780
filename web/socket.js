// One WebSocket of ours, for as long as somebody wants it: a ticket, hello, a heartbeat, requests with answers, and the
// way back after it broke or its time is over (docs/realtime.md).

import { Problem, call } from "./api.js";

const PATIENCE_MS = 15_000;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 30_000;
const ALIVE = 0.8; // of the heartbeat's time, so that one that is a little late is in time

export class Socket extends EventTarget {
  #door;
  #heartbeat; // what the heartbeat asks besides: () => data of a ping
  #line = null; // the open WebSocket
  #waiting = new Map(); // id of a request → { resolve, reject }
  #number = 0;
  #failures = 0;
  #timers = [];
  #closed = false;
  hello = null;

  constructor(door, heartbeat = () => ({})) {
    super();
    this.#door = door;
    this.#heartbeat = heartbeat;
  }

  /** Opens it, and again whenever it breaks. Tells "open" each time, then "told" for whatever the server says. */
  async open() {
    this.#closed = false;
    const before = this.#line;
    try {
      const { url } = await call("POST", "/ws/tickets", { socket: this.#door });
      const line = await this.#dial(url);
      this.#line = line;
      this.hello = await this.ask("hello");
      this.#failures = 0;
      this.#keepAlive();
      before?.close();
      this.dispatchEvent(new Event("open"));
    } catch (problem) {
      if (problem.status === 401 || problem.status === 403) return this.close(); // signed out: nobody to come again as
      this.#comeAgain();
    }
  }

  close() {
    this.#closed = true;
    this.#timers.forEach(clearTimeout);
    this.#line?.close();
    this.#line = null;
  }

  /** What the server answers. Throws Problem with its code. */
  ask(type, data = {}) {
    const line = this.#line;
    if (line?.readyState !== WebSocket.OPEN) return Promise.reject(new Problem(0, { detail: "Not connected." }));
    const id = String((this.#number += 1));
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, line }));
    const late = setTimeout(() => this.#answer(id, { error: { detail: "No answer.", code: "no_answer" } }), PATIENCE_MS);
    line.send(JSON.stringify({ type, id, ts: Date.now(), data }));
    return answer.finally(() => clearTimeout(late));
  }

  #dial(url) {
    return new Promise((resolve, reject) => {
      const line = new WebSocket(url);
      line.onopen = () => resolve(line);
      line.onerror = () => reject(new Problem(0, { detail: "The socket can't be opened." }));
      line.onmessage = ({ data }) => this.#hear(JSON.parse(data));
      line.onclose = () => this.#lost(line);
    });
  }

  #hear(frame) {
    if (frame.id) this.#answer(frame.id, frame);
    else this.dispatchEvent(Object.assign(new Event("told"), { frame }));
  }

  #answer(id, { data, error }) {
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) request?.reject(new Problem(0, error));
    else request?.resolve(data);
  }

  #lost(line) {
    for (const [id, { line: its }] of this.#waiting) {
      if (its === line) this.#answer(id, { error: { detail: "The connection broke.", code: "no_answer" } });
    }
    if (line !== this.#line) return; // another one is open already
    this.#line = null;
    this.#comeAgain();
  }

  /** Full jitter: those who lost their line at the same moment don't come back at the same moment. */
  #comeAgain() {
    this.#timers.forEach(clearTimeout);
    if (this.#closed) return;
    const most = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (this.#failures += 1));
    this.#timers = [setTimeout(() => this.open(), Math.random() * most)];
  }

  #keepAlive() {
    const beat = async () => {
      const news = await this.ask("ping", this.#heartbeat()).catch(() => null);
      if (news) this.dispatchEvent(Object.assign(new Event("news"), { news }));
    };
    this.#timers.forEach(clearTimeout);
    this.#timers = [
      setInterval(beat, this.hello.heartbeat_s * 1000 * ALIVE),
      setTimeout(() => this.open(), Math.max(0, this.hello.reconnect_at - Date.now())),
    ];
  }
}
