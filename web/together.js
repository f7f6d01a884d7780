// Listening together: the host's player leads, everybody's follows the same timeline by the server's clock.

import * as api from "./api.js";
import * as clock from "./clock.js";
import { correction, target } from "./follow.js";
import { say, show, stamp } from "./page.js";
import * as player from "./player.js";
import { connect, socket, askWithHeartbeat } from "./session.js";

const TICK_MS = 250;
const EXCHANGES = 8;
const EXCHANGE_EVERY_MS = 20_000;
const LED_S = 1; // the host's player this far from the timeline was moved by its owner
const LEAD_MS = 500; // the server lets things happen so much later (core/domain/parties.py)

let party = null; // as the server told it last
let track = null; // what it hears
let held = false; // a guest paused, and follows no more until they play again
let busy = false; // something is on its way to the server, or to the player
let ledAt = 0;
let repaint = () => {};

const isHost = () => party?.host_id === api.user()?.id;
const link = () => `${location.origin}/#/together/${party.party_id}`;

/** Seconds that this player is ahead of the timeline; null if it does not play along. */
export function drift() {
  if (!party?.playing || player.current()?.id !== party.track_id || !player.isPlaying()) return null;
  return clock.now() < party.at ? null : player.position() - target(party, clock.now());
}

async function keepTime(times) {
  for (let n = 0; n < times; n += 1) await clock.exchange((t0) => socket.ask("clock.sync", { t0 })).catch(() => {});
}

function learn(news) {
  if (party && (news.party_id !== party.party_id || news.seq < party.seq)) return;
  party = news;
  repaint();
}

/** Resolves once the socket is open. */
function connected() {
  connect();
  return socket.hello ? Promise.resolve() : new Promise((done) => socket.addEventListener("open", done, { once: true }));
}

export async function start() {
  await connected();
  await keepTime(EXCHANGES);
  learn((await socket.ask("party.start")).party);
  held = false;
}

export async function join(id) {
  await connected();
  await keepTime(EXCHANGES);
  party = null;
  learn((await socket.ask("party.join", { party_id: id })).party);
  held = false;
}

export async function leave() {
  const { party_id } = party;
  [party, track] = [null, null];
  player.setRate(1);
  repaint();
  await socket.ask("party.leave", { party_id }).catch(() => {});
}

/** Whoever asks for it once the host is gone. */
const takeOver = () => socket.ask("party.pass", { party_id: party.party_id, account_id: api.user().id });

/** The host's player was moved by its owner: everybody learns of it. */
async function lead() {
  const playing = player.isPlaying();
  const ahead = playing ? LEAD_MS + clock.roundTrip() / 2 : 0;
  const position_ms = Math.round(Math.min(player.position() * 1000 + ahead, player.duration() * 1000));
  ledAt = clock.now();
  const asked = { party_id: party.party_id, track_id: player.current().id, playing, position_ms };
  learn((await socket.ask("party.lead", asked)).party);
}

function wasMoved() {
  if (!player.current() || clock.now() - ledAt < 2 * LEAD_MS) return false;
  if (player.current().id !== party.track_id) return player.isPlaying();
  if (player.isPlaying() !== party.playing) return true;
  const off = player.position() - target(party, clock.now());
  return clock.now() >= party.at && Math.abs(off) > LED_S;
}

/** The track of the party, loaded and playing, or paused, where everybody is. */
async function follow() {
  const [now, at] = [clock.now(), target(party, clock.now())];
  if (!party.track_id) return;
  if (track?.id !== party.track_id) track = await api.call("GET", `/tracks/${party.track_id}`);
  const here = player.current()?.id === track.id;
  if (!party.playing) {
    if (now < party.at) return;
    if (player.isPlaying()) player.pause();
    if (here && Math.abs(player.position() - at) > LED_S) player.seek(at);
    held = false;
  } else if (!player.isPlaying(track.id)) {
    if (here && !held && now - party.at > 4 * LEAD_MS && player.wasStopped()) held = true;
    if (!held && now >= party.at - LEAD_MS) await player.play(track, target(party, Math.max(clock.now(), party.at)));
  } else {
    held = false;
  }
}

function correct() {
  const off = drift();
  if (off === null) return player.setRate(1);
  const { jump, rate } = correction(off);
  if (jump && !isHost()) player.seek(target(party, clock.now()));
  player.setRate(rate);
}

async function tick() {
  if (!party || busy) return;
  busy = true;
  try {
    if (isHost() && wasMoved()) await lead();
    else if (!isHost()) await follow();
    correct();
  } catch (problem) {
    if (problem.status || problem.code) say(problem.message);
  } finally {
    busy = false;
    repaint();
  }
}

/** The view of a party: `id` of one to join, none to look at the one that is. */
export function together(id) {
  const view = stamp("together");
  const part = (name) => view.querySelector(`[data-${name}]`);
  const attempt = (work) => async () => {
    try {
      await work();
    } catch (problem) {
      part("problem").textContent = problem.message;
    }
  };
  part("join").onclick = attempt(() => join(id));
  part("leave").onclick = attempt(leave);
  part("take").onclick = attempt(takeOver);
  part("copy").onclick = attempt(async () => {
    await navigator.clipboard.writeText(link());
    say("The link is copied.");
  });
  repaint = () => {
    const inIt = party?.party_id === id;
    const off = drift();
    part("join").hidden = inIt || !api.user();
    part("inside").hidden = !inIt;
    part("visitor").hidden = !!api.user();
    if (!inIt) return;
    part("role").textContent = isHost() ? "You lead: what you play is heard by everybody here." : "You follow the host.";
    part("take").hidden = isHost();
    part("link").value = link();
    part("title").textContent = (isHost() ? player.current()?.title : track?.title) ?? "Nothing yet";
    part("drift").textContent = off === null ? "" : `In time, within ${Math.max(1, Math.round(Math.abs(off) * 1000))} ms.`;
  };
  repaint();
  show(view, "Listening together");
}

export function startTogether() {
  askWithHeartbeat(() => (party ? { party: { party_id: party.party_id, seq: party.seq } } : {}));
  socket.addEventListener("told", ({ frame: { type, data } }) => type === "party.changed" && party && learn(data.party));
  socket.addEventListener("news", ({ news }) => news.party && party && learn(news.party));
  socket.addEventListener("open", () => party && join(party.party_id).catch(() => {}));
  setInterval(tick, TICK_MS);
  setInterval(() => party && keepTime(1), EXCHANGE_EVERY_MS);
  document.querySelector("#together-start").addEventListener("click", async () => {
    try {
      if (!party) await start();
      location.hash = `#/together/${party.party_id}`;
    } catch (problem) {
      say(problem.message);
    }
  });
}
