// The playback session of whoever is signed in: what is heard here is told to the server, so that it counts as a play,
// and so that one device plays at a time.

import * as api from "./api.js";
import * as player from "./player.js";
import { say } from "./page.js";
import { Socket } from "./socket.js";

const REPORT_MS = 20_000;
const SOUGHT_S = 1.5; // a position further from where it should be is somebody's doing

let heads = () => ({}); // what the heartbeat asks besides
export const socket = new Socket("stream", () => heads());
export const askWithHeartbeat = (data) => (heads = data);

let open = false;
let told = null; // { id, playing, position, at }: what the server knows of this device
let newest = 0; // the highest seq of a session that was told: a lower one came late
let work = Promise.resolve();

const isHere = (session) => session.device_id === socket.hello?.device_id;
const inMs = () => Math.round(player.position() * 1000);

function isNews({ seq }) {
  if (seq < newest) return false;
  newest = seq;
  return true;
}

async function ask(type, data) {
  const { session } = await socket.ask(type, data);
  if (session) isNews(session);
}

/** Opens the socket when there is something to tell: pages that only lie open cost nobody anything. */
export function connect() {
  if (!open && api.user()) socket.open();
  open ||= !!api.user();
}

async function tell() {
  const track = player.current();
  if (!socket.hello || (!track && !told)) return;
  if (!track) {
    told = null;
    return void (await ask("session.stop"));
  }
  const [playing, position] = [player.isPlaying(), player.position()];
  if (told?.id !== track.id) {
    if (!playing) return;
    await ask("session.load", { track_id: track.id, position_ms: inMs() });
    told = { id: track.id, playing: false, position, at: Date.now() };
  }
  const expected = told.position + (told.playing ? (Date.now() - told.at) / 1000 : 0);
  if (playing !== told.playing) await ask(playing ? "session.play" : "session.pause", { position_ms: inMs() });
  else if (Math.abs(position - expected) > SOUGHT_S) await ask("session.seek", { position_ms: inMs() });
  else if (!playing || Date.now() - told.at < REPORT_MS) return;
  else await ask("session.report", { position_ms: inMs(), buffer_ms: player.buffered(), ...player.fetched() });
  told = { id: track.id, playing: player.isPlaying(), position: player.position(), at: Date.now() };
}

/** One after the other. What fails is told anew: the server may have been told by then, and takes it twice. */
function changed() {
  if (player.isPlaying()) connect();
  work = work.then(tell).catch((problem) => {
    if (problem.code === "playing_elsewhere") leave();
    else told = null;
  });
}

function leave() {
  told = null;
  if (!player.isPlaying()) return;
  player.pause();
  say("You listen on another device now.");
}

export function startSession() {
  player.onChange(changed);
  socket.addEventListener("open", () => {
    [told, newest] = [null, 0];
    changed();
  });
  socket.addEventListener("told", ({ frame: { type, data } }) => {
    if (type === "session.changed" && isNews(data.session) && told && data.session.device_id && !isHere(data.session)) leave();
  });
  api.onSession((user) => {
    if (user) return;
    socket.close();
    [open, told] = [false, null];
  });
}
