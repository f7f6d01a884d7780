// What a signed-in artist sees: a place to drop files, what is on its way, and the tracks.

import { call } from "./api.js";
import { clock, paintCover, say, show, stamp, stampAll } from "./page.js";
import * as player from "./player.js";
import { follow, upload } from "./upload.js";
import { draw, peaks } from "./waveform.js";

const STAGES = {
  draft: "Arriving", uploaded: "In line", scanning: "Checking for malware", transcoding: "Making it ready",
  playable: "Playable, finishing", ready: "Ready", rejected: "Refused", failed: "Failed",
};
const transfers = document.createElement("ul"); // outlives the view: uploads go on while a person looks around
transfers.className = "transfers";
transfers.setAttribute("aria-label", "Uploads");
let rows = new Map();
const watched = new Set(); // ids of tracks whose upload is on the page, so that their rows need not ask too
let under = 0; // uploads whose bytes are leaving

export async function studio() {
  const view = stampAll("studio");
  view.querySelector("[data-transfers]").replaceWith(transfers);
  const list = view.querySelector("[data-tracks]");
  const more = view.querySelector("[data-more]");
  const empty = view.querySelector("[data-empty]");
  watchDrop(view.querySelector("[data-drop]"));
  show(view);
  rows = new Map();
  const note = () => (empty.hidden = list.childElementCount > 0);
  new MutationObserver(note).observe(list, { childList: true });
  const page = async (cursor) => {
    const { items, next_cursor } = await call("GET", `/tracks${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
    for (const track of items) if (!rows.has(track.id)) list.append(row(track));
    more.hidden = !next_cursor;
    more.onclick = () => page(next_cursor).catch((problem) => say(problem.message));
    note();
  };
  await page();
}

// -- uploads --------------------------------------------------------------------------------------------------------

function watchDrop(drop) {
  const input = drop.querySelector("input");
  input.addEventListener("change", () => {
    [...input.files].forEach(start);
    input.value = "";
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragenter" || name === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => [...event.dataTransfer.files].forEach(start));
}

function start(file) {
  const item = stamp("transfer");
  const part = (name) => item.querySelector(`[data-${name}]`);
  part("name").textContent = file.name;
  part("dismiss").onclick = () => item.remove();
  part("resume").onclick = () => run(file, item, part);
  transfers.prepend(item);
  run(file, item, part);
}

async function run(file, item, part) {
  const [bar, problem] = [item.querySelector("progress"), item.querySelector(".problem")];
  const stage = (text, percent) => {
    part("stage").textContent = text;
    if (percent === undefined) bar.removeAttribute("value");
    else bar.value = percent;
  };
  item.classList.remove("broken");
  problem.textContent = "";
  part("resume").hidden = part("dismiss").hidden = true;
  stage("Preparing");
  try {
    under += 1;
    const sending = upload(file, "public", (percent) => stage(`Uploading ${Math.floor(percent)}%`, percent));
    const id = await sending.finally(() => (under -= 1));
    watched.add(id);
    const track = await follow(id, (look) => stage(inWords(look), percentOf(look))).finally(() => watched.delete(id));
    if (track.state !== "ready") return broken(track.state_reason?.message ?? "It did not work, and nobody said why.");
    item.remove();
    say(`${track.title} is ready.`);
  } catch (refusal) {
    const mayResume = refusal.status === 0 || refusal.status >= 500;
    broken(refusal.message, mayResume ? "Interrupted" : "Refused");
    part("resume").hidden = !mayResume;
  }

  function broken(sentence, word = "Refused") {
    item.classList.add("broken");
    part("stage").textContent = word;
    problem.textContent = sentence;
    part("dismiss").hidden = false;
  }
}

/** How far the stage is in which the track is; undefined while nobody knows. */
const percentOf = ({ progress, state }) =>
  progress?.stage === (state === "playable" ? "transcoding" : state) ? progress.percent : undefined;

function inWords(track) {
  refreshRow(track);
  const percent = percentOf(track);
  if (percent === undefined) return STAGES[track.state];
  const rest = track.progress.eta_s ? `, ${clock(track.progress.eta_s)} left` : "";
  return `${STAGES[track.state]} ${percent}%${rest}`;
}

addEventListener("beforeunload", (event) => {
  if (under > 0) event.preventDefault();
});

// -- tracks ---------------------------------------------------------------------------------------------------------

function refreshRow(track) {
  const list = document.querySelector("[data-tracks]");
  if (!list) return;
  const known = rows.get(track.id);
  if (known) known.update(track);
  else list.prepend(row(track));
}

function row(track) {
  const item = stamp("track");
  const part = (name) => item.querySelector(`[data-${name}]`);
  let levels = [];
  const paint = () => {
    const mine = player.current()?.id === track.id;
    item.classList.toggle("playing", player.isPlaying(track.id));
    part("play").setAttribute("aria-label", `${player.isPlaying(track.id) ? "Pause" : "Play"} ${track.title}`);
    draw(part("wave"), levels, mine ? player.position() / player.duration() : 0);
  };
  const update = (newest) => {
    const hadWave = !!track.waveform_url;
    track = newest;
    fill(part, track);
    if (!hadWave || !levels.length) peaks(track).then((loaded) => ((levels = loaded), paint()));
    paint();
  };
  const attempt = (work) => () => work().catch((problem) => say(problem.message));
  const edit = async (change) => update(await call("PATCH", `/tracks/${track.id}`, change));
  part("play").onclick = attempt(() => player.toggle(track));
  part("visibility").onchange = attempt(() => edit({ visibility: part("visibility").value }));
  part("share").onclick = attempt(async () => {
    if (track.visibility === "private") await edit({ visibility: "unlisted" });
    await navigator.clipboard.writeText(`${location.origin}/#/tracks/${track.id}`);
    say("Link copied. Whoever has it can listen, no account needed.");
  });
  part("retry").onclick = attempt(async () => {
    update(await call("POST", `/tracks/${track.id}/retry`));
    await follow(track.id, update);
  });
  part("delete").onclick = attempt(async () => {
    if (!confirm(`Delete “${track.title}”?`)) return;
    await call("DELETE", `/tracks/${track.id}`);
    player.forget(track.id);
    item.remove();
  });
  rows.set(track.id, { update, paint });
  update(track);
  const ended = ["ready", "rejected", "failed"].includes(track.state);
  if (!ended && !watched.has(track.id)) follow(track.id, update).catch(() => {});
  return item;
}

