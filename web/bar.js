// The player at the foot of the page.

import { clock, paintCover, say } from "./page.js";
import * as player from "./player.js";
import { draw, peaks } from "./waveform.js";

const bar = document.querySelector("#player");
const part = (name) => bar.querySelector(`[data-${name}]`);
let levels = [];
let shown = null;

async function load(track) {
  shown = track.id;
  levels = [];
  paintCover(part("cover"), track);
  part("title").textContent = track.title;
  part("title").href = `#/tracks/${track.id}`;
  const loaded = await peaks(track);
  if (shown === track.id) levels = loaded;
  refresh();
}

function refresh() {
  const track = player.current();
  bar.hidden = !track;
  if (!track) return void (shown = null);
  if (track.id !== shown) return void load(track);
  const [at, whole] = [player.position(), player.duration()];
  const playing = player.isPlaying();
  bar.classList.toggle("playing", playing);
  part("toggle").setAttribute("aria-label", playing ? "Pause" : "Play");
  part("clock").textContent = `${clock(at)} / ${clock(whole)}`;
  part("quality").textContent = player.quality();
  part("seek").value = whole ? (1000 * at) / whole : 0;
  part("seek").setAttribute("aria-valuetext", `${clock(at)} of ${clock(whole)}`);
  draw(part("wave"), levels, whole ? at / whole : 0);
}

export function startBar() {
  part("volume").value = player.getVolume();
  part("toggle").addEventListener("click", () => player.toggle().catch((problem) => say(problem.message)));
  part("seek").addEventListener("input", ({ target }) => player.seek((target.value / 1000) * player.duration()));
  part("volume").addEventListener("input", ({ target }) => player.setVolume(Number(target.value)));
  player.onChange(refresh);
  player.onProblem((problem) => say(problem.message));
  addEventListener("resize", refresh);
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, button, a, label");
    if (event.key !== " " || typing || !player.current()) return;
    event.preventDefault();
    player.toggle().catch((problem) => say(problem.message));
  });
}
