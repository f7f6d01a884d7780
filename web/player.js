// One audio element for the whole page: hls.js, or the browser's own HLS; loudness; tickets renewed in time.

import Hls from "./hls.light.min.mjs";
import { call } from "./api.js";

const audio = new Audio();
audio.preload = "auto";
const TOKEN = /\/media\/[^/]+\//;
const changed = new EventTarget();

let track = null;
let ticket = null; // { hls_url, renew_after_s, gain_db, gotAt }
let hls = null;
let renewal = 0;
let amplifier = null; // { context, gain }: only with hls.js, Safari's own HLS plays past WebAudio
let stopped = false; // by hand, not by the page
let loads = []; // segments since they were last asked for: { bytes, took_ms }
let volume = Number(localStorage.getItem("veza.volume") ?? 1);

const tell = () => changed.dispatchEvent(new Event("change"));
for (const name of ["play", "pause", "timeupdate", "ended", "durationchange", "waiting", "playing"]) {
  audio.addEventListener(name, tell);
}

export const onChange = (listener) => changed.addEventListener("change", listener);
export const current = () => track;
export const isPlaying = (id) => track?.id === (id ?? track?.id) && !!track && !audio.paused;
export const getVolume = () => volume;
export const position = () => audio.currentTime;
export const wasStopped = () => stopped;
export const pause = () => audio.pause();
/** How fast it plays, around 1; the pitch stays. */
export const setRate = (rate) => {
  if (audio.playbackRate !== rate) audio.playbackRate = rate;
};
export const duration = () => (track?.duration_ms ? track.duration_ms / 1000 : audio.duration || 0);
/** As far as the track goes, or as far as it is made so far. */
export const seek = (seconds) => {
  const made = audio.seekable.length ? audio.seekable.end(audio.seekable.length - 1) : Infinity;
  audio.currentTime = Math.max(0, Math.min(seconds, duration() - 0.05, made - 0.05));
};

/** What is heard just now, such as "AAC 192 kbit/s" or "FLAC". */
export function quality() {
  const rung = hls?.levels[hls.currentLevel]?.url[0]?.match(/\/(flac|aac-(\d+))\//);
  if (!rung) return "";
  return rung[2] ? `AAC ${rung[2]} kbit/s` : "FLAC, lossless";
}

/** ms that are there to be played without another byte. */
export function buffered() {
  const ranges = [...Array(audio.buffered.length).keys()].map((n) => [audio.buffered.start(n), audio.buffered.end(n)]);
  const [, end] = ranges.find(([from, to]) => from <= audio.currentTime && audio.currentTime <= to) ?? [0, 0];
  return Math.round(Math.max(0, end - audio.currentTime) * 1000);
}

/** How the last segments came, and the rung that is played, as a report takes them. */
export function fetched() {
  const [report, level] = [loads.slice(-20), hls?.levels[hls.currentLevel]];
  loads = [];
  return { bps: level?.bitrate ?? 0, fetched: report };
}

async function newTicket() {
  const answer = await call("POST", `/tracks/${track.id}/stream`);
  ticket = { ...answer, gotAt: Date.now() };
  clearTimeout(renewal);
  renewal = setTimeout(renew, answer.renew_after_s * 1000);
}

/** Whether the ticket is for what was made so far of a track, not yet in every quality. */
const isEarly = () => !!ticket?.hls_url.endsWith("/event.m3u8");

const isStale = () => !ticket || Date.now() - ticket.gotAt > ticket.renew_after_s * 1000;

/** The same address with the token of the newest ticket: renewal needs no reload and makes no gap. */
const withNewestToken = (url) => url.replace(TOKEN, ticket.hls_url.match(TOKEN)[0]);

async function renew() {
  if (audio.paused) return; // the next `play` does it
  await newTicket().catch(() => (renewal = setTimeout(renew, 10_000)));
  if (!hls && !audio.paused) reloadNative();
}

function reloadNative() {
  const [at, playing] = [audio.currentTime, !audio.paused];
  audio.src = ticket.hls_url;
  audio.currentTime = at;
  if (playing) audio.play().catch(tell);
}

function attach(at = 0) {
  hls?.destroy();
  hls = null;
  if (!Hls.isSupported()) {
    audio.src = ticket.hls_url;
    audio.currentTime = at;
    return;
  }
  const xhrSetup = (xhr, url) => xhr.open("GET", withNewestToken(url), true);
  hls = new Hls({ maxBufferLength: 60, startPosition: at, xhrSetup });
  hls.on(Hls.Events.LEVEL_SWITCHED, tell);
  hls.on(Hls.Events.FRAG_LOADED, (_, { frag: { stats } }) => {
    const took_ms = Math.round(stats.loading.end - stats.loading.start);
    if (stats.total && took_ms > 0) loads.push({ bytes: stats.total, took_ms });
  });
  hls.on(Hls.Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.NETWORK_ERROR) newTicket().then(() => hls?.startLoad(), fail);
    else if (type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else fail(new Error("This track can't be played here."));
  });
  hls.loadSource(ticket.hls_url);
  hls.attachMedia(audio);
}

function fail(problem) {
  changed.dispatchEvent(Object.assign(new Event("problem"), { problem }));
}
export const onProblem = (listener) => changed.addEventListener("problem", ({ problem }) => listener(problem));

/** Volume of the listener times the track's own gain. */
function balance() {
  const gain = 10 ** ((ticket?.gain_db ?? 0) / 20);
  if (hls && !amplifier) {
    const context = new AudioContext();
    amplifier = { context, gain: context.createGain() };
    context.createMediaElementSource(audio).connect(amplifier.gain).connect(context.destination);
  }
  if (amplifier) amplifier.gain.gain.value = gain;
  audio.volume = amplifier ? volume : Math.min(1, volume * gain);
  return amplifier?.context.resume();
}

export function setVolume(value) {
  volume = value;
  localStorage.setItem("veza.volume", String(value));
  if (track) balance();
}

/** Plays `wanted`, or pauses it if it is playing. Throws Problem. */
export async function toggle(wanted = track) {
  stopped = isPlaying(wanted.id);
  if (stopped) audio.pause();
  else await play(wanted);
}

/** Plays `wanted`, another track from `at` (seconds) on. Throws Problem. */
export async function play(wanted = track, at = 0) {
  const isOther = wanted.id !== track?.id;
  if (isOther) audio.pause();
  track = wanted;
  const wasEarly = !isOther && isEarly();
  if (isOther || wasEarly || isStale()) {
    await newTicket();
    if (isOther) attach(at);
    else if (wasEarly && !isEarly()) attach(audio.currentTime);
    else if (!hls) reloadNative();
  }
  announce();
  await balance();
  await audio.play();
}

/** Stops if `id` is what is loaded (it was deleted, or its owner signed out). */
export function forget(id) {
  if (id && track?.id !== id) return;
  audio.pause();
  hls?.destroy();
  audio.removeAttribute("src");
  clearTimeout(renewal);
  [hls, track, ticket] = [null, null, null];
  tell();
}

/** Keys and lock screens: the title there, and their buttons here. */
function announce() {
  const media = navigator.mediaSession;
  if (!media) return;
  const artwork = track.cover_url ? [{ src: track.cover_url, type: "image/jpeg" }] : [];
  media.metadata = new MediaMetadata({ title: track.title, artist: track.tags?.artist ?? "", artwork });
  media.setActionHandler("play", () => toggle());
  media.setActionHandler("pause", () => toggle());
  media.setActionHandler("seekto", ({ seekTime }) => seek(seekTime));
}