function fill(part, track) {
  const playable = ["playable", "ready"].includes(track.state);
  paintCover(part("play"), track);
  part("play").disabled = !playable;
  part("title").textContent = track.title;
  part("title").href = `#/tracks/${track.id}`;
  part("facts").textContent = facts(track);
  part("facts").dataset.state = track.state;
  part("reason").textContent = track.state_reason?.message ?? "";
  part("visibility").value = track.visibility;
  part("visibility").hidden = ["rejected", "failed"].includes(track.state);
  part("share").hidden = !playable;
  part("wave").hidden = !track.waveform_url;
  part("retry").hidden = track.state !== "failed";
}

/** One line about a track: its length and sound, or how far it is. */
export function facts(track) {
  const percent = percentOf(track);
  if (track.state !== "ready") return percent === undefined ? STAGES[track.state] : `${STAGES[track.state]} ${percent}%`;
  const best = Math.max(0, ...track.renditions.map((rendition) => rendition.average_bandwidth));
  const sound = track.lossless ? "lossless" : `up to ${Math.round(best / 1000)} kbit/s`;
  const loudness = track.loudness ? `${track.loudness.integrated_lufs.toFixed(1).replace("-", "−")} LUFS` : "";
  return [clock(track.duration_ms / 1000), sound, loudness].filter(Boolean).join(" · ");
}

const repaint = () => rows.forEach(({ paint }) => paint());
player.onChange(repaint);
addEventListener("resize", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
