// How a player follows a party's timeline: what it should be at, and what to do about being elsewhere.

export const JUMP_S = 0.35; // further off it is sooner heard to jump than to hurry
const CLOSE_S = 0.008; // nobody hears that
const HURRY = 0.06; // at most so much faster or slower, which keeps the pitch and is hardly noticed
const SETTLE_S = 1.5; // within which the rest is made up for

/** Seconds into the track at `now` (ms of the server's clock); before its beginning where it will begin. */
export const target = (party, now) =>
  (party.position_ms + (party.playing ? Math.max(0, now - party.at) : 0)) / 1000;

/** What to do about a player that is `drift` seconds ahead: jump, or a playback rate. */
export function correction(drift) {
  if (Math.abs(drift) > JUMP_S) return { jump: true, rate: 1 };
  if (Math.abs(drift) < CLOSE_S) return { jump: false, rate: 1 };
  return { jump: false, rate: 1 - Math.max(-HURRY, Math.min(HURRY, drift / SETTLE_S)) };
}
