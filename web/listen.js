// One track by its link, for anybody.

import { call } from "./api.js";
import { paintCover, say, show, stamp } from "./page.js";
import * as player from "./player.js";
import { facts } from "./studio.js";
import { draw, peaks } from "./waveform.js";

let repaint = () => {};
player.onChange(() => repaint());
addEventListener("resize", () => repaint());

export async function listen(trackId) {
  const track = await call("GET", `/tracks/${encodeURIComponent(trackId)}`);
  const view = stamp("listen");
  const part = (name) => view.querySelector(`[data-${name}]`);
  paintCover(part("cover"), track);
  part("title").textContent = track.title;
  part("artist").textContent = track.tags?.artist ?? "";
  part("facts").textContent = [facts(track), track.tags?.album, track.tags?.date].filter(Boolean).join(" · ");
  const play = part("play");
  play.disabled = !["playable", "ready"].includes(track.state);
  play.onclick = () => player.toggle(track).catch((problem) => say(problem.message));
  show(view, track.title);
  const levels = await peaks(track);
  repaint = () => {
    const mine = player.current()?.id === track.id;
    play.textContent = player.isPlaying(track.id) ? "Pause" : "Play";
    draw(part("wave"), levels, mine ? player.position() / player.duration() : 0);
  };
  part("wave").onclick = async ({ offsetX, target }) => {
    if (player.current()?.id !== track.id) await player.toggle(track).catch((problem) => say(problem.message));
    player.seek((offsetX / target.clientWidth) * player.duration());
  };
  repaint();
}
